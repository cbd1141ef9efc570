/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic kernel has no objects of its own; its reply capabilities name the caller. */
#ifndef KERNEL_CLASSIC_OWN_H
#define KERNEL_CLASSIC_OWN_H

#include "abi/sel4/invocation.h"
#include "kernel/ipc/reply.h"

#define OWN_CNODE_LABEL CNodeSaveCaller
#define OWN_CNODE_LABELS_END (CNodeSaveCaller + 1)

ALWAYS_INLINE bool own_not_in_ring(cap_t cap, word_t label)
{
    return cap_is(cap, CAP_CNODE) && label == CNodeSaveCaller;
}
ALWAYS_INLINE bool own_copies_replies(void)
{
    return false;
}
ALWAYS_INLINE bool own_is_physical(cap_t cap)
{
    (void)cap;
    return false;
}
ALWAYS_INLINE word_t own_size_bits(cap_t cap)
{
    (void)cap;
    return 0;
}
ALWAYS_INLINE bool own_same_region(cap_t a, cap_t b)
{
    (void)a;
    (void)b;
    return false;
}
ALWAYS_INLINE void own_finalise(cap_t cap, bool final)
{
    (void)cap;
    (void) final;
}

ALWAYS_INLINE word_t own_object_bits(word_t type, word_t user_size)
{
    (void)type;
    (void)user_size;
    return 0;
}
ALWAYS_INLINE status_t own_check_size(word_t type, word_t user_size)
{
    (void)type;
    (void)user_size;
    return OK;
}
ALWAYS_INLINE cap_t own_create(word_t type, void *object, word_t user_size)
{
    (void)type;
    (void)object;
    (void)user_size;
    return cap_null();
}

ALWAYS_INLINE status_t own_may_invoke(cap_t cap)
{
    (void)cap;
    return OK;
}
ALWAYS_INLINE status_t own_invoke_reply(slot_t *slot, cap_t cap)
{
    if (cap_reply_master(cap))
        return fail_cap(0, REASON(STALE));
    reply_transfer(hart->current, cap_ptr(cap), slot, cap_reply_grant(cap));
    return OK;
}
ALWAYS_INLINE status_t own_invoke(cap_t cap, word_t label, word_t length)
{
    (void)cap;
    (void)label;
    (void)length;
    return fail_cap(0, REASON(STALE));
}

#endif
