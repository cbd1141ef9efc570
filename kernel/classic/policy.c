/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic kernel's clock: a tick every 2 ms, as in seL4, which charges slices and domains. */
#include "kernel/sched/policy.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/sched/domain.h"
#include "kernel/trace/trace.h"

#define TICKS_PER_SECOND 500

static void set_next_tick(void)
{
    hart->timer = csr_read(time) + timebase_hz / TICKS_PER_SECOND;
    sbi_set_timer(hart->timer);
}

void policy_boot(void)
{
    set_next_tick();
}

static void charge_slice(tcb_t *t)
{
    if (t->own.time_slice > 1) {
        t->own.time_slice--;
        return;
    }
    TRACE(sched_slice_end, t->priority);
    t->own.time_slice = TCB_TIME_SLICE;
    hart->switch_reason = TRACE_SWITCH_REASON_TIMESLICE;
    ready_append(t);
    sched_reschedule();
}

static void charge_domain(void)
{
    if (U4_DOMAINS > 1 && hart->domain_time > 0 && --hart->domain_time == 0)
        sched_reschedule();
}

void policy_timer(void)
{
    set_next_tick();
    if (hart->current->state == THREAD_RUNNING)
        charge_slice(hart->current);
    charge_domain();
}

void sched_yield(void)
{
    /* Nothing has been decided yet in this system call. */
    hart->switch_reason = TRACE_SWITCH_REASON_YIELD;
    hart->action = ACTION_CHOOSE;
    ready_append(hart->current);
}

void sched_set_priority(tcb_t *t, word_t priority)
{
    ready_remove(t);
    t->priority = priority;
    if (!tcb_runnable(t))
        return;
    if (t == hart->current)
        sched_reschedule();
    else
        sched_possible_switch(t);
}
