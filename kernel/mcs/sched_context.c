/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose a scheduling context is: binding, lending, and its invocations. */
#include "kernel/mcs/sched_context.h"

#include "abi/sel4/invocation.h"
#include "kernel/ipc/message.h"
#include "kernel/mcs/reply_object.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

word_t ticks_per_us;

void sc_resume(sched_context_t *sc)
{
    if (tcb_schedulable(sc->tcb) && !(sc_ready(sc) && sc_sufficient(sc, 0)))
        sc_postpone(sc);
}

void sc_wake(sched_context_t *sc)
{
    if (sc && sc->sporadic && sc != hart->own.sc)
        refill_unblock(sc);
}

void sc_take_home(const sched_context_t *sc, tcb_t *t)
{
    if (U4_SMP && t->hart != &harts[sc->core])
        smp_migrate(t, &harts[sc->core]);
}

void sc_bind_tcb(sched_context_t *sc, tcb_t *t)
{
    TRACE(sched_sc_bind, true, TRACE_REF(sc), TRACE_REF(t));
    sc_take_home(sc, t);
    t->own.sc = sc;
    sc->tcb = t;
    sc_wake(sc);
    sc_resume(sc);
    if (tcb_schedulable(t)) {
        ready_prepend(t);
        sched_reschedule();
    }
}

void sc_unbind_tcb(sched_context_t *sc)
{
    tcb_t *t = sc->tcb;
    if (!t)
        return;
    TRACE(sched_sc_bind, false, TRACE_REF(sc), TRACE_REF(t));
    smp_stall(t);
    if (t == hart->current)
        sched_reschedule();
    ready_remove(t);
    release_remove(t);
    t->own.sc = NULL;
    sc->tcb = NULL;
}

void sc_bind_ntfn(sched_context_t *sc, notification_t *n)
{
    TRACE(sched_sc_bind, true, TRACE_REF(sc), TRACE_REF(n));
    n->sc = sc;
    sc->notification = n;
}

void sc_unbind_ntfn(sched_context_t *sc)
{
    if (!sc->notification)
        return;
    TRACE(sched_sc_bind, false, TRACE_REF(sc), TRACE_REF(sc->notification));
    sc->notification->sc = NULL;
    sc->notification = NULL;
}

void sc_lend(sched_context_t *sc, tcb_t *to, unsigned why)
{
    tcb_t *from = sc->tcb;
    KASSERT(!to->own.sc);
    TRACE(sched_sc_donate, why, TRACE_REF(sc), TRACE_REF(from), TRACE_REF(to));
    (void)why;
    if (from) {
        smp_stall(from);
        ready_remove(from);
        release_remove(from);
        from->own.sc = NULL;
    }
    sc_take_home(sc, to);
    sc->tcb = to;
    to->own.sc = sc;
}

void sc_donate(sched_context_t *sc, tcb_t *to, unsigned why)
{
    const tcb_t *from = sc->tcb;
    sc_lend(sc, to, why);
    if (from &&
        (from == hart->current || (hart->action == ACTION_SWITCH && from == hart->candidate)))
        sched_reschedule();
}

void sc_take_back(sched_context_t *sc, tcb_t *from)
{
    TRACE(sched_sc_donate, TRACE_LEND_REASON_WAIT, TRACE_REF(sc), TRACE_REF(from), 0);
    from->own.sc = NULL;
    sc->tcb = NULL;
}

word_t sc_take_consumed(sched_context_t *sc)
{
    word_t consumed = sc->consumed;
    sc->consumed = 0;
    return consumed / ticks_per_us;
}

/* Answers the invocation of `t`, which may have been some time ago. */
static void answer_consumed(sched_context_t *sc, tcb_t *t)
{
    seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, true);
    t->regs[REG_A0] = 0;
    t->regs[REG_A1] = info_make(0, 0, 0, msg_set(t, buffer, 0, sc_take_consumed(sc)));
}

void sc_cancel_yield(tcb_t *yielder)
{
    if (yielder->own.yields_to) {
        yielder->own.yields_to->yielder = NULL;
        yielder->own.yields_to = NULL;
    }
}

void sc_complete_yield(tcb_t *yielder)
{
    if (yielder->own.yields_to) {
        answer_consumed(yielder->own.yields_to, yielder);
        sc_cancel_yield(yielder);
    }
}

