/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions whose first instruction faults, so that the fault's address is the function's. */

    .option norvc
    .text

.macro function name
    .globl \name
    .type \name, @function
\name:
.endm

function fault_load         /* (address): the word there */
    ld a0, 0(a0)
    ret

function fault_store        /* (address, value) */
    sd a1, 0(a0)
    ret

function fault_breakpoint   /* (value): the value */
    ebreak
    ret

function fault_illegal      /* (value): the value */
    csrw sstatus, a0
    ret

function fault_float        /* (): uses a floating-point register */
    fmv.x.d a0, fa0
    ret

/* (number, a0..a5): a0 afterwards. The ecall is fault_ecall_at. */
    .globl fault_ecall, fault_ecall_at
fault_ecall:
    mv a7, a0
    mv a0, a1
    mv a1, a2
    mv a2, a3
    mv a3, a4
    mv a4, a5
    li a5, 0x55
    li a6, 0x66
fault_ecall_at:
    ecall
    ret

/* The registers that a system call must keep, filled before and compared after one:
 * (number, cptr, info): 0 if all others are as they were. */
    .globl registers_kept
registers_kept:
    addi sp, sp, -112
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    sd s2, 24(sp)
    sd s3, 32(sp)
    sd s4, 40(sp)
    sd s5, 48(sp)
    sd s6, 56(sp)
    sd s7, 64(sp)
    sd s8, 72(sp)
    sd s9, 80(sp)
    sd s10, 88(sp)
    sd s11, 96(sp)
    sd a3, 104(sp)
    mv a7, a0
    mv a0, a1
    mv a1, a2
    mv a6, a3
    .set n, 1
    .irp r, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t0, t1, t2, t3, t4, t5, t6
    li \r, 0x1000 + n
    .set n, n + 1
    .endr
    ecall
    ld a0, 104(sp)
    xor a0, a0, a6
    .set n, 1
    .irp r, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t0, t1, t2, t3, t4, t5, t6
    li a1, 0x1000 + n
    sub a1, a1, \r
    or a0, a0, a1
    .set n, n + 1
    .endr
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    ld s2, 24(sp)
    ld s3, 32(sp)
    ld s4, 40(sp)
    ld s5, 48(sp)
    ld s6, 56(sp)
    ld s7, 64(sp)
    ld s8, 72(sp)
    ld s9, 80(sp)
    ld s10, 88(sp)
    ld s11, 96(sp)
    addi sp, sp, 112
    ret
