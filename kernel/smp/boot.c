/* SPDX-License-Identifier: GPL-2.0-only */
/* Harts but the first: from entry.S's waiting loop to their first choice of a thread. */
#include "kernel/arch/riscv/csr.h"
#include "kernel/boot/boot.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/lock.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/trap.h"
#include "kernel/trace/trace.h"

#if U4_SMP

uint32_t smp_started; /* entry.S lets cores below this number in */
static uint32_t arrived;

NORETURN void smp_hart_entered(word_t hart_id, word_t core);

BOOT_TEXT unsigned smp_count_harts(void)
{
    unsigned count = 1;
    for (unsigned i = 0; i < machine.harts && count < U4_MAX_HARTS; i++)
        if (machine.hart_ids[i] != hart->id && sbi_hart_started(machine.hart_ids[i]))
            count++;
    return count;
}

BOOT_TEXT void smp_start_harts(void)
{
    word_t since = csr_read(time);
    __atomic_store_n(&smp_started, (uint32_t)num_harts, __ATOMIC_RELEASE);
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) + 1 < num_harts)
        if (csr_read(time) - since > 10 * timebase_hz)
            panic("%u of %lu harts that were started have not come to the kernel in 10 s",
                  (unsigned)num_harts - 1 - arrived, num_harts);
}

/* What is called before `arrived` counts may be in memory that the root task gets. */
void smp_hart_entered(word_t hart_id, word_t core)
{
    boot_hart(hart_id, core);
    boot_idle();
    trace_boot_hart();
    policy_boot();
    csr_write(sie, SIP_STIP | SIP_SEIP | SIP_SSIP);
    __atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
    lock_acquire();
    hart->action = ACTION_CHOOSE;
    kernel_exit();
}

#endif
