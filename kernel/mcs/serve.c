/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel does for a thread that is not current (its ring of system calls): on that
 * thread's time, whoever was interrupted for it. A thread that waits without time of its own gets
 * that of the notification which tells it of the result, as if it had been signalled already; it
 * goes back if the thread then is not. With its budget used up the thread is in the release queue,
 * even while it waits, so that nothing else runs on time that is not there yet.
 */
#include "kernel/mcs/policy.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

enum { NOT_SERVING, SERVES_OWNER, SERVES_ON_LOAN };

static sched_context_t *time_for(const tcb_t *t, const notification_t *n)
{
    if (t->own.sc)
        return t->own.sc;
    return tcb_blocked(t) && n && n->sc && !n->sc->tcb ? n->sc : NULL;
}

bool serve_possible(const tcb_t *t, const notification_t *n)
{
    sched_context_t *sc = time_for(t, n);
    return sc && sc_active(sc) && !t->own.released_later && sc_ready(sc) &&
           sc_sufficient(sc, sc == hart->own.sc ? hart->own.consumed : 0);
}

void serve_begin(tcb_t *t, const notification_t *n)
{
    sched_context_t *sc = time_for(t, n);
    hart->own.serving = t->own.sc ? SERVES_OWNER : SERVES_ON_LOAN;
    if (!t->own.sc)
        sc_lend(sc, t, TRACE_LEND_REASON_SIGNAL);
    if (hart->own.sc == sc)
        return;
    policy_commit();
    hart->own.sc = sc;
    if (!sc->sporadic || tcb_blocked(t))
        refill_unblock(sc);
}

void serve_end(void)
{
    sched_context_t *sc = hart->own.sc;
    bool on_loan = hart->own.serving == SERVES_ON_LOAN;
    hart->own.serving = NOT_SERVING;
    hart->own.reprogram = true;
    bool turn_over = policy_charge();
    /* A request may have taken the time away. */
    if (!sc || !sc_active(sc) || !sc->tcb)
        return;
    tcb_t *t = sc->tcb;
    if (!sc_ready(sc) || !sc_sufficient(sc, 0)) {
        sc_postpone(sc);
    } else if (on_loan && !tcb_runnable(t)) {
        sc_take_back(sc, t);
    } else if (turn_over && t->queued) {
        ready_remove(t);
        ready_append(t);
    }
}
