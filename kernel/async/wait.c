/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signal and wait in one system call, and the deadlines of such waits: a wheel of lists, one per
 * tick modulo its size. A thread that was woken otherwise stays in its list until its next
 * deadline or that tick: whether it still waits is seen from its registers, which hold the system
 * call's arguments as long as nothing was delivered.
 */
#include "abi/sel4/syscall.h"
#include "abi/u4/extensions.h"
#include "kernel/async/async.h"
#include "kernel/ipc/message.h"
#include "kernel/object/lookup.h"
#include "kernel/object/notification.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"

tcb_t *timeout_wheel[TIMEOUT_SLOTS];
word_t timeouts;
static word_t wheel_tick; /* the last one that was looked at */

void timeout_forget(tcb_t *t)
{
    if (t->deadline == 0)
        return;
    if (t->timeout_prev)
        t->timeout_prev->timeout_next = t->timeout_next;
    else
        timeout_wheel[timeout_tick_of(t->deadline) % TIMEOUT_SLOTS] = t->timeout_next;
    if (t->timeout_next)
        t->timeout_next->timeout_prev = t->timeout_prev;
    t->deadline = 0;
    timeouts--;
}

static void timeout_set(tcb_t *t, word_t deadline)
{
    timeout_forget(t);
    /* What has passed already ends at the next tick. */
    if (timeout_tick_of(deadline) <= wheel_tick)
        deadline = (wheel_tick + 1) * (timebase_hz / TIMEOUT_GRAINS);
    tcb_t **list = &timeout_wheel[timeout_tick_of(deadline) % TIMEOUT_SLOTS];
    t->deadline = deadline;
    t->timeout_prev = NULL;
    t->timeout_next = *list;
    if (*list)
        (*list)->timeout_prev = t;
    *list = t;
    timeouts++;
}

static bool still_waits(const tcb_t *t)
{
    return (t->state == THREAD_BLOCKED_RECV || t->state == THREAD_BLOCKED_NTFN) &&
           (int64_t)t->regs[REG_A7] == u4_SysSignalWait && t->regs[REG_A2 + 1] != 0;
}

static void expire(tcb_t *t)
{
    timeout_forget(t);
    if (!still_waits(t))
        return;
    ipc_cancel(t);
    t->regs[REG_A0] = 0;
    t->regs[REG_A1] = info_make(U4_LABEL_TIMEOUT, 0, 0, 0);
    t->state = THREAD_RUNNING;
    TRACE(sched_wake, TRACE_WAKE_REASON_TIMEOUT, t->priority, TRACE_REF(t), 0);
    policy_resume(t);
}

void timeout_tick(void)
{
    word_t now = csr_read(time), tick = timeout_tick_of(now);
    /* A tick that came late makes up for those it missed, but for at most one turn. */
    word_t first = tick - MIN(tick - wheel_tick, (word_t)TIMEOUT_SLOTS - 1);
    for (word_t at = first; at <= tick; at++) {
        tcb_t *next;
        for (tcb_t *t = timeout_wheel[at % TIMEOUT_SLOTS]; t; t = next) {
            next = t->timeout_next;
            if (t->deadline <= now)
                expire(t);
        }
    }
    wheel_tick = tick - 1; /* deadlines later in this tick are met by the next one */
}

void async_signal_wait(void)
{
    tcb_t *t = hart->current;
    word_t deadline = t->regs[REG_A2 + 1];
    cptr_t cptr = t->regs[REG_A0];
    if (t->regs[REG_A2]) {
        const slot_t *slot = cspace_lookup(t, t->regs[REG_A2]);
        /* As with seL4_NBSend, nothing happens if the capability is not the right one. */
        if (slot && cap_is(slot->cap, CAP_NOTIFICATION) && cap_may(slot->cap, RIGHT_SEND))
            ntfn_signal(cap_ptr(slot->cap), cap_badge(slot->cap));
        t->regs[REG_A2] = 0; /* done, should this be started again */
    }
    syscall_receive(cptr, true);
    if (deadline && tcb_blocked(t))
        timeout_set(t, deadline);
}
