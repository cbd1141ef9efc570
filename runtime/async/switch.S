/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Switching coroutines: what the calling convention says that a function preserves goes to the
 * old context and comes from the new one (u4_context_t). All else is the caller's to save.
 */

/* void u4_switch(u4_context_t *from, const u4_context_t *to): 29 instructions. */
    .section .text.u4_switch, "ax"
    .globl u4_switch
    .type u4_switch, @function
u4_switch:
    sd ra, 0(a0)
    sd sp, 8(a0)
    sd s0, 16(a0)
    sd s1, 24(a0)
    sd s2, 32(a0)
    sd s3, 40(a0)
    sd s4, 48(a0)
    sd s5, 56(a0)
    sd s6, 64(a0)
    sd s7, 72(a0)
    sd s8, 80(a0)
    sd s9, 88(a0)
    sd s10, 96(a0)
    sd s11, 104(a0)
    ld ra, 0(a1)
    ld sp, 8(a1)
    ld s0, 16(a1)
    ld s1, 24(a1)
    ld s2, 32(a1)
    ld s3, 40(a1)
    ld s4, 48(a1)
    ld s5, 56(a1)
    ld s6, 64(a1)
    ld s7, 72(a1)
    ld s8, 80(a1)
    ld s9, 88(a1)
    ld s10, 96(a1)
    ld s11, 104(a1)
    ret
    .size u4_switch, . - u4_switch

/* The same with fs0..fs11. */
    .section .text.u4_switch_fpu, "ax"
    .globl u4_switch_fpu
    .type u4_switch_fpu, @function
u4_switch_fpu:
.irp r, 0,1,2,3,4,5,6,7,8,9,10,11
    fsd fs\r, 112 + 8 * \r(a0)
    fld fs\r, 112 + 8 * \r(a1)
.endr
    j u4_switch
    .size u4_switch_fpu, . - u4_switch_fpu

/* A coroutine's first instruction: its entry function is in s0, its argument in s1. */
    .section .text.u4_coro_start, "ax"
    .globl u4_coro_start
    .type u4_coro_start, @function
u4_coro_start:
    mv a0, s1
    jalr s0
    call u4_coro_ended
    .size u4_coro_start, . - u4_coro_start
