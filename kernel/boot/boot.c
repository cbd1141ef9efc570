/* SPDX-License-Identifier: GPL-2.0-only */
/* From the loader's registers to the first instruction of the root task. */
#include "kernel/boot/boot.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/boot/memory.h"
#include "kernel/boot/own.h"
#include "kernel/boot/rootserver.h"
#include "kernel/boot/stack.h"
#include "kernel/lib/mem.h"
#include "kernel/lib/print.h"
#include "kernel/object/irq.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/receiver.h"

char boot_stacks[U4_MAX_HARTS][BOOT_STACK_SIZE] __attribute__((aligned(16)));
/* The kernel's page table once it can be used: entry.S waits for it on other harts. */
volatile word_t boot_kernel_satp;

word_t timebase_hz;

static tcb_t idle_threads[U4_MAX_HARTS] __attribute__((aligned(2048)));

NORETURN void boot_kernel(paddr_t image_start, paddr_t image_end, word_t image_offset,
                          vaddr_t entry, paddr_t dtb, word_t dtb_size, word_t hart_id, word_t core);

BOOT_TEXT static unsigned machine_hart(word_t hart_id)
{
    for (unsigned i = 0; i < machine.harts; i++) {
        if (machine.hart_ids[i] == hart_id)
            return i;
    }
    panic("device tree: no cpu node for hart %lu, which the system boots on", hart_id);
}

BOOT_TEXT void boot_hart(word_t hart_id, word_t core)
{
    hart->id = (uint32_t)hart_id;
    hart->core = (uint32_t)core;
    vspace_init_hart();
}

BOOT_TEXT void boot_idle(void)
{
    tcb_t *idle = &idle_threads[hart->core];
    idle->state = THREAD_IDLE;
    memcpy(idle->name, "idle", sizeof("idle"));
    idle->hart = hart;
    hart->idle = idle;
    hart->current = idle;
    if (machine.plic)
        plic_init(machine.plic, machine.plic_context[machine_hart(hart->id)]);
}

NORETURN BOOT_TEXT static void start_root(tcb_t *t)
{
    trace_thread_name(t);
    TRACE(thread_configure, TRACE_REF(t), TRACE_REF(cap_ptr(t->slots[TCB_SLOT_VSPACE].cap)),
          TRACE_REF(cap_ptr(t->slots[TCB_SLOT_CSPACE].cap)), tcb_fault_handler(t));
    boot_own_trace(t);
    tcb_restart(t);
    sched_exit();
    restore_user();
}

BOOT_TEXT void boot_kernel(paddr_t image_start, paddr_t image_end, word_t image_offset,
                           vaddr_t entry, paddr_t dtb, word_t dtb_size, word_t hart_id, word_t core)
{
    boot_args_t args = {{image_start, image_end}, image_offset, entry, {dtb, dtb + dtb_size}};

    vspace_init();
    boot_hart(hart_id, core);
    boot_kernel_satp = satp_kernel();
    if (!dtb || !dtb_size || dtb + dtb_size < dtb || dtb + dtb_size > PHYS_WINDOW_TOP - PHYS_WINDOW)
        panic("device tree: the loader passed none (address 0x%lx, size %lu)", dtb, dtb_size);
    dtb_parse(phys_to_virt(dtb), dtb_size);
    timebase_hz = machine.timebase_hz;
    num_harts = smp_count_harts();
    memory_init(&args);
    boot_idle();
    trace_boot(machine.bootargs);
    tcb_t *root = rootserver_create(&args);
    domain_schedule_init();
    irq_init();
    uintc_init(machine.uintc, machine.uintc_notifies);
    receiver_init();
    policy_boot();
    csr_write(sie, SIP_STIP | SIP_SEIP | SIP_SSIP);
    smp_start_harts();
    start_root(root);
}
