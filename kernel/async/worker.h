/* SPDX-License-Identifier: GPL-2.0-only */
/* The thread of the kernel's own as which async system calls are executed (ring.c). */
#ifndef KERNEL_ASYNC_WORKER_H
#define KERNEL_ASYNC_WORKER_H

#include "abi/u4/ring.h"
#include "kernel/hart.h"

/* The longest answer: TCB_ReadRegisters, 32 words. */
#define WORKER_ANSWER_LINES 5

#define full_fence() __asm__ volatile("fence rw, rw" ::: "memory")

/* The worker becomes current, on behalf of `t`; the current thread goes back to its queue. */
const tcb_t *worker_enter(const tcb_t *t);
/* It stops being current; a choice among the ready threads follows. */
void worker_leave(void);
/* Is it (still) on behalf of `t`? */
bool worker_serves(const tcb_t *t);
/* Between drains of this hart: does another one serve `t`, and has given way? */
bool worker_elsewhere(const tcb_t *t);
/* For the checker: is it a hart's worker? */
bool worker_is(const tcb_t *t);
/* `t` or its ring goes away. */
void worker_forget(const tcb_t *t);

typedef enum {
    WORKER_DONE,
    WORKER_PREEMPTED, /* left at a preemption point: it is still there, and starts again */
    WORKER_GARBAGE,   /* what is in the ring cannot be a request */
    WORKER_GONE,      /* the thread or its ring does not exist any more */
} worker_result_t;

/* Takes the next request of `t`, of which `lines` lines are published, executes it and answers. */
worker_result_t worker_execute(tcb_t *t, u4_rings_t *rings, word_t lines);

#endif
