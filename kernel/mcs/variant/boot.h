/* SPDX-License-Identifier: GPL-2.0-only */
/* The root task's scheduling context, 5 ms round robin, and a control for each hart. */
#ifndef KERNEL_MCS_BOOT_H
#define KERNEL_MCS_BOOT_H

#include "kernel/mcs/sched_context.h"
#include "kernel/trace/trace.h"

#define BOOT_BUDGET_US 5000

ALWAYS_INLINE word_t boot_own_size(void)
{
    return BIT(seL4_MinSchedContextBits);
}
ALWAYS_INLINE word_t boot_own_controls(slot_t *cnode, word_t first, seL4_BootInfo *info)
{
    for (word_t i = 0; i < num_harts; i++)
        cnode[first + i] =
            (slot_t){.cap = cap_sched_control(i), .next = SLOT_REVOCABLE | SLOT_FIRST_BADGED};
    info->schedcontrol = (seL4_SlotRegion){first, first + num_harts};
    return num_harts;
}
ALWAYS_INLINE void boot_own_thread(tcb_t *t, void *memory, slot_t *cnode)
{
    sched_context_t *sc = memory;
    refill_new(sc, MIN_REFILLS, BOOT_BUDGET_US * (timebase_hz / 1000000), 0);
    sc->tcb = t;
    t->own.sc = sc;
    cnode[seL4_CapInitThreadSC] = (slot_t){.cap = cap_sched_context(sc, seL4_MinSchedContextBits),
                                           .next = SLOT_REVOCABLE | SLOT_FIRST_BADGED};
}
ALWAYS_INLINE void boot_own_trace(const tcb_t *t)
{
    TRACE(sched_sc_configure, false, TRACE_REF(t->own.sc), BOOT_BUDGET_US, BOOT_BUDGET_US, 0);
    TRACE(sched_sc_bind, true, TRACE_REF(t->own.sc), TRACE_REF(t));
    (void)t;
}

#endif
