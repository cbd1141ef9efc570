/* SPDX-License-Identifier: GPL-2.0-only */
/* C functions of this hart's ring, called through t0, preserving every other register. Debuggers
 * that stop behind them (trigger.c) find the way back to the event by the CFI lines. */
#if U4_TRACE
.macro PRESERVING name, function
    .cfi_startproc
    .cfi_return_column t0
    .global \name
\name:
    addi sp, sp, -128
    .cfi_def_cfa_offset 128
    sd ra, 0(sp)
    .cfi_offset ra, -128
    sd a0, 8(sp)
    sd a1, 16(sp)
    sd a2, 24(sp)
    sd a3, 32(sp)
    sd a4, 40(sp)
    sd a5, 48(sp)
    sd a6, 56(sp)
    sd a7, 64(sp)
    sd t1, 72(sp)
    sd t2, 80(sp)
    sd t3, 88(sp)
    sd t4, 96(sp)
    sd t5, 104(sp)
    sd t6, 112(sp)
    sd t0, 120(sp)
    .cfi_offset t0, -8
    mv a0, tp /* the ring is the first thing of a hart */
    call \function
    ld ra, 0(sp)
    ld a0, 8(sp)
    ld a1, 16(sp)
    ld a2, 24(sp)
    ld a3, 32(sp)
    ld a4, 40(sp)
    ld a5, 48(sp)
    ld a6, 56(sp)
    ld a7, 64(sp)
    ld t1, 72(sp)
    ld t2, 80(sp)
    ld t3, 88(sp)
    ld t4, 96(sp)
    ld t5, 104(sp)
    ld t6, 112(sp)
    ld t0, 120(sp)
    addi sp, sp, 128
    jr t0
    .cfi_endproc
    .type \name, @function
    .size \name, . - \name
.endm

    .text
    .cfi_sections .debug_frame
    PRESERVING trace_wrap_hart, trace_wrap
#if defined(U4_SMP) && U4_SMP
    PRESERVING trace_follow_hart, trace_follow
#endif
#endif
