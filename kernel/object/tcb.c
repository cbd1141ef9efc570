/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of threads: making, stopping, resuming, ending. tcb_invoke.c has the invocations. */
#include "kernel/object/tcb.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/async/async.h"
#include "kernel/hart.h"
#include "kernel/ipc/message.h"
#include "kernel/ipc/reply.h"
#include "kernel/object/notification.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"
#include "kernel/uintr/receiver.h"

tcb_t *tcb_all_head;

static void copy_name(tcb_t *t, const char *prefix, const char *name, const char *suffix)
{
    size_t n = 0;
    const char *parts[] = {prefix, name, suffix};
    for (size_t p = 0; p < ARRAY_SIZE(parts); p++)
        for (const char *s = parts[p]; *s && n < sizeof(t->name) - 1; s++)
            t->name[n++] = *s;
    t->name[n] = 0;
}

void tcb_init(tcb_t *t, const tcb_t *parent)
{
    t->hart = async_home();
    t->sstatus = SSTATUS_SPIE;
    policy_init(t);
    t->domain = hart->domain;
    t->uintr.entry = NO_RECEIVER;
    if (parent && parent->state != THREAD_IDLE)
        copy_name(t, "child of: '", parent->name, "'");
    t->all_prev = NULL;
    t->all_next = tcb_all_head;
    if (tcb_all_head)
        tcb_all_head->all_prev = t;
    tcb_all_head = t;
    TRACE(thread_create, TRACE_REF(t));
}

static void forget(tcb_t *t)
{
    if (t->all_prev)
        t->all_prev->all_next = t->all_next;
    else
        tcb_all_head = t->all_next;
    if (t->all_next)
        t->all_next->all_prev = t->all_prev;
}

void tcb_suspend(tcb_t *t)
{
    TRACE(thread_suspend, TRACE_REF(t));
    ipc_cancel(t);
    /* In a system call that has succeeded: it must not be executed again on resume. */
    if (t->state == THREAD_RUNNING)
        t->fault_pc = t->regs[REG_PC];
    thread_set_state(t, THREAD_INACTIVE);
    ready_remove(t);
    policy_stopped(t);
}

void tcb_restart(tcb_t *t)
{
    if (t->state != THREAD_INACTIVE && !tcb_blocked(t))
        return;
    TRACE(thread_resume, TRACE_REF(t));
    ipc_cancel(t);
    reply_may_call(t);
    t->state = THREAD_RESTART;
    TRACE(sched_wake, TRACE_WAKE_REASON_RESUME, t->priority, TRACE_REF(t), 0);
    policy_resume(t);
}

void tcb_finalise(tcb_t *t)
{
    smp_stall(t);
    ntfn_unbind_tcb(t);
    policy_finalise(t);
    tcb_suspend(t);
    timeout_forget(t);
    async_forget(t);
    worker_ended(t);
    fpu_release(t, false);
    uintr_forget(t);
    forget(t);
    TRACE(thread_delete, TRACE_REF(t));
}
