/* SPDX-License-Identifier: GPL-2.0-only */
/* The last step of every fast path: may a thread run now in place of the current one, and going
 * there. */
#ifndef KERNEL_IPC_FAST_SWITCH_H
#define KERNEL_IPC_FAST_SWITCH_H

#include "kernel/arch/riscv/vspace.h"
#include "kernel/ipc/fastpath.h"
#include "kernel/sched/sched.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/trap.h"
#include "kernel/uintr/context.h"

#define HOT __attribute__((section(".text.hot")))
#define COLD __attribute__((noinline, cold))

/* Why `t` cannot run at once, in its space, when the current thread blocks; 0 if it can. */
ALWAYS_INLINE word_t cannot_run(const tcb_t *t, word_t space)
{
    if (UNLIKELY(!space))
        return SLOW(VSPACE);
    if (U4_DOMAINS > 1 && UNLIKELY(t->domain != hart->domain))
        return SLOW(DOMAIN);
    if (UNLIKELY(smp_elsewhere(t)))
        return SLOW(AFFINITY);
    if (UNLIKELY(t->priority < hart->current->priority &&
                 !ready_is_highest(hart, U4_DOMAINS == 1 ? 0 : t->domain, t->priority)))
        return SLOW(PRIORITY);
    return 0;
}

/* Leaves the kernel to `to`, which is ready, in no queue, and whose turn it is. */
ALWAYS_INLINE NORETURN void go_to(tcb_t *to, word_t space)
{
    vspace_switch(space);
    context_switch(to);
    __asm__ volatile("sc.d zero, zero, (%0)" ::"r"(&hart->candidate) : "memory");
    hart->current = to;
    restore_user();
}

#endif
