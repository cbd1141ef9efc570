/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path: Call, ReplyRecv and Signal when nothing unusual is about. Each function first
 * checks everything, without a side effect, and hands over to the slow path with the reason if
 * something does not fit; then it does what the slow path would have done, in one go. Traced
 * through one test of the mask: all its events lie in the mask's first word.
 */
#include "kernel/ipc/fastpath.h"
#include "kernel/ipc/fast_switch.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/notification.h"
#include "kernel/object/queue.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/batch.h"
#include "abi/sel4/syscall.h"

ALWAYS_INLINE void copy_registers(const tcb_t *from, tcb_t *to, word_t length)
{
    switch (length) {
    case 4:
        to->regs[REG_A2 + 3] = from->regs[REG_A2 + 3];
        /* fall through */
    case 3:
        to->regs[REG_A2 + 2] = from->regs[REG_A2 + 2];
        /* fall through */
    case 2:
        to->regs[REG_A2 + 1] = from->regs[REG_A2 + 1];
        /* fall through */
    case 1:
        to->regs[REG_A2] = from->regs[REG_A2];
        /* fall through */
    default: break;
    }
}

/* Length of a message that fits registers and carries no capabilities, or more than 4. */
ALWAYS_INLINE word_t short_length(word_t info)
{
    return info & MASK(SEL4_INFO_UNWRAPPED_SHIFT);
}

ALWAYS_INLINE word_t delivered_info(word_t info)
{
    return info & ~(MASK(SEL4_INFO_LABEL_SHIFT) & ~MASK(SEL4_INFO_LENGTH_BITS));
}

/*
 * What a path leaves in the trace goes out as one batch, before anything is changed. Nothing on
 * the way to it calls a function that returns, so that while tracing is off one test of the mask
 * is all that it costs; the rare batch that meets the ring's end has a function of its own.
 */
#if defined(U4_TRACE) && U4_TRACE
#define AROUND (TRACE_BIT_kernel_entry | TRACE_BIT_kernel_exit | TRACE_BIT_content_words)
#else
#define AROUND 0
#endif

/* Are only the events of messages and scheduling on? Decides for three events at once. */
ALWAYS_INLINE bool only_core(const trace_batch_t *batch)
{
    return batch && LIKELY(!(batch->mask & AROUND));
}

ALWAYS_INLINE void trace_switch(trace_batch_t *batch, const tcb_t *from, const tcb_t *to,
                                unsigned reason)
{
    TRACE_BATCH(batch, sched_switch, TRACE_REF(from), reason, to->priority, TRACE_REF(to),
                policy_time_left(to), U4_DOMAINS == 1 ? 0 : to->domain);
    (void)from;
    (void)to;
    (void)reason;
}

ALWAYS_INLINE void trace_leave(trace_batch_t *batch, const tcb_t *from, const tcb_t *to,
                               unsigned reason)
{
    trace_switch(batch, from, to, reason);
    TRACE_BATCH(batch, kernel_exit, TRACE_REF(to), TRACE_EXIT_PATH_FAST, 0, to->regs[REG_PC]);
}

ALWAYS_INLINE void deliver(const tcb_t *from, tcb_t *to, word_t badge, word_t info)
{
    word_t length = short_length(info);
    if (length != 0)
        copy_registers(from, to, length);
    to->regs[REG_A0] = badge;
    to->regs[REG_A1] = delivered_info(info);
    to->state = THREAD_RUNNING;
}

ALWAYS_INLINE void do_call(tcb_t *t, tcb_t *to, endpoint_t *ep, word_t badge, word_t info)
{
    tcb_t *next = to->ep_next;
    if (UNLIKELY(next != NULL)) {
        next->ep_prev = NULL;
        ep->head = (word_t)next | EP_RECV;
    } else {
        ep->head = EP_IDLE;
        ep->tail = 0;
    }
    t->state = THREAD_BLOCKED_REPLY;
    fast_call(t, to);
    deliver(t, to, badge, info);
}

