/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signal and wait (wait.c) when nothing unusual is about: the signal wakes a thread that can go on
 * at once, and the current one really has to wait, without a deadline. That is what executors do
 * in turn that have nothing to do until the other one answers. As in ipc/fastpath.c everything is
 * checked before anything is changed. With tracing on the slow path does it.
 */
#include "abi/u4/extensions.h"
#include "kernel/ipc/fast_switch.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/notification.h"
#include "kernel/object/queue.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"

_Static_assert(u4_SysSignalWait == SYSCALL_SIGNAL_WAIT, "trap.S");

/* Endpoints and notifications begin with their queues: the head with a state, the tail. */
typedef struct {
    word_t head, tail;
} waiters_t;
_Static_assert(offsetof(endpoint_t, tail) == offsetof(waiters_t, tail) &&
                   offsetof(notification_t, tail) == offsetof(waiters_t, tail),
               "queues");

/* Whom a signal to `n` would wake, by the queue in which it waits; NULL if nobody. */
ALWAYS_INLINE tcb_t *whom_wakes(notification_t *n, waiters_t **queue)
{
    if (ntfn_state(n) == NTFN_WAITING) {
        *queue = (waiters_t *)n;
        return ntfn_head(n);
    }
    tcb_t *t = n->bound;
    if (ntfn_state(n) != NTFN_IDLE || !t || t->state != THREAD_BLOCKED_RECV)
        return NULL;
    *queue = t->blocked_on;
    return t;
}

ALWAYS_INLINE void leave(waiters_t *queue, tcb_t *t, word_t state)
{
    if (UNLIKELY(t->ep_prev != NULL))
        t->ep_prev->ep_next = t->ep_next;
    else
        queue->head = t->ep_next ? (word_t)t->ep_next | state : 0;
    if (UNLIKELY(t->ep_next != NULL))
        t->ep_next->ep_prev = t->ep_prev;
    else
        queue->tail = (word_t)t->ep_prev;
}

/* Could `t` wait there? */
ALWAYS_INLINE bool would_wait(const tcb_t *t, cap_t cap)
{
    if (!cap_may(cap, RIGHT_RECV))
        return false;
    if (cap_is(cap, CAP_NOTIFICATION)) {
        const notification_t *n = cap_ptr(cap);
        return ntfn_state(n) <= NTFN_WAITING && (!n->bound || n->bound == t);
    }
    return cap_is(cap, CAP_ENDPOINT) && ep_state(cap_ptr(cap)) != EP_SEND &&
           !(t->bound && ntfn_state(t->bound) == NTFN_ACTIVE) &&
           slot_empty(&t->slots[TCB_SLOT_CALLER]);
}

ALWAYS_INLINE void begin_wait(tcb_t *t, cap_t cap)
{
    waiters_t *queue = cap_ptr(cap);
    bool on_ep = cap_is(cap, CAP_ENDPOINT);
    if (on_ep)
        t->can_grant = cap_may(cap, RIGHT_GRANT);
    t->state = on_ep ? THREAD_BLOCKED_RECV : THREAD_BLOCKED_NTFN;
    t->blocked_on = queue;
    wait_enqueue(&queue->head, &queue->tail, t, on_ep ? (word_t)EP_RECV : (word_t)NTFN_WAITING);
}

HOT void fastpath_signal_wait(word_t cptr, word_t info)
{
    tcb_t *t = hart->current, *to;
    cap_t bell = fast_lookup(t, t->regs[REG_A2]), from = fast_lookup(t, cptr);
    waiters_t *queue;
    word_t reason = SLOW(NOT_ELIGIBLE), space;
    if (UNLIKELY(TRACE_ANY || t->regs[REG_A2 + 1] != 0 || !cap_is(bell, CAP_NOTIFICATION) ||
                 !cap_may(bell, RIGHT_SEND) || !would_wait(t, from)))
        goto slow;
    to = whom_wakes(cap_ptr(bell), &queue);
    if (UNLIKELY(!to)) {
        reason = SLOW(NO_RECEIVER);
        goto slow;
    }
    space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
    if (UNLIKELY((reason = cannot_run(to, space)) != 0))
        goto slow;
    leave(queue, to, to->state == THREAD_BLOCKED_RECV ? (word_t)EP_RECV : (word_t)NTFN_WAITING);
    to->regs[REG_A0] = cap_badge(bell);
    to->state = THREAD_RUNNING;
    t->regs[REG_A2] = 0; /* done, should this be started again */
    begin_wait(t, from);
    go_to(to, space);

slow:
    trap_syscall_slow(cptr, info, (word_t)u4_SysSignalWait, reason);
}
