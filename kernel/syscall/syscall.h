/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls on the slow path: complete, in the order in which seL4 checks things. */
#ifndef KERNEL_SYSCALL_SYSCALL_H
#define KERNEL_SYSCALL_SYSCALL_H

#include "kernel/types.h"

/* Executes system call `number` of the current thread; `cptr` and `info` are its a0 and a1. */
void syscall_handle(cptr_t cptr, word_t info, int64_t number);
/* A call's number as an enum trace_syscall, the same in every configuration; by -number. */
#define SYSCALL_NUMBERS 64
extern const uint8_t syscall_trace_numbers[SYSCALL_NUMBERS];

ALWAYS_INLINE word_t syscall_trace_number(int64_t number)
{
    return syscall_trace_numbers[(word_t)-number % SYSCALL_NUMBERS];
}

/* extra.c: what is neither IPC nor invocation: debug calls, u4's own. False: no such call. */
bool syscall_extra(int64_t number);

#endif
