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

/* entry.S: */
uint32_t smp_on_own_tables; /* harts that have left the loader's page tables */
uint32_t smp_started;       /* cores below this number are let in */
static uint32_t arrived;

NORETURN void smp_hart_entered(word_t hart_id, word_t core);

BOOT_TEXT static void await(const uint32_t *count, uint32_t wanted, const char *what)
{
    word_t since = csr_read(time);
    while (__atomic_load_n(count, __ATOMIC_ACQUIRE) < wanted)
        if (csr_read(time) - since > 10 * timebase_hz)
            panic("harts: %u of %u other harts that were started %s in 10 s", *count, wanted, what);
}

/* The loader's memory may be used for something else afterwards. */
BOOT_TEXT unsigned smp_count_harts(void)
{
    unsigned others = 0;
    for (unsigned i = 0; i < machine.harts && others + 1 < U4_MAX_HARTS; i++)
        if (machine.hart_ids[i] != hart->id && sbi_hart_started(machine.hart_ids[i]))
            others++;
    await(&smp_on_own_tables, others, "have left the loader");
    for (unsigned core = 0; core <= others; core++)
        harts[core].core = core;
    return others + 1;
}

BOOT_TEXT void smp_start_harts(void)
{
    __atomic_store_n(&smp_started, (uint32_t)num_harts, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < machine.harts; i++)
        if (machine.hart_ids[i] != hart->id && sbi_hart_started(machine.hart_ids[i]))
            sbi_send_ipi(machine.hart_ids[i]);
    await(&arrived, (uint32_t)num_harts - 1, "have come to the kernel");
}

/* What is called before `arrived` counts may be in memory that the root task gets. */
void smp_hart_entered(word_t hart_id, word_t core)
{
    while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != core - 1)
        ; /* one after the other, as if with the lock */
    csr_clear(sip, SIP_SSIP);
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
