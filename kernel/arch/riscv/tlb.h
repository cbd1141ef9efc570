/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling the TLB about changed page tables (RISC-V Privileged 1.12, 4.2.1), at the weakest that
 * is enough. Also needed when an entry becomes valid: hardware may remember that it was not.
 */
#ifndef KERNEL_ARCH_TLB_H
#define KERNEL_ARCH_TLB_H

#include "kernel/types.h"

/* The leaf that translates `va` has changed. */
ALWAYS_INLINE void tlb_flush_page(word_t asid, vaddr_t va)
{
    __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
}
/* A pointer to a page table has changed, or the ASID is to be used for something else. */
ALWAYS_INLINE void tlb_flush_asid(word_t asid)
{
    __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}
/* Many ASIDs are to be used for something else. */
ALWAYS_INLINE void tlb_flush_all(void)
{
    __asm__ volatile("sfence.vma" ::: "memory");
}

#endif
