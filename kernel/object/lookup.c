/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/object/lookup.h"

#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

__attribute__((noinline, cold)) static resolved_t lookup_failed(cptr_t cptr, word_t type,
                                                                word_t bits_left, word_t found,
                                                                word_t guard)
{
    hart->lookup = (lookup_failure_t){.type = type,
                                      .bits_left = bits_left & MASK(7),
                                      .bits_found = found & MASK(7),
                                      .guard = guard};
    TRACE(fault_lookup, type, bits_left & MASK(7), cptr, found, guard);
    (void)cptr;
    return (resolved_t){NULL, bits_left};
}

resolved_t cspace_resolve(cap_t root, cptr_t cptr, word_t bits)
{
    if (UNLIKELY(!cap_is(root, CAP_CNODE)))
        return lookup_failed(cptr, seL4_InvalidRoot, 0, 0, 0);
    for (;;) {
        word_t radix = cap_cnode_radix(root), guard_size = cap_cnode_guard_size(root);
        word_t guard = cap_cnode_guard(root);
        /* A shift by 64 would be no shift at all. */
        word_t found = guard_size ? cptr << (WORD_BITS - bits) >> (WORD_BITS - guard_size) : 0;
        if (UNLIKELY(guard_size > bits || found != guard))
            return lookup_failed(cptr, seL4_GuardMismatch, bits, guard_size, guard);
        word_t level = radix + guard_size;
        if (UNLIKELY(level > bits))
            return lookup_failed(cptr, seL4_DepthMismatch, bits, level, 0);
        slot_t *slot = (slot_t *)cap_ptr(root) + ((cptr >> (bits - level)) & MASK(radix));
        bits -= level;
        /* A level that resolves nothing would go on for ever. */
        if (bits == 0 || level == 0 || !cap_is(slot->cap, CAP_CNODE))
            return (resolved_t){slot, bits};
        root = slot->cap;
    }
}

slot_t *cspace_lookup(const tcb_t *t, cptr_t cptr)
{
    return cspace_resolve(t->slots[TCB_SLOT_CSPACE].cap, cptr, WORD_BITS).slot;
}

status_t cspace_lookup_op(bool is_source, cap_t root, cptr_t index, word_t depth, slot_t **slot)
{
    word_t reason = is_source ? REASON(LOOKUP_SOURCE) : REASON(LOOKUP_DEST);
    if (!cap_is(root, CAP_CNODE)) {
        hart->lookup = (lookup_failure_t){.type = seL4_InvalidRoot};
        return fail_lookup(is_source, REASON(LOOKUP_ROOT));
    }
    if (depth < 1 || depth > WORD_BITS)
        return fail_range(1, WORD_BITS, REASON(CNODE_DEPTH));
    resolved_t found = cspace_resolve(root, index, depth);
    if (!found.slot)
        return fail_lookup(is_source, reason);
    if (found.bits_left != 0) {
        lookup_failed(index, seL4_DepthMismatch, found.bits_left, 0, 0);
        return fail_lookup(is_source, reason);
    }
    *slot = found.slot;
    return OK;
}
