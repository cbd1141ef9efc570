/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions that trap.S jumps to; none of them returns. */
#ifndef KERNEL_SYSCALL_TRAP_H
#define KERNEL_SYSCALL_TRAP_H

#include "kernel/types.h"

NORETURN void trap_syscall(word_t cptr, word_t info, word_t number);
/* From the fast path, which could not do it; `reason` is an enum trace_slow_reason. */
NORETURN void trap_syscall_slow(word_t cptr, word_t info, word_t number, word_t reason);
NORETURN void trap_interrupt(word_t cause);
NORETURN void trap_idle_interrupt(void);
NORETURN void trap_exception(word_t cause, word_t value);
NORETURN void trap_in_kernel(word_t cause, word_t pc, word_t value, word_t ra);
NORETURN void fastpath_call(word_t cptr, word_t info);
NORETURN void fastpath_reply_recv(word_t cptr, word_t info);
NORETURN void fastpath_signal(word_t cptr, word_t info);
/* classic/signal_wait.c */
NORETURN void fastpath_signal_wait(word_t cptr, word_t info);
NORETURN void idle_wait(void);

/* Decides who runs and goes there. */
NORETURN void kernel_exit(void);

#endif
