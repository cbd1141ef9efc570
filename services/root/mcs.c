/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets of the demo's programs with MCS. */
#include "services/demo.h"
#include "services/root/root.h"

#if U4_MCS

seL4_Error root_give_time(const u4_process_t *p, unsigned id)
{
    seL4_Time budget = id == SPIN_A ? SPIN_A_BUDGET : SPIN_B_BUDGET;

    return seL4_SchedControl_ConfigureFlags(u4_boot_sched_control(), p->sched_context, budget,
                                            SPIN_PERIOD, 0, id, 0);
}

void root_watch_budget(const u4_process_t *p, unsigned id)
{
    demo_check(seL4_TCB_SetTimeoutEndpoint(
                   p->tcb, root_badged(root.monitor, id, "root: badging its endpoint")),
               "root: watching a budget");
}

#endif
