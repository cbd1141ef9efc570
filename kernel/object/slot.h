/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slot holds a capability and its place in the derivation tree. The tree is kept as a list
 * through all slots, each capability directly followed by what was derived from it; whether the
 * next one is a child is decided by the two capabilities and the two flags (derivation.c).
 */
#ifndef KERNEL_OBJECT_SLOT_H
#define KERNEL_OBJECT_SLOT_H

#include "kernel/object/cap.h"

typedef struct slot {
    cap_t cap;
    word_t prev; /* slot address, 0 at the list's end */
    word_t next; /* slot address | SLOT_* */
} slot_t;

_Static_assert(sizeof(slot_t) == 32, "slot size is part of the ABI");

enum {
    SLOT_REVOCABLE = 1,    /* may have children */
    SLOT_FIRST_BADGED = 2, /* first of its badge: not a sibling's child */
    SLOT_FLAGS = 3,
};

ALWAYS_INLINE slot_t *slot_next(const slot_t *s)
{
    return (slot_t *)(s->next & ~(word_t)SLOT_FLAGS);
}
ALWAYS_INLINE slot_t *slot_prev(const slot_t *s)
{
    return (slot_t *)s->prev;
}
ALWAYS_INLINE void slot_set_next(slot_t *s, const slot_t *next)
{
    s->next = (s->next & SLOT_FLAGS) | (word_t)next;
}
ALWAYS_INLINE bool slot_empty(const slot_t *s)
{
    return cap_is(s->cap, CAP_NULL);
}

/* derivation.c: the tree. Slots given as `to` must be empty. */

/* Puts `cap`, derived from the one in `from`, into `to`, behind `from`. */
void slot_insert(slot_t *from, slot_t *to, cap_t cap);
/* Puts an object's first capability into `to`, a child of `parent` (an Untyped or control). */
void slot_insert_original(slot_t *parent, slot_t *to, cap_t cap);
/* Puts a registration with the notification capability in `owner` into `to`, directly before
 * `owner` in the list: what was registered with a capability is the run that precedes it. */
void slot_insert_registration(slot_t *owner, slot_t *to, cap_t cap);
/* Moves the capability in `from`, changed to `cap`, to `to`, keeping its place in the tree. */
void slot_move(slot_t *from, slot_t *to, cap_t cap);
/* Exchanges two slots, which get the capabilities `cap_a` and `cap_b`; either may be empty. */
void slot_swap(slot_t *a, cap_t cap_b, slot_t *b, cap_t cap_a);
/* Takes an occupied slot out of the tree and empties it; its children become its parent's. */
void slot_remove(slot_t *s);
/* Is what follows `s` in the list derived from it? */
bool slot_has_child(const slot_t *s);
/* Is the capability in `s` the only one to its object? */
bool slot_is_final(const slot_t *s);
/* slot_is_final for types whose deletion ends an object; true for those without an object. */
bool slot_is_last_long_running(const slot_t *s);
/* OK, or ERROR(RevokeFirst) when the slot's capability has children. */
status_t slot_ensure_no_children(const slot_t *s);
/* OK, or ERROR(DeleteFirst) when the slot is not empty. */
status_t slot_ensure_empty(const slot_t *s);

/* delete.c: both may be PREEMPTED, and are then called again with the same slot. */
status_t slot_delete(slot_t *s);
status_t slot_revoke(slot_t *s);
/* Deletes a capability of which it is known that nothing long can follow. */
void slot_delete_simple(slot_t *s);

#endif
