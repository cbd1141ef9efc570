/* SPDX-License-Identifier: BSD-2-Clause */
/* A coroutine's first instructions; u4_switch() comes here with the old context in a0. */
    .section .text.u4_coro_start, "ax"
    .globl u4_coro_start
    .type u4_coro_start, @function
u4_coro_start:
    .cfi_startproc
    .cfi_undefined ra
    sd t1, 0(a0)
    call u4_coro_main
    .cfi_endproc
    .size u4_coro_start, . - u4_coro_start
