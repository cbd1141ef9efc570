/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the loader enters the kernel (seL4's elfloader protocol), with the MMU on and only the
 * kernel's own image and the loader mapped:
 *
 *   a0, a1   root image: physical start and end
 *   a2       its physical minus its virtual address
 *   a3       its virtual entry point
 *   a4, a5   device tree: physical address and size
 *   a6, a7   hart id, core number (0 boots the system)
 *
 * The eight arguments are handed on to boot_kernel() as they are.
 */
#include "kernel/arch/riscv/csr.h"
#include "kernel/boot/stack.h"
#include "kernel/hart.h"

    .section .text.start, "ax", @progbits
    .global _start
_start:
    csrw sie, zero
    csrci sstatus, SSTATUS_SIE
    li t0, SSTATUS_SUM
    csrc sstatus, t0
    li t0, SSTATUS_FS
    csrs sstatus, t0
    la t0, trap_entry
    csrw stvec, t0
    csrw sscratch, zero
    li gp, 0
    bnez a7, secondary

    la tp, harts
    la sp, boot_stacks + BOOT_STACK_SIZE
    sd sp, HART_STACK(tp)
    call boot_kernel

/* A hart that this kernel does not use, or not yet, waits on the kernel's own page table, since
 * the loader's will be given away. a6, a7 are as above. */
    .text
secondary:
    lla t0, boot_kernel_satp
1:
    ld t1, 0(t0)
    beqz t1, 1b
    fence r, rw
    csrw satp, t1
    sfence.vma
#if U4_SMP
    lla t0, smp_on_own_tables
    li t1, 1
    amoadd.w.rl zero, t1, (t0)
/* The number of harts that are let in; 0 until it is time. The boot hart interrupts all then. */
    csrw sie, SIP_SSIP
    lla t0, smp_started
    j 3f
2:  wfi
3:  lw t1, 0(t0)
    beqz t1, 2b
    fence r, rw
    csrw sie, zero
    bgeu a7, t1, park
    la tp, harts
    lla t0, hart_size
    ld t0, 0(t0)
    mul t0, t0, a7
    add tp, tp, t0
    la sp, boot_stacks
    addi t0, a7, 1
    li t1, BOOT_STACK_SIZE
    mul t0, t0, t1
    add sp, sp, t0
    sd sp, HART_STACK(tp)
    mv a0, a6
    mv a1, a7
    j smp_hart_entered
#endif
park:
    wfi
    j park

/* How many harts this kernel can use: tells u4's loader how many to start. */
    .section .note.u4, "a", @note
    .balign 4
    .word 3         /* "u4" and NUL */
    .word 4
    .word 1
    .asciz "u4"
    .balign 4
    .word U4_MAX_HARTS
