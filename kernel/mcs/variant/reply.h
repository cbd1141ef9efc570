/* SPDX-License-Identifier: GPL-2.0-only */
/* Replies over reply objects, and time lent with calls (ipc/reply.h, mcs/reply_object.h). */
#ifndef KERNEL_MCS_REPLY_H
#define KERNEL_MCS_REPLY_H

#include "kernel/mcs/reply_object.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

/* mcs/syscall.c: looks up the reply object that a receive names in a6. */
bool reply_find(tcb_t *t);

ALWAYS_INLINE void reply_may_call(tcb_t *t)
{
    (void)t;
}

ALWAYS_INLINE bool reply_prepare(tcb_t *t)
{
    hart->own.reply = NULL;
    return !hart->own.takes_reply || reply_find(t);
}
ALWAYS_INLINE void reply_await(tcb_t *receiver, cap_t cap)
{
    reply_t *r = hart->own.reply;
    (void)cap;
    receiver->own.reply = r;
    if (r)
        r->tcb = receiver;
}

ALWAYS_INLINE void reply_withdraw(tcb_t *receiver)
{
    if (receiver->own.reply)
        reply_unlink(receiver->own.reply);
}
/* With the wait ends a fault that was to be reported by it. */
ALWAYS_INLINE void reply_abandon(tcb_t *t)
{
    t->fault.type = 0;
    if (t->state == THREAD_BLOCKED_RECV)
        reply_withdraw(t);
}
ALWAYS_INLINE void reply_start_again(tcb_t *t)
{
    if (t->state == THREAD_BLOCKED_RECV)
        reply_withdraw(t);
    if (t->fault.type) {
        t->state = THREAD_INACTIVE;
        return;
    }
    t->state = THREAD_RESTART;
    policy_requeue(t);
}

ALWAYS_INLINE void reply_wake(tcb_t *t, const void *object)
{
    t->state = THREAD_RUNNING;
    TRACE(sched_wake, TRACE_WAKE_REASON_MESSAGE, t->priority, TRACE_REF(t), TRACE_REF(object));
    (void)object;
    sched_possible_switch(t);
}

/* A Call has been delivered: the sender waits on `r`, or for ever. */
ALWAYS_INLINE void reply_wait(tcb_t *sender, tcb_t *receiver, reply_t *r, bool may_reply, bool lend)
{
    if (r && may_reply)
        reply_block(sender, receiver, r, lend);
    else
        sender->state = THREAD_INACTIVE;
}

ALWAYS_INLINE void reply_sent(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, const send_t *how)
{
    reply_t *r = receiver->own.reply;
    bool lend = hart->own.can_donate;
    if (r)
        reply_unlink(r);
    if (how->call)
        reply_wait(sender, receiver, r, how->can_grant || how->can_grant_reply, lend);
    else if (lend && !receiver->own.sc)
        sc_donate(sender->own.sc, receiver, TRACE_LEND_REASON_SEND);
    sc_wake(receiver->own.sc);
    reply_wake(receiver, ep);
    /* The sender may have stopped running. */
    thread_set_state(sender, (thread_state_t)sender->state);
}

ALWAYS_INLINE void reply_received(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, cap_t cap)
{
    (void)cap;
    sc_wake(sender->own.sc);
    if (sender->is_call)
        reply_wait(sender, receiver, hart->own.reply, sender->can_grant || sender->can_grant_reply,
                   sender->fault.type != seL4_Fault_Timeout);
    else
        reply_wake(sender, ep);
}

#endif
