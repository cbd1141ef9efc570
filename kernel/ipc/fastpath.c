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
    default:
        break;
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

/* What a message's passage leaves in the trace; before anything has been changed. */
COLD static void trace_message(word_t call, word_t cptr, word_t info, const tcb_t *to,
                               const void *ep, word_t badge)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, call, cptr, info, hart->current->fault_pc);
    TRACE(ipc_transfer, call == TRACE_SYSCALL_CALL ? TRACE_IPC_KIND_CALL : TRACE_IPC_KIND_REPLY,
          short_length(info), 0, TRACE_IPC_SIDE_SENDER, TRACE_REF(to),
          call == TRACE_SYSCALL_CALL ? TRACE_REF(ep) : 0, badge);
    TRACE(ipc_words, hart->current->regs[REG_A2], hart->current->regs[REG_A2 + 1]);
    if (call == TRACE_SYSCALL_REPLYRECV)
        TRACE(ipc_block, TRACE_BLOCK_KIND_RECV, 0, TRACE_REF(ep), 0, 0);
    (void)cptr;
    (void)info;
    (void)to;
    (void)ep;
    (void)badge;
}

COLD static void trace_switch(const tcb_t *to, unsigned reason)
{
    TRACE(sched_switch, reason, to->priority, TRACE_REF(to), to->time_slice, to->domain);
    (void)to;
    (void)reason;
}

COLD static void trace_exit(void)
{
    TRACE(kernel_exit, TRACE_EXIT_PATH_FAST, 0, hart->current->regs[REG_PC]);
}

/* Leaves the kernel to `to`, which is ready, in no queue, and whose turn it is. */
ALWAYS_INLINE NORETURN void go_to(tcb_t *to, word_t space)
{
    if (ANY_TRACE)
        trace_switch(to, TRACE_SWITCH_REASON_DIRECT);
    vspace_switch(space);
    fpu_switch(to);
    __asm__ volatile("sc.d zero, zero, (%0)" ::"r"(&hart->candidate) : "memory");
    hart->current = to;
    if (ANY_TRACE)
        trace_exit();
    restore_user();
}

/* May `t` run at once when the current thread blocks? */
ALWAYS_INLINE bool may_run(const tcb_t *t)
{
    return (U4_DOMAINS == 1 || t->domain == hart->domain) &&
           (t->priority >= hart->current->priority ||
            ready_is_highest(hart, U4_DOMAINS == 1 ? 0 : t->domain, t->priority));
}

HOT void fastpath_call(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    word_t length = short_length(info);
    if (UNLIKELY(length > MSG_REGISTERS)) {
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

    word_t badge = cap_badge(cap);
    if (ANY_TRACE)
        trace_message(TRACE_SYSCALL_CALL, cptr, info, to, ep, badge);
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

    copy_registers(t, to, length);
    to->regs[REG_A0] = badge;
    to->regs[REG_A1] = delivered_info(info);
    to->state = THREAD_RUNNING;
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

HOT void fastpath_reply_recv(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    word_t length = short_length(info);
    if (UNLIKELY(length > MSG_REGISTERS)) {
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
    word_t head = ep->head;
    if (UNLIKELY((head & 3) == EP_SEND)) {
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

    if (ANY_TRACE)
        trace_message(TRACE_SYSCALL_REPLYRECV, cptr, info, to, ep, 0);
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
    t->can_grant = cap_may(cap, RIGHT_GRANT);

    reply_unlink(&t->slots[TCB_SLOT_CALLER]);

    copy_registers(t, to, length);
    to->regs[REG_A0] = 0;
    to->regs[REG_A1] = delivered_info(info);
    to->state = THREAD_RUNNING;
    go_to(to, space);

slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysReplyRecv, reason);
}

COLD static void trace_signal(word_t cptr, word_t info, const notification_t *n, const tcb_t *to,
                              word_t badge, unsigned outcome)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, TRACE_SYSCALL_SEND, cptr, info,
          hart->current->fault_pc);
    TRACE(ntfn_signal, outcome, TRACE_REF(n), TRACE_REF(to), badge);
    if (to)
        TRACE(sched_wake, TRACE_WAKE_REASON_SIGNAL, to->priority, TRACE_REF(to), TRACE_REF(n));
    (void)cptr;
    (void)info;
    (void)n;
    (void)badge;
    (void)outcome;
}

ALWAYS_INLINE NORETURN void stay(void)
{
    if (ANY_TRACE)
        trace_exit();
    restore_user();
}

/* A waiter becomes ready: it runs now if it is more important, else it queues: in front of those
 * of its priority, but behind the current thread if that has the same. */
ALWAYS_INLINE NORETURN void wake_waiter(tcb_t *t, notification_t *n, tcb_t *to, word_t badge,
                                        word_t space)
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
        go_to(to, space);
    }
    if (to->priority == t->priority)
        ready_append(to);
    else
        ready_prepend(to);
    stay();
}

/* Send, taken here if the capability is to a notification. */
HOT void fastpath_signal(word_t cptr, word_t info)
{
    tcb_t *t = hart->current;
    word_t reason;
    cap_t cap = lookup(t, cptr);
    notification_t *n = cap_ptr(cap);

    if (UNLIKELY(!cap_is(cap, CAP_NOTIFICATION) || !cap_may(cap, RIGHT_SEND) ||
                 info_extra(info) != 0)) {
        reason = SLOW(NOT_ELIGIBLE);
        goto slow;
    }
    word_t badge = cap_badge(cap);
    word_t head = n->head;
    switch (head & 3) {
    case NTFN_ACTIVE:
        if (ANY_TRACE)
            trace_signal(cptr, info, n, NULL, badge, TRACE_SIGNAL_OUTCOME_MERGED);
        n->badges |= badge;
        stay();
    case NTFN_IDLE:
        if (UNLIKELY(n->bound && n->bound->state == THREAD_BLOCKED_RECV)) {
            reason = SLOW(BOUND);
            goto slow;
        }
        if (ANY_TRACE)
            trace_signal(cptr, info, n, NULL, badge, TRACE_SIGNAL_OUTCOME_STORED);
        n->head = NTFN_ACTIVE;
        n->badges = badge;
        stay();
    default: {
        tcb_t *to = (tcb_t *)(head - NTFN_WAITING);
        word_t space = vspace_space(to->slots[TCB_SLOT_VSPACE].cap);
        if (UNLIKELY(!space || (U4_DOMAINS > 1 && to->domain != hart->domain))) {
            reason = SLOW(VSPACE);
            goto slow;
        }
        if (ANY_TRACE)
            trace_signal(cptr, info, n, to, badge, TRACE_SIGNAL_OUTCOME_WOKE);
        wake_waiter(t, n, to, badge, space);
    }
    }
slow:
    trap_syscall_slow(cptr, info, (word_t)seL4_SysSend, reason);
}
