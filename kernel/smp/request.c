/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/smp/request.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"

#if U4_SMP

/* The asker finds the thread queued as if it had been preempted in user mode. */
static void give_up_current(void)
{
    tcb_t *t = hart->current;
    if (t == hart->idle)
        return;
    if (t->state == THREAD_RUNNING)
        t->state = THREAD_RESTART;
    TRACE(sched_switch, TRACE_SWITCH_REASON_STALLED, 0, TRACE_REF(hart->idle), 0, hart->domain);
    context_switch_idle();
    hart->current = hart->idle;
    hart->action = ACTION_CHOOSE;
    policy_give_up(t);
}

void request_answer(void)
{
    word_t request = __atomic_load_n(&hart->request, __ATOMIC_ACQUIRE);
    if (!request)
        return;
    if (request & REQUEST_STALL)
        give_up_current();
    if (request & REQUEST_SAVE_FPU && hart->fpu_owner)
        fpu_release(hart->fpu_owner, true);
    if (request & (REQUEST_STALL | REQUEST_LEAVE))
        vspace_switch_kernel();
    __atomic_store_n(&hart->request, 0, __ATOMIC_RELEASE);
}

void request_ask(hart_t *h, word_t request)
{
    TRACE(smp_request, request, h->core);
    __atomic_store_n(&h->request, request, __ATOMIC_RELEASE);
    sbi_send_ipi(h->id);
    while (__atomic_load_n(&h->request, __ATOMIC_ACQUIRE))
        ;
}

#endif
