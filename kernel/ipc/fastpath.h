/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fast path does differently in the two kernels, all of it inline: the bond between a
 * caller and who may answer it. Declared here once; kernel/classic/ and kernel/mcs/ each define it
 * in their variant/fastpath.h. A function that says why not returns an enum trace_slow_reason,
 * 0 for nothing.
 */
#ifndef KERNEL_IPC_FASTPATH_H
#define KERNEL_IPC_FASTPATH_H

#include "kernel/ipc/reply.h"
#include "kernel/trace/batch.h"

#define SLOW(reason) TRACE_SLOW_REASON_##reason

/* Does one level of CNode resolve `cptr`? */
ALWAYS_INLINE bool fast_one_level(cap_t root, cptr_t cptr)
{
    word_t radix = cap_cnode_radix(root), guard_size = cap_cnode_guard_size(root);
    return cap_is(root, CAP_CNODE) && radix + guard_size == WORD_BITS &&
           cptr >> radix == cap_cnode_guard(root);
}
/* The slot that it then resolves to. */
ALWAYS_INLINE slot_t *fast_place(cap_t root, cptr_t cptr)
{
    word_t guard_size = cap_cnode_guard_size(root);
    return &((slot_t *)cap_ptr(root))[cptr << guard_size >> guard_size];
}

/* The capability at `cptr` if one level of CNode resolves it, else null. */
ALWAYS_INLINE cap_t fast_lookup(const tcb_t *t, cptr_t cptr)
{
    cap_t root = t->slots[TCB_SLOT_CSPACE].cap;
    if (UNLIKELY(!fast_one_level(root, cptr)))
        return cap_null();
    return fast_place(root, cptr)->cap;
}

/* Why the message of `t` is not the one in its registers. */
ALWAYS_INLINE word_t fast_cannot_send(const tcb_t *t);
/* Why `to`, which waits to receive, cannot be called and go on at once. */
ALWAYS_INLINE word_t fast_cannot_call(const tcb_t *to);
/* `t`, which blocks, has called `to`. */
ALWAYS_INLINE void fast_call(tcb_t *t, tcb_t *to);

/* The caller that `t`'s ReplyRecv answers, if it can go on at once, else NULL. */
ALWAYS_INLINE tcb_t *fast_caller(const tcb_t *t);
/* `t`, which blocks again, has answered `to`; `grant`: of its endpoint capability. */
ALWAYS_INLINE void fast_reply(tcb_t *t, tcb_t *to, bool grant);

/* The events of time that goes from one to the other with that. */
ALWAYS_INLINE void fast_trace_lend(trace_batch_t *batch, const tcb_t *from, const tcb_t *to,
                                   unsigned why);

/* Why `to`, which waits for a signal, cannot become ready at once. */
ALWAYS_INLINE word_t fast_cannot_wake(const tcb_t *to);

#include "variant/fastpath.h"

#endif
