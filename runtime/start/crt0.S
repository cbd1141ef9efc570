/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of every user program: a0 is BootInfo (root task) or the creator's start block. */

    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    mv s0, zero
    call u4_start
1:
    j 1b
    .size _start, . - _start
