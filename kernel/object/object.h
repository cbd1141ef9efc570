/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What holds for all object types: deriving, masking and finalising capabilities, making objects,
 * dispatching invocations; and the entry points of the types without a header of their own.
 */
#ifndef KERNEL_OBJECT_OBJECT_H
#define KERNEL_OBJECT_OBJECT_H

#include "kernel/hart.h"

/* A copy of `cap`, held in `slot`, may become `*copy` (null: not at all). OK or ERROR. */
status_t cap_derive(slot_t *slot, cap_t cap, cap_t *copy);
cap_t cap_mask_rights(cap_t cap, word_t rights);
/* New badge (endpoint, notification) or guard (CNode); `preserve` refuses badges. May be null. */
cap_t cap_update(cap_t cap, bool preserve, word_t data);
bool cap_same_region(cap_t a, cap_t b);
bool cap_same_object(cap_t a, cap_t b);
/* Will `derived`, made from `from`, be able to have children of its own? */
bool cap_revocable(cap_t derived, cap_t from);
bool cap_is_physical(cap_t cap);
word_t cap_object(cap_t cap);    /* address of the object, 0 if none */
word_t cap_size_bits(cap_t cap); /* log2 of its size, 0 if none */
/* The same of what a zombie was. */
word_t cap_zombie_size_bits(cap_t cap);

typedef struct {
    cap_t remainder; /* what stays in the slot: null or a zombie */
    cap_t cleanup;   /* irq_handler to be released after the slot is empty, or null */
} finalise_t;
/* The capability is being deleted; `final`: its object goes with it. */
finalise_t cap_finalise(cap_t cap, bool final, bool exposed);

/* log2 of an object's size; `user_size` for types whose size the user chooses. */
word_t object_size_bits(word_t type, word_t user_size);
/* Makes `count` objects of `type` in cleared memory at `base` and puts their capabilities into
 * the slots from `dest` on, as children of `parent`. */
void object_create(word_t type, slot_t *parent, slot_t *dest, word_t count, void *base,
                   word_t user_size, bool device);

/* Invocation by type. The capability was found in `slot`; `length` words of arguments follow;
 * `call`: the invoker waits for an answer. `blocking`: it may block (endpoints). */
status_t object_invoke(word_t label, word_t length, cptr_t cptr, slot_t *slot, cap_t cap,
                       bool blocking, bool call);

status_t untyped_invoke(slot_t *slot, cap_t cap, word_t label, word_t length);
status_t cnode_invoke(cap_t cap, word_t label, word_t length);
status_t irq_control_invoke(slot_t *slot, word_t label, word_t length);
status_t irq_handler_invoke(cap_t cap, word_t label);
status_t domain_invoke(word_t label, word_t length);

/* An answer of message words to the invocation at hand; only for calls. */
void invoke_answer(const word_t *words, word_t count);

/* Long operations look for interrupts every hundred units of work: OK or PREEMPTED. */
status_t preemption_point(void);

#endif