ALWAYS_INLINE void trace_call(trace_batch_t *batch, const tcb_t *t, const tcb_t *to,
                              const endpoint_t *ep, word_t badge, word_t info)
{
    TRACE_BATCH(batch, ipc_transfer, TRACE_REF(t),
                TRACE_JOIN_ipc_transfer(TRACE_IPC_KIND_CALL, 0, TRACE_IPC_SIDE_SENDER),
                short_length(info), TRACE_REF(to), TRACE_REF(ep), badge);
    (void)t;
    (void)to;
    (void)ep;
    (void)badge;
    (void)info;
}

ALWAYS_INLINE void call_events(trace_batch_t *batch, const tcb_t *t, const tcb_t *to,
                               const endpoint_t *ep, word_t badge, word_t cptr, word_t info)
{
    if (only_core(batch)) {
        fast_trace_lend(batch, t, to, TRACE_LEND_REASON_CALL);
        trace_call(batch, t, to, ep, badge, info);
        trace_switch(batch, t, to, TRACE_SWITCH_REASON_DIRECT);
        return;
    }
    TRACE_BATCH(batch, kernel_entry, TRACE_REF(t), TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL,
                cptr, info, t->fault_pc);
    fast_trace_lend(batch, t, to, TRACE_LEND_REASON_CALL);
    trace_call(batch, t, to, ep, badge, info);
    TRACE_BATCH(batch, content_words, TRACE_REF(t), t->regs[REG_A2], t->regs[REG_A2 + 1]);
    trace_leave(batch, t, to, TRACE_SWITCH_REASON_DIRECT);
    (void)cptr;
}

COLD NORETURN static void call_at_ring_end(tcb_t *t, tcb_t *to, endpoint_t *ep, word_t badge,
                                           word_t cptr, word_t info, word_t space)
{
    call_events(NULL, t, to, ep, badge, cptr, info);
    do_call(t, to, ep, badge, info);
    go_to(to, space);
}

HOT void fastpath_call(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    if (UNLIKELY(short_length(info) > MSG_REGISTERS)) {
        reason = SLOW(LENGTH);
        goto slow;
    }
    cap_t cap = fast_lookup(t, cptr);
    endpoint_t *ep = cap_ptr(cap);
    if (UNLIKELY(!cap_is(cap, CAP_ENDPOINT) || !cap_may(cap, RIGHT_SEND) ||
                 !cap_may(cap, RIGHT_GRANT | RIGHT_GRANT_REPLY))) {
        reason = SLOW(CAP_TYPE);
        goto slow;
    }
    word_t head = ep->head;
    tcb_t *to = (tcb_t *)(head - EP_RECV);
    if (UNLIKELY((head & 3) != EP_RECV)) {
        reason = SLOW(NO_RECEIVER);
        goto slow;
    }
    if (UNLIKELY((reason = fast_cannot_send(t)) != 0 || (reason = fast_cannot_call(to)) != 0))
        goto slow;
    word_t space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
    if (UNLIKELY((reason = cannot_run(to, space)) != 0))
        goto slow;
    word_t badge = cap_badge(cap);
    if (TRACE_ANY) {
        if (!trace_batch_fits())
            call_at_ring_end(t, to, ep, badge, cptr, info, space);
        trace_batch_t batch = trace_batch_begin();
        call_events(&batch, t, to, ep, badge, cptr, info);
        trace_batch_end(&batch);
    }
    do_call(t, to, ep, badge, info);
    go_to(to, space);

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysCall, reason);
}

ALWAYS_INLINE void do_reply_recv(tcb_t *t, tcb_t *to, endpoint_t *ep, bool grant, word_t info)
{
    wait_enqueue(&ep->head, &ep->tail, t, EP_RECV);
    t->state = THREAD_BLOCKED_RECV;
    t->blocked_on = ep;
    fast_reply(t, to, grant);
    deliver(t, to, 0, info);
}

ALWAYS_INLINE void trace_reply_wait(trace_batch_t *batch, const tcb_t *t, const tcb_t *to,
                                    const endpoint_t *ep, word_t info)
{
    TRACE_BATCH(batch, ipc_reply_wait, TRACE_REF(t), short_length(info), TRACE_REF(to),
                TRACE_REF(ep));
    (void)t;
    (void)to;
    (void)ep;
    (void)info;
}

