/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path with reply objects and donation (ipc/fastpath.h). Time is lent and given back, so
 * the scheduling context in use stays the same: the clock is not even read.
 */
#ifndef KERNEL_MCS_FASTPATH_H
#define KERNEL_MCS_FASTPATH_H

ALWAYS_INLINE word_t fast_cannot_send(const tcb_t *t)
{
    (void)t;
    return 0;
}

/* A server with time of its own would go on with that. */
ALWAYS_INLINE word_t fast_cannot_call(const tcb_t *to)
{
    if (UNLIKELY(to->own.sc != NULL))
        return SLOW(BUDGET);
    return UNLIKELY(!to->own.reply) ? SLOW(REPLY) : 0;
}
ALWAYS_INLINE void fast_call(tcb_t *t, tcb_t *to)
{
    reply_t *r = to->own.reply;
    sched_context_t *sc = t->own.sc;
    to->own.reply = NULL;
    t->own.reply = r;
    r->tcb = t;
    reply_push(r, sc);
    sc->tcb = to;
    to->own.sc = sc;
    t->own.sc = NULL;
}

ALWAYS_INLINE tcb_t *fast_caller(const tcb_t *t)
{
    cap_t cap = fast_lookup(t, t->regs[REG_A6]);
    if (UNLIKELY(!cap_is(cap, CAP_REPLY)))
        return NULL;
    reply_t *r = cap_ptr(cap);
    tcb_t *caller = r->tcb;
    /* The newest call on this very time. */
    if (UNLIKELY(!caller || r->next != ((word_t)t->own.sc | REPLY_NEWEST) ||
                 caller->fault.type != 0 || caller->own.sc))
        return NULL;
    return caller;
}
ALWAYS_INLINE void fast_reply(tcb_t *t, tcb_t *to, bool grant)
{
    sched_context_t *sc = t->own.sc;
    reply_t *r = to->own.reply;
    (void)grant;
    reply_pop(r, sc);
    to->own.reply = NULL;
    t->own.reply = r;
    r->tcb = t;
    sc->tcb = to;
    to->own.sc = sc;
    t->own.sc = NULL;
}

/* The time goes from one to the other. */
ALWAYS_INLINE void fast_trace_lend(trace_batch_t *batch, const tcb_t *from, const tcb_t *to,
                                   unsigned why)
{
    TRACE_BATCH(batch, sched_sc_donate, TRACE_REF(from), why, TRACE_REF(from->own.sc),
                TRACE_REF(from), TRACE_REF(to));
    (void)from;
    (void)to;
    (void)why;
}

/* If it runs at once another's time begins: the clock must be read, time charged. */
ALWAYS_INLINE word_t fast_cannot_wake(const tcb_t *to)
{
    const sched_context_t *sc = to->own.sc;
    if (UNLIKELY(!sc || !sc_active(sc) || sc->sporadic || to->own.released_later ||
                 to->priority > hart->current->priority))
        return SLOW(BUDGET);
    return 0;
}

#endif
