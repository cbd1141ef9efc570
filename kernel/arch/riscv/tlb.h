/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling the TLB about changed page tables (RISC-V Privileged 1.12, 4.2.1), at the weakest that
 * is enough. Also needed when an entry becomes valid: hardware may remember that it was not. All
 * harts' TLBs are meant.
 */
#ifndef KERNEL_ARCH_TLB_H
#define KERNEL_ARCH_TLB_H

#include "kernel/arch/riscv/csr.h"
#include "kernel/smp/smp.h"

/* The leaf that translates `va` has changed. */
ALWAYS_INLINE void tlb_flush_page(word_t asid, vaddr_t va)
{
    __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
    smp_flush(asid, va, BIT(seL4_PageBits));
}
/* A pointer to a page table has changed, or the ASID is to be used for something else. */
ALWAYS_INLINE void tlb_flush_asid(word_t asid)
{
    sfence_asid(asid);
    smp_flush(asid, 0, ~0ull);
}
/* Many ASIDs are to be used for something else. */
ALWAYS_INLINE void tlb_flush_all(void)
{
    sfence_all();
    smp_flush_all();
}

#endif
