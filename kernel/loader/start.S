/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware enters here, in supervisor mode without translation: a0 hart id, a1 device tree.
 * Harts that loader_main starts enter at loader_secondary: a0 hart id, a1 their launch_t.
 */
#include "kernel/loader/loader.h"

    .section .text.start, "ax", @progbits
    .global _start
_start:
    csrw sie, zero
    csrw satp, zero
    la t0, stuck
    csrw stvec, t0
    la t0, bss_start
    la t1, bss_end
1:
    bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:
    la sp, loader_stack_top
    call loader_main

/* A trap in the loader: says where, for there is nothing else to do. */
    .balign 4
stuck:
    la sp, loader_stack_top
    csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    j loader_trap

    .global loader_secondary
    .balign 4
loader_secondary:
    csrw sie, zero
    ld a6, LAUNCH_HART(a1)

    mv a0, a1

/* NORETURN loader_launch(const launch_t *): into the kernel, with its arguments in registers. The
 * loader is mapped one to one, so execution goes on here after satp is written. */
    .global loader_launch
loader_launch:
    mv t0, a0
    ld t1, LAUNCH_SATP(t0)
    ld t2, LAUNCH_ENTRY(t0)
    ld a0, LAUNCH_ARGS + 0(t0)
    ld a1, LAUNCH_ARGS + 8(t0)
    ld a2, LAUNCH_ARGS + 16(t0)
    ld a3, LAUNCH_ARGS + 24(t0)
    ld a4, LAUNCH_ARGS + 32(t0)
    ld a5, LAUNCH_ARGS + 40(t0)
    ld a6, LAUNCH_HART(t0)
    ld a7, LAUNCH_CORE(t0)
    fence.i
    sfence.vma
    csrw satp, t1
    sfence.vma
    jr t2

    .section .bss
    .balign 16
    .space 8192
loader_stack_top:
