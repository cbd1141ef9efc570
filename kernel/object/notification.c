/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/object/notification.h"

#include "kernel/hart.h"
#include "kernel/ipc/message.h"
#include "kernel/object/queue.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/receiver.h"

void ntfn_dequeue(notification_t *n, tcb_t *t)
{
    if (ntfn_state(n) == NTFN_UINTR) {
        receiver_unwait(t);
        return;
    }
    if (t->ep_prev)
        t->ep_prev->ep_next = t->ep_next;
    else
        n->head = t->ep_next ? (word_t)t->ep_next | NTFN_WAITING : NTFN_IDLE;
    if (t->ep_next)
        t->ep_next->ep_prev = t->ep_prev;
    else
        n->tail = (word_t)t->ep_prev;
}

static void deliver(notification_t *n, tcb_t *t, word_t badge, unsigned outcome)
{
    t->regs[REG_A0] = badge;
    t->state = THREAD_RUNNING;
    TRACE(ntfn_signal, outcome, TRACE_REF(n), TRACE_REF(t), badge);
    TRACE(sched_wake, TRACE_WAKE_REASON_SIGNAL, t->priority, TRACE_REF(t), TRACE_REF(n));
    (void)outcome;
    policy_signalled(t, n);
}

void ntfn_signal(notification_t *n, word_t badge)
{
    switch (ntfn_state(n)) {
    case NTFN_UINTR: uintr_post(n, badge, TRACE_UINTR_SOURCE_SIGNAL); return;
    case NTFN_WAITING: {
        tcb_t *t = ntfn_head(n);
        ntfn_dequeue(n, t);
        deliver(n, t, badge, TRACE_SIGNAL_OUTCOME_WOKE);
        return;
    }
    case NTFN_IDLE:
        if (n->bound && n->bound->state == THREAD_BLOCKED_RECV) {
            ipc_cancel(n->bound);
            deliver(n, n->bound, badge, TRACE_SIGNAL_OUTCOME_WOKE_BOUND);
            return;
        }
        n->head = NTFN_ACTIVE;
        n->badges = badge;
        TRACE(ntfn_signal, TRACE_SIGNAL_OUTCOME_STORED, TRACE_REF(n), 0, badge);
        return;
    default:
        n->badges |= badge;
        TRACE(ntfn_signal, TRACE_SIGNAL_OUTCOME_MERGED, TRACE_REF(n), 0, badge);
    }
}

void ntfn_signal_irq(notification_t *n, word_t badge)
{
    if (ntfn_state(n) == NTFN_UINTR)
        uintr_post(n, badge, TRACE_UINTR_SOURCE_IRQ);
    else
        ntfn_signal(n, badge);
}

void ntfn_take(tcb_t *t, notification_t *n)
{
    TRACE(ntfn_receive, TRACE_REF(n), n->badges);
    t->regs[REG_A0] = n->badges;
    n->head = NTFN_IDLE;
    n->badges = 0;
    policy_took(t, n);
}

void ntfn_receive(tcb_t *t, notification_t *n, bool blocking)
{
    if (ntfn_state(n) == NTFN_UINTR) {
        receiver_wait(t, n, blocking);
    } else if (ntfn_state(n) == NTFN_ACTIVE) {
        ntfn_take(t, n);
    } else if (blocking) {
        TRACE(ipc_block, TRACE_BLOCK_KIND_NTFN, 0, TRACE_REF(n), ntfn_state(n) != NTFN_IDLE, 0);
        t->blocked_on = n;
        wait_enqueue(&n->head, &n->tail, t, NTFN_WAITING);
        thread_set_state(t, THREAD_BLOCKED_NTFN);
        policy_waits(t, n);
    } else {
        TRACE(ipc_no_partner, TRACE_SYSCALL_NBRECV, TRACE_REF(n));
        t->regs[REG_A0] = 0;
    }
}

void ntfn_cancel_all(notification_t *n)
{
    if (ntfn_state(n) != NTFN_WAITING)
        return;
    tcb_t *t = ntfn_head(n);
    n->head = NTFN_IDLE;
    n->tail = 0;
    while (t) {
        tcb_t *next = t->ep_next;
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(n));
        t->state = THREAD_RESTART;
        policy_requeue(t);
        t = next;
    }
    sched_reschedule();
}

void ntfn_bind(notification_t *n, tcb_t *t)
{
    n->bound = t;
    t->bound = n;
    TRACE(ntfn_bind, TRACE_REF(n), TRACE_REF(t));
}

void ntfn_unbind(notification_t *n)
{
    if (n->bound) {
        TRACE(ntfn_unbind, TRACE_REF(n), TRACE_REF(n->bound));
        n->bound->bound = NULL;
        n->bound = NULL;
    }
}

void ntfn_unbind_tcb(tcb_t *t)
{
    if (t->bound)
        ntfn_unbind(t->bound);
}