ALWAYS_INLINE void reply_recv_events(trace_batch_t *batch, const tcb_t *t, const tcb_t *to,
                                     const endpoint_t *ep, word_t cptr, word_t info)
{
    if (only_core(batch)) {
        fast_trace_lend(batch, t, to, TRACE_LEND_REASON_REPLY);
        trace_reply_wait(batch, t, to, ep, info);
        trace_switch(batch, t, to, TRACE_SWITCH_REASON_DIRECT);
        return;
    }
    TRACE_BATCH(batch, kernel_entry, TRACE_REF(t), TRACE_ENTRY_KIND_SYSCALL,
                TRACE_SYSCALL_REPLYRECV, cptr, info, t->fault_pc);
    fast_trace_lend(batch, t, to, TRACE_LEND_REASON_REPLY);
    trace_reply_wait(batch, t, to, ep, info);
    TRACE_BATCH(batch, content_words, TRACE_REF(t), t->regs[REG_A2], t->regs[REG_A2 + 1]);
    trace_leave(batch, t, to, TRACE_SWITCH_REASON_DIRECT);
    (void)cptr;
}

COLD NORETURN static void reply_recv_at_ring_end(tcb_t *t, tcb_t *to, endpoint_t *ep, bool grant,
                                                 word_t cptr, word_t info, word_t space)
{
    reply_recv_events(NULL, t, to, ep, cptr, info);
    do_reply_recv(t, to, ep, grant, info);
    go_to(to, space);
}

HOT void fastpath_reply_recv(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    if (UNLIKELY(short_length(info) > MSG_REGISTERS)) {
        reason = SLOW(LENGTH);
        goto slow;
    }
    cap_t cap = fast_lookup(t, cptr);
    endpoint_t *ep = cap_ptr(cap);
    if (UNLIKELY(!cap_is(cap, CAP_ENDPOINT) || !cap_may(cap, RIGHT_RECV))) {
        reason = SLOW(CAP_TYPE);
        goto slow;
    }
    if (UNLIKELY(t->bound && ntfn_state(t->bound) == NTFN_ACTIVE)) {
        reason = SLOW(BOUND);
        goto slow;
    }
    if (UNLIKELY((ep->head & 3) == EP_SEND)) {
        reason = SLOW(NO_RECEIVER);
        goto slow;
    }
    if (UNLIKELY((reason = fast_cannot_send(t)) != 0))
        goto slow;
    tcb_t *to = fast_caller(t);
    if (UNLIKELY(!to)) {
        reason = SLOW(REPLY);
        goto slow;
    }
    word_t space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
    if (UNLIKELY((reason = cannot_run(to, space)) != 0))
        goto slow;
    bool grant = cap_may(cap, RIGHT_GRANT);
    if (TRACE_ANY) {
        if (!trace_batch_fits())
            reply_recv_at_ring_end(t, to, ep, grant, cptr, info, space);
        trace_batch_t batch = trace_batch_begin();
        reply_recv_events(&batch, t, to, ep, cptr, info);
        trace_batch_end(&batch);
    }
    do_reply_recv(t, to, ep, grant, info);
    go_to(to, space);

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysReplyRecv, reason);
}

/* Signals when nobody waits. */
ALWAYS_INLINE void do_signal(notification_t *n, word_t badge)
{
    n->badges = ntfn_state(n) == NTFN_ACTIVE ? n->badges | badge : badge;
    n->head = NTFN_ACTIVE;
}

/* Wakes the first waiter. It runs now if it is more important than the current thread, which
 * then queues in front; else it queues: in front too, but behind what has the same priority. */
