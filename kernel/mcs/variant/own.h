/* SPDX-License-Identifier: GPL-2.0-only */
/* Scheduling contexts, their control, and reply objects (object/own.h). */
#ifndef KERNEL_MCS_OWN_H
#define KERNEL_MCS_OWN_H

#include "abi/sel4/invocation.h"
#include "kernel/mcs/reply_object.h"
#include "kernel/mcs/sched_context.h"

/* CNodes have no own label: this one is none of theirs. */
#define OWN_CNODE_LABEL InvalidInvocation
#define OWN_CNODE_LABELS_END (CNodeRotate + 1)

/* Is the invocation about the thread that makes it, or waits? Not for a ring then. */
ALWAYS_INLINE bool own_not_in_ring(cap_t cap, word_t label)
{
    return cap_is(cap, CAP_SCHED_CONTEXT) && label == SchedContextYieldTo;
}
ALWAYS_INLINE bool own_copies_replies(void)
{
    return true;
}
ALWAYS_INLINE bool own_is_physical(cap_t cap)
{
    return cap_is(cap, CAP_SCHED_CONTEXT) || cap_is(cap, CAP_REPLY);
}
ALWAYS_INLINE word_t own_size_bits(cap_t cap)
{
    switch (cap_type(cap)) {
    case CAP_SCHED_CONTEXT: return cap_sc_bits(cap);
    case CAP_REPLY: return seL4_ReplyBits;
    default: return 0;
    }
}
ALWAYS_INLINE bool own_same_region(cap_t a, cap_t b)
{
    switch (cap_type(a)) {
    case CAP_SCHED_CONTEXT: return a.w0 == b.w0;
    case CAP_SCHED_CONTROL: return cap_is(b, CAP_SCHED_CONTROL);
    default: return false;
    }
}
ALWAYS_INLINE void own_finalise(cap_t cap, bool final)
{
    if (!final)
        return;
    if (cap_is(cap, CAP_SCHED_CONTEXT))
        sc_finalise(cap_ptr(cap));
    else if (cap_is(cap, CAP_REPLY))
        reply_finalise(cap_ptr(cap));
}

ALWAYS_INLINE word_t own_object_bits(word_t type, word_t user_size)
{
    return type == seL4_ReplyObject ? (word_t)seL4_ReplyBits : user_size;
}
ALWAYS_INLINE status_t own_check_size(word_t type, word_t user_size)
{
    if (type == seL4_SchedContextObject && user_size < seL4_MinSchedContextBits)
        return fail_argument(1, REASON(UNTYPED_SIZE));
    return OK;
}
ALWAYS_INLINE cap_t own_create(word_t type, void *object, word_t user_size)
{
    return type == seL4_ReplyObject ? cap_reply_object(object)
                                    : cap_sched_context(object, user_size);
}

/* What answers or signals may come before receiving, in one system call; nothing that could end
 * the thread, its time or its capabilities meanwhile. */
ALWAYS_INLINE status_t own_may_invoke(cap_t cap)
{
    if (LIKELY(!hart->own.in_send_phase))
        return OK;
    switch (cap_type(cap)) {
    case CAP_TCB:
    case CAP_DOMAIN:
    case CAP_CNODE:
    case CAP_SCHED_CONTROL:
    case CAP_SCHED_CONTEXT: return fail_cap(0, REASON(SEND_PHASE));
    default: return OK;
    }
}
ALWAYS_INLINE status_t own_invoke_reply(slot_t *slot, cap_t cap)
{
    (void)slot;
    reply_transfer(hart->current, cap_ptr(cap), cap_reply_grant(cap));
    return OK;
}
ALWAYS_INLINE status_t own_invoke(cap_t cap, word_t label, word_t length)
{
    switch (cap_type(cap)) {
    case CAP_SCHED_CONTEXT: return sc_invoke(cap_ptr(cap), label);
    case CAP_SCHED_CONTROL: return sched_control_invoke(cap.w1, label, length);
    default: return fail_cap(0, REASON(STALE));
    }
}

#endif
