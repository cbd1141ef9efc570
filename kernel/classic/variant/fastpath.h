/* SPDX-License-Identifier: GPL-2.0-only */
/* The fast path with reply capabilities in the caller slot (ipc/fastpath.h). */
#ifndef KERNEL_CLASSIC_FASTPATH_H
#define KERNEL_CLASSIC_FASTPATH_H

/* A fault that nobody received stays when its thread is resumed, and goes out in place of what the
 * thread sends next (as in seL4). */
ALWAYS_INLINE word_t fast_cannot_send(const tcb_t *t)
{
    return UNLIKELY(t->fault.type) ? SLOW(HAS_FAULT) : 0;
}
ALWAYS_INLINE word_t fast_cannot_call(const tcb_t *to)
{
    (void)to;
    return 0;
}
ALWAYS_INLINE void fast_call(tcb_t *t, tcb_t *to)
{
    reply_link(t, to, to->can_grant);
}

ALWAYS_INLINE tcb_t *fast_caller(const tcb_t *t)
{
    cap_t cap = t->slots[TCB_SLOT_CALLER].cap;
    if (UNLIKELY(cap.w0 >> 58 != CAP_REPLY << 1))
        return NULL;
    tcb_t *caller = cap_ptr(cap);
    return LIKELY(caller->fault.type == 0) ? caller : NULL;
}
ALWAYS_INLINE void fast_reply(tcb_t *t, tcb_t *to, bool grant)
{
    (void)to;
    t->can_grant = grant;
    reply_unlink(&t->slots[TCB_SLOT_CALLER]);
}

ALWAYS_INLINE void fast_trace_lend(trace_batch_t *batch, const tcb_t *from, const tcb_t *to,
                                   unsigned why)
{
    (void)batch;
    (void)from;
    (void)to;
    (void)why;
}

ALWAYS_INLINE word_t fast_cannot_wake(const tcb_t *to)
{
    (void)to;
    return 0;
}

#endif
