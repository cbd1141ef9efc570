/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the asynchronous interface needs from the kernel: signalling and waiting in one system
 * call, waits with a deadline, and async system calls: rings of invocations that the kernel
 * drains (ring.c).
 */
#ifndef KERNEL_ASYNC_ASYNC_H
#define KERNEL_ASYNC_ASYNC_H

#include "kernel/arch/riscv/csr.h"
#include "kernel/hart.h"

/* u4_SysSignalWait of the current thread. */
void async_signal_wait(void);

/* Threads that have a deadline, and rings to drain: while there are any, the timer must fire at
 * least every timebase_hz / TIMEOUT_GRAINS ticks. */
extern word_t timeouts;
#define TIMEOUT_GRAINS 500 /* per second: 2 ms, as the classic kernel's tick */
/* Threads that have one, by the tick of it modulo the number of lists. */
#define TIMEOUT_SLOTS 64
extern tcb_t *timeout_wheel[TIMEOUT_SLOTS];

ALWAYS_INLINE word_t timeout_tick_of(word_t time)
{
    return time / (timebase_hz / TIMEOUT_GRAINS);
}

/* The timer's tick: ends waits whose deadline has passed. */
void timeout_tick(void);
/* The thread ends: it has no deadline any more. */
void timeout_forget(tcb_t *t);

/* worker.c: what async_home() gives on a hart that may be serving somebody. */
hart_t *worker_home(void);
/* The thread ends: nobody goes back to it. */
void worker_ended(const tcb_t *t);

/* ring.c. Threads whose rings there is something to drain in, as far as is known. */
extern tcb_t *async_pending_head, *async_pending_tail;
/* Invocations of TCBs: `t` gets a ring (log2; frame, notification), or loses it. */
status_t async_register(tcb_t *t, word_t length);
void async_unregister(tcb_t *t);
/* The thread ends, its slots are emptied by its deletion. */
void async_forget(tcb_t *t);
/* u4_SysAsyncWake of the current thread. */
void async_wake(void);
/* Is there something to drain, for whichever thread? */
bool async_pending(void);
/* With the scheduler's decision made: drains a ring whose thread may go before the current one.
 * A new decision is due if it did. */
bool async_run(void);

/* The hart of whoever makes the invocation at hand: of the submitter, if it came by a ring. */
ALWAYS_INLINE hart_t *async_home(void)
{
    return U4_SMP ? worker_home() : hart;
}

#endif
