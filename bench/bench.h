/* SPDX-License-Identifier: BSD-2-Clause */
/* What the measured program's files share. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <u4/thread.h>

enum { BENCH_ROUNDS = 256, BENCH_PRIORITY = 100 };

static inline __attribute__((always_inline)) uint64_t bench_now(void)
{
    uint64_t n;
    __asm__ volatile("rdinstret %0" : "=r"(n)::"memory");
    return n;
}

/* Ends the program unless OK. */
void bench_need(bool ok, const char *what);
/* A duration: the fewest since the last report counts. */
void bench_take(uint64_t start, uint64_t end);
void bench_report(const char *name);
/* A new object; a new thread that runs. */
seL4_CPtr bench_object(seL4_Word type, seL4_Word size_bits);
void bench_start(void (*entry)(u4_thread_t *), seL4_Word priority);

/* uintr.c */
void bench_uintr(void);

#endif
