/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/object/endpoint.h"

#include "kernel/hart.h"
#include "kernel/ipc/reply.h"
#include "kernel/object/notification.h"
#include "kernel/object/object.h"
#include "kernel/object/queue.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

void ep_dequeue(endpoint_t *ep, tcb_t *t)
{
    ep_state_t state = ep_state(ep);
    if (t->ep_prev)
        t->ep_prev->ep_next = t->ep_next;
    else
        ep->head = t->ep_next ? (word_t)t->ep_next | state : EP_IDLE;
    if (t->ep_next)
        t->ep_next->ep_prev = t->ep_prev;
    else
        ep->tail = (word_t)t->ep_prev;
}

ALWAYS_INLINE void block(endpoint_t *ep, tcb_t *t, ep_state_t queue, thread_state_t state,
                         word_t badge, unsigned why)
{
    TRACE(ipc_block, why, queue == EP_SEND ? info_length(t->regs[REG_A1]) : 0, TRACE_REF(ep),
          ep_state(ep) != EP_IDLE, badge);
    (void)badge;
    (void)why;
    t->blocked_on = ep;
    wait_enqueue(&ep->head, &ep->tail, t, queue);
    thread_set_state(t, state);
}

static unsigned transfer_kind(const tcb_t *sender, const send_t *how)
{
    if (sender->fault.type)
        return TRACE_IPC_KIND_FAULT;
    if (how->call)
        return TRACE_IPC_KIND_CALL;
    return how->blocking ? TRACE_IPC_KIND_SEND : TRACE_IPC_KIND_NBSEND;
}

void ep_send(endpoint_t *ep, tcb_t *sender, send_t how)
{
    if (ep_state(ep) != EP_RECV) {
        if (!how.blocking) {
            TRACE(ipc_no_partner, TRACE_SYSCALL_NBSEND, TRACE_REF(ep));
            return;
        }
        sender->badge = how.badge;
        sender->can_grant = how.can_grant;
        sender->can_grant_reply = how.can_grant_reply;
        sender->is_call = how.call;
        block(ep, sender, EP_SEND, THREAD_BLOCKED_SEND, how.badge,
              sender->fault.type ? TRACE_BLOCK_KIND_FAULT
              : how.call         ? TRACE_BLOCK_KIND_CALL
                                 : TRACE_BLOCK_KIND_SEND);
        return;
    }
    tcb_t *receiver = ep_head(ep);
    ep_dequeue(ep, receiver);
    msg_transfer(sender, ep, how.badge, how.can_grant, receiver, transfer_kind(sender, &how));
    reply_sent(sender, receiver, ep, &how);
}

void ep_receive(tcb_t *receiver, cap_t cap, bool blocking)
{
    endpoint_t *ep = cap_ptr(cap);
    notification_t *bound = receiver->bound;
    if (bound && ntfn_state(bound) == NTFN_ACTIVE) {
        ntfn_take(receiver, bound);
        return;
    }
    if (bound && blocking)
        policy_waits(receiver, bound);
    if (ep_state(ep) != EP_SEND) {
        if (blocking) {
            reply_await(receiver, cap);
            block(ep, receiver, EP_RECV, THREAD_BLOCKED_RECV, cap_badge(cap),
                  TRACE_BLOCK_KIND_RECV);
        } else {
            TRACE(ipc_no_partner, TRACE_SYSCALL_NBRECV, TRACE_REF(ep));
            receiver->regs[REG_A0] = 0;
        }
        return;
    }
    tcb_t *sender = ep_head(ep);
    ep_dequeue(ep, sender);
    send_t how = {.blocking = true, .call = sender->is_call};
    msg_transfer(sender, ep, sender->badge, sender->can_grant, receiver,
                 transfer_kind(sender, &how));
    reply_received(sender, receiver, ep, cap);
}

void ep_cancel_all(endpoint_t *ep)
{
    tcb_t *t = ep_head(ep);
    if (!t)
        return;
    ep->head = EP_IDLE;
    ep->tail = 0;
    while (t) {
        tcb_t *next = t->ep_next;
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(ep));
        reply_start_again(t);
        t = next;
    }
    sched_reschedule();
}

status_t ep_cancel_badged(endpoint_t *ep, word_t badge)
{
    if (ep_state(ep) != EP_SEND)
        return OK;
    word_t cancelled = 0;
    tcb_t *next;
    for (tcb_t *t = ep_head(ep); t; t = next) {
        next = t->ep_next;
        if (t->badge != badge)
            continue;
        ep_dequeue(ep, t);
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(ep));
        reply_start_again(t);
        cancelled++;
    }
    TRACE(cap_cancel_badged, TRACE_REF(ep), cancelled, badge);
    (void)cancelled;
    sched_reschedule();
    return OK;
}
