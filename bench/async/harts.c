/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several harts. The measured program runs on as many as it finds: on one, everything is on that;
 * on two, servers and the kernel's part of async system calls are on the second, and what is counted
 * is the instructions of both; on three, the third counts, and what others take is told in instructions
 * that it executes meanwhile. Harts take turns, so that is how long each takes if they run in
 * parallel, to within a turn for each time that one waits for another.
 */
#include "async.h"

#if U4_SMP

enum { STACK = 4096, TIMES = 1024, CLOCK_LOOP = 3, CLOCK = 2 };

volatile uint64_t clock_rounds;
unsigned harts = 1;

/* More important than all else: nothing is served on its hart. */
static void count_time(u4_thread_t *self)
{
    uint64_t n = 0;

    (void)self;
    __asm__ volatile("1: addi %0, %0, 1\n sd %0, (%1)\n j 1b" : "+r"(n) : "r"(&clock_rounds));
    __builtin_unreachable();
}

uint64_t clock_instructions(void)
{
    return CLOCK_LOOP * clock_rounds;
}

void harts_init(void)
{
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));

    harts = (unsigned)seL4_GetBootInfo()->numNodes;
    if (harts <= CLOCK)
        return;
    start_thread_on(CLOCK, &thread, count_time, stack, sizeof stack);
    while (clock_rounds == 0)
        ;
}

/* ---- signals ---- */

static seL4_CPtr there, back, far;

static void answer_signals(u4_thread_t *self)
{
    (void)self;
    for (;;) {
        seL4_Wait(there, NULL);
        seL4_Signal(back);
    }
}

static uint64_t signals(void)
{
    uint64_t start = instructions();

    for (unsigned i = 0; i < TIMES; i++) {
        seL4_Signal(there);
        seL4_Wait(back, NULL);
    }
    return (instructions() - start) / TIMES;
}

/* ---- a thread that runs there ---- */

static void spin(u4_thread_t *self)
{
    (void)self;
    for (;;)
        ;
}

static void yield(u4_thread_t *self)
{
    (void)self;
    for (;;)
        seL4_Yield();
}

/* Its hart gives it up, and this one reads what it left. */
static uint64_t reads(void)
{
    seL4_UserContext registers;
    uint64_t start = instructions();

    for (unsigned i = 0; i < TIMES; i++)
        need(!seL4_TCB_ReadRegisters(far, 0, 0, 1, &registers), "read a register");
    return (instructions() - start) / TIMES;
}

static uint64_t yields(void)
{
    uint64_t start = instructions();

    for (unsigned i = 0; i < TIMES; i++)
        seL4_Yield();
    return (instructions() - start) / TIMES;
}

static void beside(const char *name, void (*entry)(u4_thread_t *), uint64_t (*measure)(void))
{
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));

    start_thread(&thread, entry, stack, sizeof stack);
    far = thread.tcb;
    (void)measure();
    printf("bench: %s %lu\n", name, (unsigned long)measure());
    need(!seL4_TCB_Suspend(far), "stop a thread");
}

void bench_harts(void)
{
    need(!u4_alloc_object(&alloc, seL4_NotificationObject, 0, &there) &&
             !u4_alloc_object(&alloc, seL4_NotificationObject, 0, &back),
         "make notifications");
    printf("bench: yield_alone %lu\n", (unsigned long)yields());
    beside("signal_and_back", answer_signals, signals);
    if (harts == 1)
        return;
    beside("stall", spin, reads);
    beside("yield_contended", yield, yields);
}

#endif
