/* SPDX-License-Identifier: GPL-2.0-only */
/* SchedControl_ConfigureFlags: giving a scheduling context time of this control's hart. */
#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

#define FLAG_SPORADIC 1

typedef struct {
    sched_context_t *sc;
    word_t core;
    word_t budget, period; /* ticks */
    word_t max_refills;
    word_t badge;
    bool sporadic;
} parameters_t;

/* Microseconds to ticks; OK or ERROR. */
static status_t check_time(word_t us, word_t *ticks)
{
    if (us > MAX_PERIOD_US || us < MIN_BUDGET_US)
        return fail_range(MIN_BUDGET_US, MAX_PERIOD_US, REASON(SC_RANGE));
    *ticks = us * ticks_per_us;
    return OK;
}

static status_t check_times(parameters_t *p, word_t budget_us, word_t period_us)
{
    status_t status = check_time(budget_us, &p->budget);
    if (status == OK)
        status = check_time(period_us, &p->period);
    if (status == OK && budget_us > period_us)
        status = fail_range(MIN_BUDGET_US, period_us, REASON(SC_RANGE));
    return status;
}

static status_t check_refills(parameters_t *p, cap_t cap, word_t extra)
{
    word_t most = (BIT(cap_sc_bits(cap)) - sizeof(sched_context_t)) / sizeof(refill_t);
    if (extra > most - MIN_REFILLS)
        return fail_range(0, most - MIN_REFILLS, REASON(SC_RANGE));
    p->max_refills = extra + MIN_REFILLS;
    return OK;
}

/* What it has used so far is charged by the old parameters. */
static void take_out(sched_context_t *sc)
{
    smp_stall(sc->tcb);
    release_remove(sc->tcb);
    ready_remove(sc->tcb);
    if (hart->own.sc == sc)
        policy_commit();
}

static void set_refills(const parameters_t *p)
{
    const tcb_t *t = p->sc->tcb;
    if (p->budget == p->period)
        refill_new(p->sc, MIN_REFILLS, p->budget, 0);
    else if (p->core == p->sc->core && sc_active(p->sc) && t && tcb_runnable(t))
        refill_update(p->sc, p->max_refills, p->budget, p->period);
    else
        refill_new(p->sc, p->max_refills, p->budget, p->period);
}

static void put_back(sched_context_t *sc)
{
    tcb_t *t = sc->tcb;
    sc_take_home(sc, t);
    sc_resume(sc);
    if (t == hart->current)
        sched_reschedule();
    else if (tcb_runnable(t))
        sched_possible_switch(t);
}

static void configure(const parameters_t *p)
{
    if (p->sc->tcb)
        take_out(p->sc);
    set_refills(p);
    p->sc->core = (uint32_t)p->core;
    p->sc->badge = p->badge;
    if (p->sc->tcb)
        put_back(p->sc);
    p->sc->sporadic = p->sporadic;
    TRACE(sched_sc_configure, TRACE_JOIN_sched_sc_configure(p->sporadic, p->max_refills),
          TRACE_REF(p->sc), p->budget / ticks_per_us, p->period / ticks_per_us, p->badge);
}

status_t sched_control_invoke(word_t core, word_t label, word_t length)
{
    if (label != SchedControlConfigureFlags)
        return fail_illegal(REASON(UNKNOWN_LABEL));
    if (length < 5 || !hart->extra[0])
        return fail_truncated();
    cap_t cap = hart->extra[0]->cap;
    parameters_t p = {
        .core = core, .badge = syscall_arg(3), .sporadic = syscall_arg(4) & FLAG_SPORADIC};
    status_t status = check_times(&p, syscall_arg(0), syscall_arg(1));
    if (status != OK)
        return status;
    if (!cap_is(cap, CAP_SCHED_CONTEXT))
        return fail_cap(1, REASON(SC_OBJECT));
    p.sc = cap_ptr(cap);
    status = check_refills(&p, cap, syscall_arg(2));
    if (status == OK)
        configure(&p);
    return status;
}
