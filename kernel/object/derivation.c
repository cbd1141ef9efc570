/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The derivation tree as a list. Invariant: the descendants of a capability directly follow it;
 * a slot's next is its descendant exactly if is_parent(slot, next).
 */
#include "kernel/object/object.h"
#include "kernel/object/slot.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

static void link_behind(slot_t *before, slot_t *to, word_t flags)
{
    slot_t *after = slot_next(before);
    to->prev = (word_t)before;
    to->next = (word_t)after | flags;
    slot_set_next(before, to);
    if (after)
        after->prev = (word_t)to;
}

/* Makes the neighbours of `s` point at it. */
static void relink(slot_t *s)
{
    if (slot_prev(s))
        slot_set_next(slot_prev(s), s);
    if (slot_next(s))
        slot_next(s)->prev = (word_t)s;
}

static word_t tree_badge(cap_t cap)
{
    return cap_is(cap, CAP_REGISTRATION) ? cap_registration_badge(cap) : cap_badge(cap);
}

static bool is_parent(const slot_t *a, const slot_t *b)
{
    if (!(a->next & SLOT_REVOCABLE) || !cap_same_region(a->cap, b->cap))
        return false;
    if (cap_is(a->cap, CAP_ENDPOINT) || cap_is(a->cap, CAP_NOTIFICATION)) {
        word_t badge = cap_badge(a->cap);
        return badge == 0 || (badge == tree_badge(b->cap) && !(b->next & SLOT_FIRST_BADGED));
    }
    return true;
}

void slot_insert(slot_t *from, slot_t *to, cap_t cap)
{
    KASSERT(slot_empty(to));
    word_t flags = cap_revocable(cap, from->cap) ? SLOT_REVOCABLE | SLOT_FIRST_BADGED : 0;
    /* A copied Untyped hands its memory to the copy. */
    if (cap_is(from->cap, CAP_UNTYPED) && cap_is(cap, CAP_UNTYPED) &&
        cap_ptr(from->cap) == cap_ptr(cap) && cap_untyped_bits(from->cap) == cap_untyped_bits(cap))
        from->cap.w1 = BIT(cap_untyped_bits(cap) - seL4_MinUntypedBits);
    to->cap = cap;
    link_behind(from, to, flags);
}

void slot_insert_original(slot_t *parent, slot_t *to, cap_t cap)
{
    KASSERT(slot_empty(to));
    to->cap = cap;
    link_behind(parent, to, SLOT_REVOCABLE | SLOT_FIRST_BADGED);
}

/* As the owner's sibling to whoever the owner's parent is: the same badge, the same flag. */
void slot_insert_registration(slot_t *owner, slot_t *to, cap_t cap)
{
    KASSERT(slot_empty(to) && cap_is(owner->cap, CAP_NOTIFICATION));
    slot_t *before = slot_prev(owner);
    to->cap = cap;
    to->prev = (word_t)before;
    to->next = (word_t)owner | (owner->next & SLOT_FIRST_BADGED);
    relink(to);
}

void slot_move(slot_t *from, slot_t *to, cap_t cap)
{
    KASSERT(slot_empty(to) && from != to);
    to->cap = cap;
    to->prev = from->prev;
    to->next = from->next;
    from->cap = cap_null();
    from->prev = 0;
    from->next = 0;
    relink(to);
}

/* Who points at `from` shall point at `to` instead. */
static void redirect(const slot_t *from, slot_t *to)
{
    if (slot_prev(from))
        slot_set_next(slot_prev(from), to);
    if (slot_next(from))
        slot_next(from)->prev = (word_t)to;
}

void slot_swap(slot_t *a, cap_t cap_b, slot_t *b, cap_t cap_a)
{
    KASSERT(a != b);
    /* By way of a third slot, so that neighbours in the list need no case of their own. */
    slot_t spare = {.prev = a->prev, .next = a->next};
    redirect(a, &spare);
    a->prev = b->prev;
    a->next = b->next;
    redirect(b, a);
    b->prev = spare.prev;
    b->next = spare.next;
    redirect(&spare, b);
    a->cap = cap_b;
    b->cap = cap_a;
}

void slot_remove(slot_t *s)
{
    slot_t *prev = slot_prev(s), *next = slot_next(s);
    if (prev)
        slot_set_next(prev, next);
    if (next) {
        next->prev = (word_t)prev;
        next->next |= s->next & SLOT_FIRST_BADGED;
    }
    s->cap = cap_null();
    s->prev = 0;
    s->next = 0;
}

bool slot_has_child(const slot_t *s)
{
    return slot_next(s) && is_parent(s, slot_next(s));
}

bool slot_is_final(const slot_t *s)
{
    const slot_t *prev = slot_prev(s), *next = slot_next(s);
    if (prev && cap_same_object(prev->cap, s->cap))
        return false;
    return !next || !cap_same_object(s->cap, next->cap);
}

bool slot_is_last_long_running(const slot_t *s)
{
    switch (cap_type(s->cap)) {
    case CAP_TCB:
    case CAP_ZOMBIE:
    case CAP_CNODE: return slot_is_final(s);
    default: return false;
    }
}

status_t slot_ensure_no_children(const slot_t *s)
{
    return slot_has_child(s) ? fail(seL4_RevokeFirst, REASON(REVOKE_FIRST)) : OK;
}

status_t slot_ensure_empty(const slot_t *s)
{
    return slot_empty(s) ? OK : fail(seL4_DeleteFirst, REASON(DEST_OCCUPIED));
}
