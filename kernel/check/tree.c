/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A derivation list, from its head. Retyping puts each object directly behind its Untyped, at
 * rising addresses, and what is derived stays directly behind its origin. So, as long as nothing
 * was unlinked that should not have been, what follows a capability lies either within its memory
 * or entirely below it, and that alone rules out overlap within the list. Lists against each
 * other, and against memory that Untypeds have free, are checked by the index.
 */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/arch/riscv/vspace.h"
#include "kernel/object/object.h"

typedef struct {
    paddr_t start, end;
} range_t;

/* The Untypeds around the current place in the list, each smaller than the one before it. */
#define MAX_NESTING (seL4_MaxUntypedBits + 2)
typedef struct {
    struct {
        range_t all;
        paddr_t used; /* end of what may be used */
        const slot_t *slot;
    } around[MAX_NESTING];
    unsigned depth;
    const slot_t *last; /* the last one that has memory */
} walk_t;

static range_t range_of(cap_t cap)
{
    paddr_t start = virt_to_phys((const void *)cap_object(cap));
    return (range_t){start, start + BIT(cap_size_bits(cap))};
}

static bool within(range_t inner, range_t outer)
{
    return inner.start >= outer.start && inner.end <= outer.end;
}

static void check_order(const slot_t *last, const slot_t *s)
{
    range_t before = range_of(last->cap), here = range_of(s->cap);
    if (here.end <= before.start)
        return;
    INVARIANT(within(here, before),
              "%s in slot %p, physical 0x%lx, follows %s in slot %p, 0x%lx: overlaps or is above",
              check_type_name(cap_type(s->cap)), (const void *)s, here.start,
              check_type_name(cap_type(last->cap)), (const void *)last, before.start);
    INVARIANT(cap_is(last->cap, CAP_UNTYPED) || cap_same_object(last->cap, s->cap),
              "%s in slot %p shares memory with %s in slot %p, at physical 0x%lx",
              check_type_name(cap_type(s->cap)), (const void *)s,
              check_type_name(cap_type(last->cap)), (const void *)last, here.start);
}

static void enter_untyped(walk_t *w, const slot_t *s)
{
    range_t all = range_of(s->cap);
    word_t used = s->cap.w1 << seL4_MinUntypedBits;
    INVARIANT(used <= all.end - all.start, "Untyped in slot %p uses %lu bytes of its %lu",
              (const void *)s, used, all.end - all.start);
    /* Without children it is as good as new, whatever was made of it. */
    if (!slot_has_child(s))
        used = 0;
    if (all.start + used < all.end)
        index_add(CAP_UNTYPED, all.start + used, all.end);
    if (!w->depth)
        index_add_known(all.start, all.end);
    /* A copy takes its original's place. */
    if (w->depth &&
        w->around[w->depth - 1].all.end - w->around[w->depth - 1].all.start == all.end - all.start)
        w->depth--;
    w->around[w->depth].all = all;
    w->around[w->depth].used = all.start + used;
    w->around[w->depth++].slot = s;
}

static void visit_memory(walk_t *w, const slot_t *s)
{
    range_t here = range_of(s->cap);
    INVARIANT(IS_ALIGNED(here.start, cap_size_bits(s->cap)),
              "%s in slot %p at physical 0x%lx is not aligned to its size",
              check_type_name(cap_type(s->cap)), (const void *)s, here.start);
    if (w->last)
        check_order(w->last, s);
    while (w->depth && !within(here, w->around[w->depth - 1].all))
        w->depth--;
    if (w->depth)
        INVARIANT(here.end <= w->around[w->depth - 1].used,
                  "%s in slot %p, physical 0x%lx: free from 0x%lx on, says Untyped in slot %p",
                  check_type_name(cap_type(s->cap)), (const void *)s, here.start,
                  w->around[w->depth - 1].used, (const void *)w->around[w->depth - 1].slot);
    if (cap_is(s->cap, CAP_UNTYPED))
        enter_untyped(w, s);
    else if (!w->last || !cap_same_object(w->last->cap, s->cap))
        index_add(cap_is(s->cap, CAP_REGISTRATION) ? CAP_NOTIFICATION : cap_type(s->cap),
                  here.start, here.end);
    w->last = s;
}

/* Ends: each slot is checked to follow the one it was reached from, and the head follows none. */
word_t check_tree(const slot_t *head)
{
    walk_t w = {.depth = 0};
    word_t count = 0;
    const slot_t *prev = NULL;
    for (const slot_t *s = head; s; prev = s, s = slot_next(s), count++) {
        INVARIANT(check_pointer(s, SLOT_ALIGN_BITS, sizeof *s) && slot_prev(s) == prev &&
                      !slot_empty(s),
                  "slot %p, which follows %p in the derivation list, does not belong there",
                  (const void *)s, (const void *)prev);
        INVARIANT(check_type_name(cap_type(s->cap)), "slot %p holds no type of capability (%d)",
                  (const void *)s, cap_type(s->cap));
        if (cap_is_physical(s->cap))
            visit_memory(&w, s);
        slots_add_of(s->cap);
    }
    return count;
}

#endif
