/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receivers of user interrupts. Entry i of the UINTC belongs to receivers[i]: one notification
 * and one thread. Such a notification is in state NTFN_UINTR: its head carries the entry's number,
 * `bound` the thread; what is signalled becomes pending in the entry, and only the receiver may
 * wait on it. (The thread's own `bound` is another matter, for endpoints.)
 */
#ifndef KERNEL_UINTR_RECEIVER_H
#define KERNEL_UINTR_RECEIVER_H

#include "kernel/object/notification.h"
#include "kernel/uintr/uintc.h"

#define NO_RECEIVER UINTC_ENTRIES

typedef struct {
    tcb_t *tcb; /* NULL: the entry is free */
    notification_t *ntfn;
    slot_t *senders;    /* registrations of senders, linked by table.c */
    unsigned next_free; /* of a free entry; NO_RECEIVER: the last */
} receiver_t;

extern receiver_t receivers[UINTC_ENTRIES];

ALWAYS_INLINE unsigned ntfn_entry(const notification_t *n)
{
    return (unsigned)(n->head >> 2);
}
/* Does `t` wait on the notification that it receives user interrupts of? */
ALWAYS_INLINE bool receiver_waits(const tcb_t *t)
{
    return t->state == THREAD_BLOCKED_NTFN &&
           ntfn_state((const notification_t *)t->blocked_on) == NTFN_UINTR;
}

/* Boot. */
void receiver_init(void);
/* For the checker: how many entries are in the list of free ones, receivers in that of waiting. */
word_t receivers_free(void);
word_t receivers_waiting(void);

/* Makes `t` the receiver of `owner`'s notification. Both are free to be so. OK or ERROR. */
status_t receiver_register(tcb_t *t, slot_t *owner);
/* The registration in `t`'s slot ends; no sender is registered any more. */
void receiver_end(cap_t cap);

/* The kernel posts `vector` to n's receiver; n is in state NTFN_UINTR. `source` is an enum
 * trace_uintr_source. What is no vector is dropped. */
void uintr_post(notification_t *n, word_t vector, unsigned source);
/* `t`, which runs, takes its pending vectors as a bit mask in a0; waits for some if `blocking`. */
void receiver_wait(tcb_t *t, notification_t *n, bool blocking);
/* `t` gives up its wait; its state is the caller's to change. */
void receiver_unwait(tcb_t *t);

/* Wakes the receiver if it waits and something is pending. */
void receiver_wake(unsigned entry);
/* The same for all that wait: at a supervisor software interrupt, or each tick without those. */
void receiver_wake_all(void);
/* Emulation: the entry, which is active, interrupts its receiver, which runs. */
void receiver_interrupt(unsigned entry);

#endif
