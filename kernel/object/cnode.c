/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of CNodes: copying, moving, deleting capabilities between slots. */
#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/lookup.h"
#include "kernel/object/own.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

__attribute__((noinline, cold)) static void trace_made(unsigned op, const slot_t *dest,
                                                       const slot_t *source)
{
    TRACE(cap_make, op, cap_type(dest->cap), TRACE_REF(dest), TRACE_REF(source),
          TRACE_REF(cap_object(dest->cap)), dest->cap.w1);
    (void)op;
    (void)dest;
    (void)source;
}

ALWAYS_INLINE void note(unsigned op, const slot_t *dest, const slot_t *source)
{
    if (TRACE_ON(cap_make))
        trace_made(op, dest, source);
}

/* Copy, Mint, Move, Mutate: the capability that shall arrive, or null if it cannot. */
static status_t make_copy(word_t label, word_t length, slot_t *source, cap_t *result)
{
    cap_t cap = source->cap;
    switch (label) {
    case CNodeCopy:
        if (length < 5)
            return fail_truncated();
        return cap_derive(source, cap_mask_rights(cap, syscall_arg(4)), result);
    case CNodeMint:
        if (length < 6)
            return fail_truncated();
        cap = cap_update(cap_mask_rights(cap, syscall_arg(4)), false, syscall_arg(5));
        return cap_derive(source, cap, result);
    case CNodeMutate:
        if (length < 5)
            return fail_truncated();
        *result = cap_update(cap, true, syscall_arg(4));
        return OK;
    default: *result = cap; return OK;
    }
}

static status_t transfer(word_t label, word_t length, slot_t *dest)
{
    if (length < 4 || !hart->extra[0])
        return fail_truncated();
    cap_t root = hart->extra[0]->cap;
    slot_t *source;
    word_t depth = syscall_arg(3);
    status_t status = slot_ensure_empty(dest);
    if (status == OK)
        status = cspace_lookup_op(true, root, syscall_arg(2), depth, &source);
    if (status != OK)
        return status;
    if (slot_empty(source))
        return fail_missing(true, depth, REASON(SOURCE_EMPTY));
    cap_t cap;
    status = make_copy(label, length, source, &cap);
    if (status != OK)
        return status;
    if (cap_is(cap, CAP_NULL))
        return fail_illegal(cap_is(source->cap, CAP_ENDPOINT) ||
                                    cap_is(source->cap, CAP_NOTIFICATION) ||
                                    cap_is(source->cap, CAP_CNODE)
                                ? REASON(CANNOT_BADGE)
                                : REASON(CANNOT_DERIVE));
    if (label == CNodeCopy || label == CNodeMint) {
        slot_insert(source, dest, cap);
        note(label == CNodeCopy ? TRACE_CAP_OP_COPY : TRACE_CAP_OP_MINT, dest, source);
    } else {
        slot_move(source, dest, cap);
        note(label == CNodeMove ? TRACE_CAP_OP_MOVE : TRACE_CAP_OP_MUTATE, dest, source);
    }
    return OK;
}

static status_t rotate(word_t length, slot_t *dest)
{
    if (length < 8 || !hart->extra[0] || !hart->extra[1])
        return fail_truncated();
    word_t pivot_data = syscall_arg(2), source_data = syscall_arg(5);
    word_t pivot_depth = syscall_arg(4), source_depth = syscall_arg(7);
    slot_t *source, *pivot;
    status_t status =
        cspace_lookup_op(true, hart->extra[1]->cap, syscall_arg(6), source_depth, &source);
    if (status == OK)
        status = cspace_lookup_op(true, hart->extra[0]->cap, syscall_arg(3), pivot_depth, &pivot);
    if (status != OK)
        return status;
    if (pivot == source || pivot == dest)
        return fail_illegal(REASON(SRC_DST_SAME));
    if (source != dest && (status = slot_ensure_empty(dest)) != OK)
        return status;
    if (slot_empty(source))
        return fail_missing(true, source_depth, REASON(SOURCE_EMPTY));
    if (slot_empty(pivot))
        return fail_missing(false, pivot_depth, REASON(SOURCE_EMPTY));
    cap_t source_cap = cap_update(source->cap, true, source_data);
    if (cap_is(source_cap, CAP_NULL))
        return fail_illegal(REASON(CANNOT_BADGE));
    cap_t pivot_cap = cap_update(pivot->cap, true, pivot_data);
    if (cap_is(pivot_cap, CAP_NULL))
        return fail_illegal(REASON(CANNOT_BADGE));
    if (source == dest) {
        slot_swap(source, pivot_cap, pivot, source_cap);
        note(TRACE_CAP_OP_ROTATE, source, pivot);
    } else {
        slot_move(pivot, dest, pivot_cap);
        slot_move(source, pivot, source_cap);
        note(TRACE_CAP_OP_ROTATE, dest, pivot);
    }
    note(TRACE_CAP_OP_ROTATE, pivot, source);
    return OK;
}

static status_t cancel_badged_sends(cap_t cap)
{
    if (!cap_is(cap, CAP_ENDPOINT) || cap_rights(cap) != RIGHTS_ALL)
        return fail_illegal(REASON(RIGHTS_SEND));
    if (cap_badge(cap) == 0)
        return OK;
    return ep_cancel_badged(cap_ptr(cap), cap_badge(cap));
}

status_t cnode_invoke(cap_t cap, word_t label, word_t length)
{
    if (label < CNodeRevoke || label >= OWN_CNODE_LABELS_END)
        return fail_illegal(REASON(UNKNOWN_LABEL));
    if (length < 2)
        return fail_truncated();
    slot_t *dest;
    status_t status = cspace_lookup_op(false, cap, syscall_arg(0), syscall_arg(1), &dest);
    if (status != OK)
        return status;
    switch (label) {
    case CNodeRevoke: return slot_revoke(dest);
    case CNodeDelete: return slot_delete(dest);
    case CNodeCancelBadgedSends: return cancel_badged_sends(dest->cap);
    case CNodeRotate: return rotate(length, dest);
    case OWN_CNODE_LABEL: return own_cnode_invoke(dest);
    default: return transfer(label, length, dest);
    }
}
