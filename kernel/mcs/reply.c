/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/ipc/reply.h"

#include "kernel/mcs/policy.h"

void reply_block(tcb_t *caller, tcb_t *callee, reply_t *r, bool lend)
{
    sched_context_t *sc = caller->own.sc;
    KASSERT(!r->tcb && !r->prev && !r->next);
    r->tcb = caller;
    caller->own.reply = r;
    caller->state = THREAD_BLOCKED_REPLY;
    if (lend && sc && !callee->own.sc) {
        reply_push(r, sc);
        sc_lend(sc, callee, TRACE_LEND_REASON_CALL);
    }
}

/* Out of the middle of a stack, which falls apart there. */
static void cut(reply_t *r)
{
    if (r->next)
        ((reply_t *)r->next)->prev = NULL;
    if (r->prev)
        r->prev->next = 0;
    r->prev = NULL;
    r->next = 0;
}

/* `caller` stops waiting on `r`: what it had lent comes back, if it is the newest call's. */
static void give_back(reply_t *r, tcb_t *caller)
{
    KASSERT(r->tcb == caller && caller->own.reply == r);
    if (reply_is_newest(r)) {
        sched_context_t *sc = reply_sc(r);
        reply_pop(r, sc);
        if (!caller->own.sc)
            sc_donate(sc, caller, TRACE_LEND_REASON_REPLY);
    } else {
        cut(r);
    }
    reply_unlink(r);
    caller->state = THREAD_INACTIVE;
}

void reply_drop(tcb_t *caller)
{
    reply_t *r = caller->own.reply;
    if (reply_is_newest(r)) {
        /* The time stays with whom it was lent to. */
        reply_sc(r)->reply = NULL;
        r->next = 0;
    }
    cut(r);
    reply_unlink(r);
    caller->state = THREAD_INACTIVE;
}

void reply_unbind_sc(sched_context_t *sc)
{
    if (sc->reply) {
        sc->reply->next = 0;
        sc->reply = NULL;
    }
}

void reply_finalise(reply_t *r)
{
    tcb_t *t = r->tcb;
    if (!t)
        return;
    if (t->state == THREAD_BLOCKED_REPLY) {
        TRACE(ipc_cancel, TRACE_REF(t), 0);
        give_back(r, t);
    } else {
        ipc_cancel(t);
    }
}

/* The answered caller goes on when it has budget. */
static void go_on(tcb_t *caller, bool after_timeout, unsigned reason)
{
    sched_context_t *sc = caller->own.sc;
    TRACE(sched_wake, reason, caller->priority, TRACE_REF(caller), 0);
    (void)reason;
    if (!sc)
        return;
    if (sc_ready(sc) && sc_sufficient(sc, 0))
        sched_possible_switch(caller);
    else if (!caller->own.released_later && (after_timeout || !policy_timeout(caller)))
        sc_postpone(sc);
}

static void answer_fault(tcb_t *sender, tcb_t *caller)
{
    bool after_timeout = caller->fault.type == seL4_Fault_Timeout;
    TRACE(ipc_transfer,
          TRACE_JOIN_ipc_transfer(TRACE_IPC_KIND_FAULT_REPLY, 0, TRACE_IPC_SIDE_SENDER),
          info_length(sender->regs[REG_A1]), TRACE_REF(caller), 0, 0);
    bool goes_on = fault_apply_reply(caller, sender);
    caller->fault.type = 0;
    TRACE(fault_reply, goes_on, TRACE_REF(caller));
    if (goes_on) {
        caller->state = THREAD_RESTART;
        go_on(caller, after_timeout, TRACE_WAKE_REASON_FAULT_REPLY);
    }
}

void reply_transfer(tcb_t *sender, reply_t *r, bool grant)
{
    tcb_t *caller = r->tcb;
    if (!caller || caller->state != THREAD_BLOCKED_REPLY)
        return;
    give_back(r, caller);
    sc_wake(caller->own.sc);
    if (UNLIKELY(caller->fault.type)) {
        answer_fault(sender, caller);
        return;
    }
    msg_transfer(sender, NULL, 0, grant, caller, TRACE_IPC_KIND_REPLY);
    caller->state = THREAD_RUNNING;
    go_on(caller, false, TRACE_WAKE_REASON_REPLY);
}