ALWAYS_INLINE bool do_wake(tcb_t *t, notification_t *n, tcb_t *to, word_t badge)
{
    tcb_t *next = to->ep_next;
    if (next) {
        next->ep_prev = NULL;
        n->head = (word_t)next | NTFN_WAITING;
    } else {
        n->head = NTFN_IDLE;
        n->tail = 0;
    }
    to->regs[REG_A0] = badge;
    to->state = THREAD_RUNNING;
    if (to->priority > t->priority) {
        ready_prepend(t);
        return true;
    }
    if (to->priority == t->priority)
        ready_append(to);
    else
        ready_prepend(to);
    return false;
}

/* `to` is who was woken, NULL if nobody waited. */
ALWAYS_INLINE void signal_events(trace_batch_t *batch, const tcb_t *t, const notification_t *n,
                                 word_t badge, word_t cptr, word_t info, const tcb_t *to,
                                 bool was_active, bool switches)
{
    TRACE_BATCH(batch, kernel_entry, TRACE_REF(t), TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_SEND,
                cptr, info, t->fault_pc);
    TRACE_BATCH(batch, ntfn_signal, TRACE_REF(t),
                to           ? TRACE_SIGNAL_OUTCOME_WOKE
                : was_active ? TRACE_SIGNAL_OUTCOME_MERGED
                             : TRACE_SIGNAL_OUTCOME_STORED,
                TRACE_REF(n), TRACE_REF(to), badge);
    if (to)
        TRACE_BATCH(batch, sched_wake, TRACE_REF(t), TRACE_WAKE_REASON_SIGNAL, to->priority,
                    TRACE_REF(to), TRACE_REF(n));
    if (switches)
        trace_leave(batch, t, to, TRACE_SWITCH_REASON_PREEMPTED);
    else
        TRACE_BATCH(batch, kernel_exit, TRACE_REF(t), TRACE_EXIT_PATH_FAST, 0, t->regs[REG_PC]);
    (void)was_active;
}

COLD NORETURN static void traced_signal(tcb_t *t, notification_t *n, word_t badge, word_t cptr,
                                        word_t info, tcb_t *to, word_t space)
{
    bool was_active = ntfn_state(n) == NTFN_ACTIVE, switches = to && do_wake(t, n, to, badge);
    if (!to)
        do_signal(n, badge);
    if (trace_batch_fits()) {
        trace_batch_t batch = trace_batch_begin();
        signal_events(&batch, t, n, badge, cptr, info, to, was_active, switches);
        trace_batch_end(&batch);
    } else {
        signal_events(NULL, t, n, badge, cptr, info, to, was_active, switches);
    }
    if (switches)
        go_to(to, space);
    restore_user();
}

/* Send, taken here if the capability is to a notification. */
HOT void fastpath_signal(word_t cptr, word_t info)
{
    tcb_t *t = hart->current, *to = NULL;
    word_t reason, space = 0;
    cap_t cap = fast_lookup(t, cptr);
    notification_t *n = cap_ptr(cap);
    if (UNLIKELY(!cap_is(cap, CAP_NOTIFICATION) || !cap_may(cap, RIGHT_SEND) ||
                 info_extra(info) != 0)) {
        reason = SLOW(NOT_ELIGIBLE);
        goto slow;
    }
    if (ntfn_state(n) == NTFN_WAITING) {
        to = ntfn_head(n);
        space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
        if (UNLIKELY(!space || (U4_DOMAINS > 1 && to->domain != hart->domain))) {
            reason = SLOW(VSPACE);
            goto slow;
        }
        if (UNLIKELY(smp_elsewhere(to))) {
            reason = SLOW(AFFINITY);
            goto slow;
        }
        if (UNLIKELY((reason = fast_cannot_wake(to)) != 0))
            goto slow;
    } else if (UNLIKELY(n->bound &&
                        (ntfn_state(n) == NTFN_UINTR || n->bound->state == THREAD_BLOCKED_RECV))) {
        reason = SLOW(BOUND);
        goto slow;
    }
    word_t badge = cap_badge(cap);
    if (TRACE_ANY)
        traced_signal(t, n, badge, cptr, info, to, space);
    if (!to)
        do_signal(n, badge);
    else if (do_wake(t, n, to, badge))
        go_to(to, space);
    restore_user();

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysSend, reason);
}
