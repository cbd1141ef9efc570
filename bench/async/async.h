/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the async benchmark share. */
#ifndef BENCH_ASYNC_ASYNC_H
#define BENCH_ASYNC_ASYNC_H

#include <stdio.h>
#include <stdlib.h>

#include <u4/conn.h>
#include <u4/machine.h>
#include <u4/sysring.h>
#include <u4/thread.h>

enum { PRIORITY = 100, CONCURRENCIES = 6, WORKS = 4, LOADS = U4_SMP ? 1 : WORKS, LOOKS = 200 };

extern u4_alloc_t alloc;
extern u4_vspace_t vspace;
extern u4_thread_env_t env;
extern uint64_t overhead; /* of two readings of the counter */

/* harts.c, on several: how many, and what the hart that counts has executed (below three: nothing). */
extern unsigned harts;
uint64_t clock_instructions(void);
void harts_init(void);
void bench_harts(void);

static inline __attribute__((always_inline)) uint64_t instructions(void)
{
    uint64_t n;
#if U4_SMP
    if (harts > 2)
        return clock_instructions();
#endif
    __asm__ volatile("rdinstret %0" : "=r"(n)::"memory");
    return n;
}

void need(bool ok, const char *what);
/* On the second hart, if there is one. */
void start_thread(u4_thread_t *thread, void (*entry)(u4_thread_t *), char *stack, size_t size);
void start_thread_on(unsigned hart, u4_thread_t *thread, void (*entry)(u4_thread_t *), char *stack,
                     size_t size);

/* N times N steps of what a server does for a request. */
void work(unsigned n);
/* The N that reL4 was measured with. */
extern const unsigned works[WORKS];

void bench_primitives(void); /* coroutine switch, ring push and pop */
void bench_sync(void);       /* Call and ReplyRecv between two threads */
void bench_ipc(void);        /* the same by async IPC, at concurrency 1..32 */
void bench_memory(void);     /* map and unmap, by traps and by the ring */

#endif
