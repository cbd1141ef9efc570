/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the asynchronous interface needs from the kernel: signalling and waiting in one system
 * call, waits with a deadline, and async system calls: rings of invocations that the kernel
 * drains (ring.c).
 */
#ifndef KERNEL_ASYNC_ASYNC_H
#define KERNEL_ASYNC_ASYNC_H

#include "kernel/hart.h"

/* u4_SysSignalWait of the current thread. */
void async_signal_wait(void);

/* The timer's tick: ends waits whose deadline has passed. */
void timeout_tick(void);
/* The thread ends: it has no deadline any more. */
void timeout_forget(tcb_t *t);

#endif
