/* SPDX-License-Identifier: GPL-2.0-only */
/* The thread of the kernel's own as which async system calls are executed (ring.c). */
#ifndef KERNEL_ASYNC_WORKER_H
#define KERNEL_ASYNC_WORKER_H

#include "abi/u4/ring.h"
#include "kernel/hart.h"

/* The longest answer: TCB_ReadRegisters, 32 words. */
#define WORKER_ANSWER_LINES 5

#define full_fence() __asm__ volatile("fence rw, rw" ::: "memory")

/* A CSpace whose root resolves at once all pointers that begin with its guard. */
typedef struct {
    cap_t root;
    word_t first; /* address of the slot that pointer 0 would have */
    word_t radix, guard;
} space_t;

typedef struct {
    const tcb_t *serves; /* whose ring is being drained; NULL: nobody's, or it is gone */
    tcb_t *before; /* who was current until then, in no queue yet; NULL: in one, or it has ended */
    space_t space; /* what the root says that the last request had */
    tcb_t tcb;
    seL4_IPCBuffer buffer __attribute__((aligned(sizeof(seL4_IPCBuffer))));
} worker_t;

extern worker_t workers[U4_MAX_HARTS];

/* This hart's. */
ALWAYS_INLINE worker_t *worker_here(void)
{
    return &workers[hart->core];
}

/* The worker becomes current, on behalf of `t`. */
worker_t *worker_enter(const tcb_t *t);
/* Who was current goes back to its queue, if it can still run: others are to be chosen from, or
 * another hart comes into the kernel. */
void worker_requeue(worker_t *worker);
/* It stops being current. Who was before goes on, unless there is to be a choice. */
void worker_leave(void);
/* Between drains of this hart: does another one serve `t`, and has given way? */
bool worker_elsewhere(const tcb_t *t);
/* For the checker: is it a hart's worker? */
bool worker_is(const tcb_t *t);
/* `t` or its ring goes away. */
void worker_forget(const tcb_t *t);

#endif
