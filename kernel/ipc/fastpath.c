/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fast path: Call, ReplyRecv and Signal when nothing unusual is about. Each function first
 * checks everything, without a side effect, and hands over to the slow path with the reason if
 * something does not fit; then it does what the slow path would have done, in one go. Traced
 * through one test of the mask: all its events lie in the mask's first word.
 */
#include "kernel/ipc/message.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/notification.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/sched.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/trap.h"
#include "kernel/trace/trace.h"
#include "abi/sel4/syscall.h"

#define HOT __attribute__((section(".text.hot")))
#define COLD __attribute__((noinline, cold))
#define SLOW(reason) TRACE_SLOW_REASON_##reason

/* The capability at `cptr` if one level of CNode resolves it, else null. */
ALWAYS_INLINE cap_t lookup(const tcb_t *t, cptr_t cptr)
{
    cap_t root = t->slots[TCB_SLOT_CSPACE].cap;
    word_t radix = cap_cnode_radix(root), guard_size = cap_cnode_guard_size(root);
    if (UNLIKELY(!cap_is(root, CAP_CNODE) || radix + guard_size != WORD_BITS ||
                 cptr >> radix != cap_cnode_guard(root)))
        return cap_null();
    cptr = cptr << guard_size >> guard_size;
    return ((const slot_t *)cap_ptr(root))[cptr].cap;
}

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

#if defined(U4_TRACE) && U4_TRACE
_Static_assert(TRACE_WORD_kernel_entry == 0 && TRACE_WORD_kernel_exit == 0 &&
                   TRACE_WORD_ipc_transfer == 0 && TRACE_WORD_ntfn_signal == 0 &&
                   TRACE_WORD_ipc_block == 0 && TRACE_WORD_sched_switch == 0 &&
                   TRACE_WORD_sched_wake == 0,
               "one test covers the fast path's events");
#define ANY_TRACE UNLIKELY(hart->trace.mask[0])
#else
#define ANY_TRACE 0
#endif

/* Leaves the kernel to `to`, which is ready, in no queue, and whose turn it is. */
ALWAYS_INLINE NORETURN void go_to(tcb_t *to, word_t space)
{
    vspace_switch(space);
    fpu_switch(to);
    __asm__ volatile("sc.d zero, zero, (%0)" ::"r"(&hart->candidate) : "memory");
    hart->current = to;
    restore_user();
}

/* The same, leaving its traces. Each path exists twice, so that one test is all that tracing
 * costs it while it is off: once without any, and once `traced`, out of the way. */
ALWAYS_INLINE NORETURN void traced_go_to(tcb_t *to, word_t space, unsigned reason)
{
    TRACE(sched_switch, reason, to->priority, TRACE_REF(to), to->time_slice, to->domain);
    hart->current = to; /* whose return it is */
    TRACE(kernel_exit, TRACE_EXIT_PATH_FAST, 0, to->regs[REG_PC]);
    (void)reason;
    go_to(to, space);
}

/* May `t` run at once when the current thread blocks? */
ALWAYS_INLINE bool may_run(const tcb_t *t)
{
    return (U4_DOMAINS == 1 || t->domain == hart->domain) &&
           (t->priority >= hart->current->priority ||
            ready_is_highest(hart, U4_DOMAINS == 1 ? 0 : t->domain, t->priority));
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
    reply_link(t, to, to->can_grant);
    deliver(t, to, badge, info);
}

COLD NORETURN static void traced_call(tcb_t *t, tcb_t *to, endpoint_t *ep, word_t badge,
                                      word_t cptr, word_t info, word_t space)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_CALL, cptr, info, t->fault_pc);
    TRACE(ipc_transfer, TRACE_IPC_KIND_CALL, short_length(info), 0, TRACE_IPC_SIDE_SENDER,
          TRACE_REF(to), TRACE_REF(ep), badge);
    TRACE(ipc_words, t->regs[REG_A2], t->regs[REG_A2 + 1]);
    (void)cptr;
    do_call(t, to, ep, badge, info);
    traced_go_to(to, space, TRACE_SWITCH_REASON_DIRECT);
}

HOT void fastpath_call(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    if (UNLIKELY(short_length(info) > MSG_REGISTERS)) {
        reason = SLOW(LENGTH);
        goto slow;
    }
    cap_t cap = lookup(t, cptr);
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
    word_t space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
    if (UNLIKELY(!space)) {
        reason = SLOW(VSPACE);
        goto slow;
    }
    if (UNLIKELY(!may_run(to))) {
        reason = SLOW(PRIORITY);
        goto slow;
    }
    if (ANY_TRACE)
        traced_call(t, to, ep, cap_badge(cap), cptr, info, space);
    do_call(t, to, ep, cap_badge(cap), info);
    go_to(to, space);

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysCall, reason);
}

