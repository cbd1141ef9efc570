/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time in the MCS kernel: a thread runs on a scheduling context, as long as that has budget
 * (sched/policy.h). The clock is read on entry; time is charged only when it matters to somebody:
 * when another context is to be used, a budget ends, or the timer must be set.
 */
#ifndef KERNEL_MCS_VARIANT_POLICY_H
#define KERNEL_MCS_VARIANT_POLICY_H

#include "kernel/arch/riscv/csr.h"
#include "kernel/mcs/policy.h"
#include "kernel/trace/trace.h"

ALWAYS_INLINE bool tcb_schedulable(const tcb_t *t)
{
    return tcb_runnable(t) && t->own.sc && sc_active(t->own.sc) && !t->own.released_later;
}
ALWAYS_INLINE bool policy_has_time(const tcb_t *t)
{
    return t->own.sc && !t->own.released_later;
}
ALWAYS_INLINE bool policy_still_ready(const tcb_t *t)
{
    return tcb_schedulable(t);
}
ALWAYS_INLINE word_t policy_time_left(const tcb_t *t)
{
    return t->own.sc ? sc_head(t->own.sc)->amount : 0;
}

/* What has passed since is the current scheduling context's and the domain's. */
ALWAYS_INLINE void policy_read_clock(void)
{
    word_t before = hart->own.now;
    hart->own.now = csr_read(time);
    word_t passed = hart->own.now - before;
    hart->own.consumed += passed;
    if (U4_DOMAINS > 1)
        hart->domain_time =
            passed + hart->own.min_budget >= hart->domain_time ? 0 : hart->domain_time - passed;
}
ALWAYS_INLINE bool policy_domain_over(void)
{
    return U4_DOMAINS > 1 && hart->domain_time == 0;
}
ALWAYS_INLINE bool policy_enter(void)
{
    policy_read_clock();
    if (LIKELY(sc_sufficient(hart->own.sc, hart->own.consumed) && !policy_domain_over()))
        return true;
    policy_out_of_time();
    if (tcb_runnable(hart->current))
        hart->current->state = THREAD_RESTART;
    return false;
}
ALWAYS_INLINE void policy_enter_interrupt(void)
{
    policy_read_clock();
    if (hart->own.sc && UNLIKELY(!sc_sufficient(hart->own.sc, hart->own.consumed)))
        policy_out_of_time();
}
ALWAYS_INLINE bool policy_expired(void)
{
    policy_read_clock();
    const sched_context_t *sc = hart->own.sc;
    return !sc || !sc_active(sc) || policy_domain_over() ||
           !sc_sufficient(hart->own.sc, hart->own.consumed);
}
ALWAYS_INLINE void policy_give_up(tcb_t *t)
{
    policy_read_clock();
    policy_settle(t);
}
ALWAYS_INLINE void policy_preempted(void)
{
    if (!hart->own.serving)
        policy_after_preemption();
}
ALWAYS_INLINE void policy_before_choice(void)
{
    trace_poll(); /* there is no tick; here few registers are to be kept */
    if (UNLIKELY(hart->own.release_head != NULL))
        release_wake();
    if (UNLIKELY(policy_domain_over())) {
        hart->own.reprogram = true;
        sched_reschedule();
    }
}
ALWAYS_INLINE void policy_after_choice(void)
{
    tcb_t *t = hart->current;
    sched_context_t *sc = t->own.sc;
    if (hart->own.sc != sc) {
        hart->own.reprogram = true;
        if (sc && !sc->sporadic)
            refill_unblock(sc);
    }
    if (hart->own.reprogram) {
        policy_commit();
        hart->own.sc = sc;
        policy_program_timer();
    }
    if (UNLIKELY(t->own.yields_to != NULL))
        sc_complete_yield(t);
}
ALWAYS_INLINE bool policy_can_serve(const tcb_t *t, const notification_t *n)
{
    return serve_possible(t, n);
}
ALWAYS_INLINE void policy_serve(tcb_t *t, const notification_t *n)
{
    serve_begin(t, n);
}
ALWAYS_INLINE void policy_served(void)
{
    policy_read_clock();
    serve_end();
}
/* To a scheduling context, whose time passes on one hart. */
ALWAYS_INLINE bool policy_serving_charged(void)
{
    return true;
}
ALWAYS_INLINE void policy_serve_later(void)
{
    hart->own.reprogram = true;
}
ALWAYS_INLINE void policy_domain_changed(void)
{
    hart->own.reprogram = true;
}

ALWAYS_INLINE void policy_init(tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void policy_stopped(tcb_t *t)
{
    release_remove(t);
    sc_cancel_yield(t);
}
ALWAYS_INLINE void policy_requeue(tcb_t *t)
{
    sc_wake(t->own.sc);
    sched_possible_switch(t);
}
ALWAYS_INLINE void policy_resume(tcb_t *t)
{
    sched_context_t *sc = t->own.sc;
    if (!sc)
        return;
    sc_wake(sc);
    sc_resume(sc);
    if (tcb_schedulable(t))
        sched_possible_switch(t);
}
ALWAYS_INLINE void policy_finalise(tcb_t *t)
{
    sched_context_t *sc = t->own.sc;
    if (!sc)
        return;
    sc_unbind_tcb(sc);
    if (sc->yielder)
        sc_complete_yield(sc->yielder);
}

ALWAYS_INLINE void policy_signalled(tcb_t *t, notification_t *n)
{
    policy_lend_of(n, t);
    if (tcb_schedulable(t))
        sched_possible_switch(t);
    sc_wake(t->own.sc);
}
ALWAYS_INLINE void policy_took(tcb_t *t, notification_t *n)
{
    policy_lend_of(n, t);
    sc_wake(t->own.sc);
}
ALWAYS_INLINE void policy_waits(tcb_t *t, notification_t *n)
{
    sched_context_t *sc = n->sc;
    if (LIKELY(!sc || sc != t->own.sc))
        return;
    sc_take_back(sc, t);
    if (t == hart->current)
        sched_reschedule();
}
ALWAYS_INLINE void policy_ntfn_deleted(notification_t *n)
{
    if (n->sc)
        sc_unbind_ntfn(n->sc);
}

#endif
