/* SPDX-License-Identifier: GPL-2.0-only */
/* The thread of the kernel's own as which async system calls are executed (ring.c). */
#ifndef KERNEL_ASYNC_WORKER_H
#define KERNEL_ASYNC_WORKER_H

#include "abi/u4/ring.h"
#include "kernel/hart.h"

/* The longest answer: TCB_ReadRegisters, 32 words. */
#define WORKER_ANSWER_LINES 5

#define full_fence() __asm__ volatile("fence rw, rw" ::: "memory")

typedef struct {
    const tcb_t *serves; /* whose ring is being drained; NULL: nobody's, or it is gone */
    tcb_t tcb;
    seL4_IPCBuffer buffer __attribute__((aligned(sizeof(seL4_IPCBuffer))));
} worker_t;

extern worker_t workers[U4_MAX_HARTS];

/* This hart's. */
ALWAYS_INLINE worker_t *worker_here(void)
{
    return &workers[hart->core];
}

/* The worker becomes current, on behalf of `t`; the current thread goes back to its queue. */
worker_t *worker_enter(const tcb_t *t);
/* It stops being current; a choice among the ready threads follows. */
void worker_leave(void);
/* Between drains of this hart: does another one serve `t`, and has given way? */
bool worker_elsewhere(const tcb_t *t);
/* For the checker: is it a hart's worker? */
bool worker_is(const tcb_t *t);
/* `t` or its ring goes away. */
void worker_forget(const tcb_t *t);

#endif