/* The caller whose reply capability `t` holds, if it can be answered at once, else NULL. */
ALWAYS_INLINE tcb_t *pending_caller(const tcb_t *t)
{
    cap_t cap = t->slots[TCB_SLOT_CALLER].cap;
    if (UNLIKELY(cap.w0 >> 58 != CAP_REPLY << 1))
        return NULL;
    tcb_t *caller = cap_ptr(cap);
    return LIKELY(caller->fault.type == 0) ? caller : NULL;
}

ALWAYS_INLINE void do_reply_recv(tcb_t *t, tcb_t *to, endpoint_t *ep, bool grant, word_t info)
{
    tcb_t *tail = (tcb_t *)ep->tail;
    t->ep_prev = tail;
    t->ep_next = NULL;
    if (UNLIKELY(tail != NULL))
        tail->ep_next = t;
    else
        ep->head = (word_t)t | EP_RECV;
    ep->tail = (word_t)t;
    t->state = THREAD_BLOCKED_RECV;
    t->blocked_on = ep;
    t->can_grant = grant;
    reply_unlink(&t->slots[TCB_SLOT_CALLER]);
    deliver(t, to, 0, info);
}

COLD NORETURN static void traced_reply_recv(tcb_t *t, tcb_t *to, endpoint_t *ep, bool grant,
                                            word_t cptr, word_t info, word_t space)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_REPLYRECV, cptr, info, t->fault_pc);
    TRACE(ipc_transfer, TRACE_IPC_KIND_REPLY, short_length(info), 0, TRACE_IPC_SIDE_SENDER,
          TRACE_REF(to), 0, 0);
    TRACE(ipc_words, t->regs[REG_A2], t->regs[REG_A2 + 1]);
    TRACE(ipc_block, TRACE_BLOCK_KIND_RECV, 0, TRACE_REF(ep), ep->tail != 0, 0);
    (void)cptr;
    do_reply_recv(t, to, ep, grant, info);
    traced_go_to(to, space, TRACE_SWITCH_REASON_DIRECT);
}

HOT void fastpath_reply_recv(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    if (UNLIKELY(short_length(info) > MSG_REGISTERS)) {
        reason = SLOW(LENGTH);
        goto slow;
    }
    cap_t cap = lookup(t, cptr);
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
    tcb_t *to = pending_caller(t);
    if (UNLIKELY(!to)) {
        reason = SLOW(REPLY);
        goto slow;
    }
    word_t space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
    if (UNLIKELY(!space)) {
        reason = SLOW(VSPACE);
        goto slow;
    }
    if (UNLIKELY(!may_run(to))) {
        reason = SLOW(PRIORITY);
        goto slow;
    }
    bool grant = cap_may(cap, RIGHT_GRANT);
    if (ANY_TRACE)
        traced_reply_recv(t, to, ep, grant, cptr, info, space);
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

COLD NORETURN static void traced_signal(tcb_t *t, notification_t *n, word_t badge, word_t cptr,
                                        word_t info, tcb_t *to, word_t space)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_SEND, cptr, info, t->fault_pc);
    TRACE(ntfn_signal,
          to                             ? TRACE_SIGNAL_OUTCOME_WOKE
          : ntfn_state(n) == NTFN_ACTIVE ? TRACE_SIGNAL_OUTCOME_MERGED
                                         : TRACE_SIGNAL_OUTCOME_STORED,
          TRACE_REF(n), TRACE_REF(to), badge);
    (void)cptr;
    (void)info;
    if (to) {
        TRACE(sched_wake, TRACE_WAKE_REASON_SIGNAL, to->priority, TRACE_REF(to), TRACE_REF(n));
        if (do_wake(t, n, to, badge))
            traced_go_to(to, space, TRACE_SWITCH_REASON_PREEMPTED);
    } else {
        do_signal(n, badge);
    }
    TRACE(kernel_exit, TRACE_EXIT_PATH_FAST, 0, t->regs[REG_PC]);
    restore_user();
}

/* Send, taken here if the capability is to a notification. */
HOT void fastpath_signal(word_t cptr, word_t info)
{
    tcb_t *t = hart->current, *to = NULL;
    word_t reason, space = 0;
    cap_t cap = lookup(t, cptr);
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
    } else if (UNLIKELY(n->bound && n->bound->state == THREAD_BLOCKED_RECV)) {
        reason = SLOW(BOUND);
        goto slow;
    }
    word_t badge = cap_badge(cap);
    if (ANY_TRACE)
        traced_signal(t, n, badge, cptr, info, to, space);
    if (!to)
        do_signal(n, badge);
    else if (do_wake(t, n, to, badge))
        go_to(to, space);
    restore_user();

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysSend, reason);
}
