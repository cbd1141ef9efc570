/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/smp/smp.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/request.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"

#if U4_SMP

void smp_stall(const tcb_t *t)
{
    if (t->hart != hart && t->hart->current == t)
        request_ask(t->hart, REQUEST_STALL);
}

static void choose_there(hart_t *h)
{
    h->action = ACTION_CHOOSE;
    hart->notes |= BIT(h->core);
}

void smp_queued(const tcb_t *t)
{
    hart_t *h = t->hart;
    const tcb_t *current = h->current;
    if (t->domain != h->domain || (current != h->idle && t->priority <= current->priority))
        return;
    choose_there(h);
}

void smp_poke(const tcb_t *t)
{
    if (t->hart != hart && t->hart->current == t)
        choose_there(t->hart);
}

void smp_call(hart_t *h)
{
    hart->notes |= BIT(h->core);
}

void smp_send_noted(void)
{
    if (LIKELY(!hart->notes))
        return;
    for (word_t core = 0; core < num_harts; core++) {
        if (hart->notes & BIT(core)) {
            TRACE(smp_ipi, core);
            sbi_send_ipi(harts[core].id);
        }
    }
    hart->notes = 0;
}

void smp_interrupted(void)
{
    TRACE(smp_ipi_taken, hart->action == ACTION_CHOOSE);
}

void smp_save_fpu(const tcb_t *t)
{
    if (t->hart != hart && t->hart->fpu_owner == t)
        request_ask(t->hart, REQUEST_SAVE_FPU);
}

void smp_migrate(tcb_t *t, hart_t *to)
{
    TRACE(smp_migrate, TRACE_REF(t), t->hart->core, to->core);
    ready_remove(t);
    if (t->hart != to)
        fpu_release(t, true);
    t->hart = to;
    /* Of a thread that runs, this happens when its state leaves the hart. */
    if (t->uintr_used && hart->uintr_owner != t)
        uintr_place(t);
    if (tcb_schedulable(t))
        ready_append(t);
    if (t == hart->current)
        sched_reschedule();
}

void smp_leave_spaces(word_t first, word_t count)
{
    for (word_t core = 0; core < num_harts; core++) {
        hart_t *h = &harts[core];
        if (h != hart && satp_asid(h->satp) - first < count)
            request_ask(h, REQUEST_LEAVE);
    }
}

/* All harts but this one, by their hart ids: a mask from hart 0 on. */
static word_t others(void)
{
    word_t mask = 0;
    for (word_t core = 0; core < num_harts; core++)
        if (&harts[core] != hart)
            mask |= BIT(harts[core].id);
    return mask;
}

void smp_flush(word_t asid, vaddr_t va, word_t size)
{
    if (num_harts > 1)
        sbi_remote_sfence_asid(others(), va, size, asid);
}

void smp_flush_all(void)
{
    if (num_harts > 1)
        sbi_remote_sfence(others());
}

void smp_send_test(word_t core)
{
    if (core >= num_harts)
        return;
    hart->notes |= BIT(core);
}

#endif
