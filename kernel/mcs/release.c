/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The release queue of a hart: threads that must wait until the first refill of their scheduling
 * context is ready, ordered by that time. They are runnable, or blocked or stopped: the kernel has
 * then used up the time in their name. They are in no ready queue, so its links serve here.
 */
#include "kernel/mcs/sched_context.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"

static word_t release_time(const tcb_t *t)
{
    return sc_head(t->own.sc)->time;
}

static void insert(tcb_t *t)
{
    hart_own_t *h = &t->hart->own;
    word_t time = release_time(t);
    /* Most come back later than all others. */
    tcb_t *before = h->release_tail;
    while (before && release_time(before) > time)
        before = before->ready_prev;
    tcb_t *after = before ? before->ready_next : h->release_head;
    t->ready_prev = before;
    t->ready_next = after;
    if (before)
        before->ready_next = t;
    else
        h->release_head = t;
    if (after)
        after->ready_prev = t;
    else
        h->release_tail = t;
    t->own.released_later = true;
}

void release_remove(tcb_t *t)
{
    if (LIKELY(!t->own.released_later))
        return;
    hart_own_t *h = &t->hart->own;
    if (t->ready_prev) {
        t->ready_prev->ready_next = t->ready_next;
    } else {
        h->release_head = t->ready_next;
        h->reprogram = true;
    }
    if (t->ready_next)
        t->ready_next->ready_prev = t->ready_prev;
    else
        h->release_tail = t->ready_prev;
    t->own.released_later = false;
}

void sc_postpone(sched_context_t *sc)
{
    tcb_t *t = sc->tcb;
    TRACE(sched_sc_postpone, TRACE_REF(sc), TRACE_REF(t), sc_head(sc)->time);
    ready_remove(t);
    insert(t);
    t->hart->own.reprogram = true;
    if (smp_elsewhere(t))
        smp_call(t->hart);
}

void release_wake(void)
{
    tcb_t *t;
    while ((t = hart->own.release_head) != NULL && sc_ready(t->own.sc)) {
        KASSERT(sc_sufficient(t->own.sc, 0) && t != hart->current);
        release_remove(t);
        TRACE(sched_sc_release, TRACE_REF(t->own.sc), TRACE_REF(t), sc_head(t->own.sc)->amount);
        if (tcb_runnable(t))
            sched_possible_switch(t);
    }
}