void sc_finalise(sched_context_t *sc)
{
    sc_unbind_tcb(sc);
    sc_unbind_ntfn(sc);
    reply_unbind_sc(sc);
    if (sc->yielder)
        sc_complete_yield(sc->yielder);
    sc->refill_max = 0;
    sc->sporadic = false;
    if (hart->own.sc == sc)
        hart->own.sc = NULL;
}

static status_t invoke_consumed(sched_context_t *sc)
{
    if (hart->in_call)
        answer_consumed(sc, hart->current);
    else
        sc_take_consumed(sc);
    hart->current->state = THREAD_RUNNING;
    return OK;
}

static status_t bind_tcb(sched_context_t *sc, tcb_t *t)
{
    if (sc->tcb || t->own.sc)
        return fail_illegal(REASON(SC_BOUND));
    if (tcb_blocked(t) && !(sc_active(sc) && sc_ready(sc)))
        return fail_illegal(REASON(SC_NOT_READY));
    sc_bind_tcb(sc, t);
    return OK;
}

static status_t invoke_bind(sched_context_t *sc)
{
    if (!hart->extra[0])
        return fail_truncated();
    cap_t cap = hart->extra[0]->cap;
    if (cap_is(cap, CAP_TCB))
        return bind_tcb(sc, cap_ptr(cap));
    if (!cap_is(cap, CAP_NOTIFICATION))
        return fail_cap(1, REASON(SC_OBJECT));
    notification_t *n = cap_ptr(cap);
    if (sc->notification || n->sc)
        return fail_illegal(REASON(SC_BOUND));
    sc_bind_ntfn(sc, n);
    return OK;
}

static status_t invoke_unbind_object(sched_context_t *sc)
{
    if (!hart->extra[0])
        return fail_truncated();
    cap_t cap = hart->extra[0]->cap;
    if (cap_is(cap, CAP_TCB)) {
        if (sc->tcb != cap_ptr(cap))
            return fail_illegal(REASON(SC_UNBOUND));
        if (sc->tcb == hart->current)
            return fail_illegal(REASON(SC_SELF));
        sc_unbind_tcb(sc);
        return OK;
    }
    if (!cap_is(cap, CAP_NOTIFICATION))
        return fail_cap(1, REASON(SC_OBJECT));
    if (sc->notification != cap_ptr(cap))
        return fail_illegal(REASON(SC_UNBOUND));
    sc_unbind_ntfn(sc);
    return OK;
}

static status_t invoke_unbind(sched_context_t *sc)
{
    if (sc->tcb == hart->current)
        return fail_illegal(REASON(SC_SELF));
    sc_unbind_tcb(sc);
    sc_unbind_ntfn(sc);
    reply_unbind_sc(sc);
    return OK;
}

/* The thread on `sc` goes first; the answer is given when the caller runs again. */
static void yield_to(sched_context_t *sc)
{
    tcb_t *t = sc->tcb, *self = hart->current;
    self->own.yields_to = sc;
    sc->yielder = self;
    ready_remove(t);
    ready_prepend(self);
    ready_prepend(t);
    hart->switch_reason = TRACE_SWITCH_REASON_YIELD;
    sched_reschedule();
}

static status_t invoke_yield_to(sched_context_t *sc)
{
    tcb_t *t = sc->tcb, *self = hart->current;
    if (!t)
        return fail_illegal(REASON(SC_UNBOUND));
    if (t == self)
        return fail_illegal(REASON(SC_SELF));
    if (t->priority > self->mcp)
        return fail_illegal(REASON(TCB_PRIORITY));
    if (sc->yielder)
        sc_complete_yield(sc->yielder);
    TRACE(sched_sc_yield_to, TRACE_REF(sc), TRACE_REF(t));
    sc_resume(sc);
    if (tcb_schedulable(t) && t->priority >= self->priority && !smp_elsewhere(t)) {
        yield_to(sc);
        return OK;
    }
    /* On another hart it goes first there, unless it runs already. */
    if (tcb_schedulable(t) && t->queued) {
        ready_remove(t);
        ready_prepend(t);
    }
    return invoke_consumed(sc);
}

status_t sc_invoke(sched_context_t *sc, word_t label)
{
    switch (label) {
    case SchedContextConsumed: return invoke_consumed(sc);
    case SchedContextBind: return invoke_bind(sc);
    case SchedContextUnbind: return invoke_unbind(sc);
    case SchedContextUnbindObject: return invoke_unbind_object(sc);
    case SchedContextYieldTo: return invoke_yield_to(sc);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
