/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/sched/sched.h"

#include "kernel/arch/riscv/vspace.h"
#include "kernel/sched/domain.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"

hart_t harts[U4_MAX_HARTS];
word_t num_harts = 1;
const word_t hart_size = sizeof(hart_t); /* for entry.S */

void thread_set_state(tcb_t *t, thread_state_t state)
{
    t->state = state;
    if (t == hart->current && hart->action == ACTION_RESUME && !tcb_schedulable(t)) {
        hart->switch_reason =
            state == THREAD_INACTIVE ? TRACE_SWITCH_REASON_STOPPED : TRACE_SWITCH_REASON_BLOCKED;
        sched_reschedule();
    }
}

void sched_reschedule(void)
{
    if (hart->action == ACTION_SWITCH && policy_still_ready(hart->candidate))
        ready_prepend(hart->candidate);
    hart->action = ACTION_CHOOSE;
}

void sched_possible_switch(tcb_t *t)
{
    if (!policy_has_time(t))
        return;
    if (t->domain != hart->domain || smp_elsewhere(t)) {
        ready_prepend(t);
    } else if (hart->action != ACTION_RESUME) {
        sched_reschedule();
        ready_prepend(t);
    } else {
        hart->candidate = t;
        hart->action = ACTION_SWITCH;
    }
}

void sched_switch_to(tcb_t *t)
{
    TRACE(sched_switch, hart->switch_reason, t->priority, TRACE_REF(t), policy_time_left(t),
          t->domain);
    vspace_activate(t);
    context_switch(t);
    ready_remove(t);
    /* No reservation of the previous thread's load-reserved may survive. */
    __asm__ volatile("sc.d zero, zero, (%0)" ::"r"(&hart->candidate) : "memory");
    hart->current = t;
}

static void switch_to_idle(void)
{
    tcb_t *t = hart->idle;
    if (hart->current == t)
        return;
    TRACE(sched_switch, hart->switch_reason, 0, TRACE_REF(t), 0, hart->domain);
    vspace_activate(t);
    context_switch_idle();
    hart->current = t;
}

static void choose_thread(void)
{
    if (UNLIKELY(hart->domain_time == 0))
        domain_next();
    if (hart->ready_l1[hart->domain] == 0) {
        switch_to_idle();
        return;
    }
    tcb_t *t = hart->ready[hart->domain][ready_highest(hart, hart->domain)].head;
    KASSERT(tcb_schedulable(t));
    if (t != hart->current) {
        sched_switch_to(t);
        return;
    }
    /* It goes on, perhaps with another address space or without its FPU. */
    ready_remove(t);
    vspace_activate(t);
    context_switch(t);
}

/* Goes to the candidate, unless someone better waits or it has to queue behind the current. */
static void consider_candidate(bool was_runnable)
{
    tcb_t *t = hart->candidate;
    const tcb_t *current = hart->current;
    bool below = current->state == THREAD_IDLE || t->priority < current->priority;

    if (below && !ready_is_highest(hart, t->domain, t->priority)) {
        ready_prepend(t);
        choose_thread();
    } else if (was_runnable && t->priority == current->priority) {
        ready_append(t);
        choose_thread();
    } else {
        sched_switch_to(t);
    }
}

void sched_exit(void)
{
    policy_before_choice();
    if (hart->action != ACTION_RESUME) {
        bool was_runnable = tcb_schedulable(hart->current);
        if (was_runnable) {
            if (hart->action == ACTION_SWITCH)
                hart->switch_reason = TRACE_SWITCH_REASON_PREEMPTED;
            ready_prepend(hart->current);
        } else if (hart->current->state == THREAD_IDLE) {
            hart->switch_reason = TRACE_SWITCH_REASON_IDLE;
        }
        if (hart->action == ACTION_SWITCH)
            consider_candidate(was_runnable);
        else
            choose_thread();
        hart->action = ACTION_RESUME;
        hart->switch_reason = TRACE_SWITCH_REASON_PREEMPTED;
    }
    policy_after_choice();
    tcb_t *t = hart->current;
    if (t->state == THREAD_RESTART) {
        t->regs[REG_PC] = t->fault_pc;
        t->state = THREAD_RUNNING;
    }
}

void sched_set_domain(tcb_t *t, word_t domain)
{
    ready_remove(t);
    t->domain = domain;
    TRACE(sched_domain, domain, TRACE_REF(t), 0);
    if (tcb_schedulable(t))
        ready_prepend(t);
    if (t == hart->current) {
        hart->switch_reason = TRACE_SWITCH_REASON_DOMAIN;
        sched_reschedule();
    }
}
