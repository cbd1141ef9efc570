/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sender tables: objects that say what `uipi send` may send to. At the start are the entries
 * that the hart reads (8 bytes each, whole pages); behind them, for the kernel alone, the slots
 * of the registrations behind the entries. An index is used for the first time in ascending
 * order, and again when all others have been, longest free first.
 */
#ifndef KERNEL_UINTR_TABLE_H
#define KERNEL_UINTR_TABLE_H

#include "kernel/object/tcb.h"

/* Binds the table in `from` to `t`, or unbinds what it has if `from` is NULL. OK or ERROR. */
status_t sender_table_bind(tcb_t *t, slot_t *from);
/* A capability goes: `final` makes a zombie of the table; a thread's own is unbound. */
cap_t sender_table_finalise(cap_t cap, bool final);

/* Registers the capability in `owner`, to a notification that has a receiver, with its badge
 * (0..63) as the vector: *index is what to send by. OK or ERROR (the table is full). */
status_t sender_register(cap_t table, slot_t *owner, word_t *index);
/* The registration's index sends nothing any more, from now on, and may be used again. */
void sender_end(cap_t cap);
/* The registration at this index, NULL: there is none. */
slot_t *sender_at(cap_t table, word_t index);
/* How many indices the table has. */
word_t sender_table_count(cap_t table);
/* For the checker: the slots of a table or its zombie, *count of them; does the registration in
 * `slot` lie where its entry says, and is that one valid? How many are in a receiver's list, linked
 * both ways? */
slot_t *sender_table_slots(cap_t table, word_t *count);
bool sender_is_valid(const slot_t *slot);
word_t senders_of(unsigned receiver);

/* suist for a thread whose slot TCB_SLOT_SENDERS holds this. */
word_t sender_table_suist(cap_t table);
/* Emulated uipi send of the current thread. */
void sender_emulate(const tcb_t *t, word_t index);

status_t sender_table_invoke(cap_t cap, word_t label, word_t length);

#endif
