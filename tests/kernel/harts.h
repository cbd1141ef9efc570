/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests on several harts share. */
#ifndef TESTS_KERNEL_HARTS_H
#define TESTS_KERNEL_HARTS_H

#include "test.h"

/* Long enough for any hart to do what it is asked, without time deciding anything. */
enum { PATIENCE = 2000000000 };

static inline seL4_Word cores(void)
{
    return seL4_GetBootInfo()->numNodes;
}

/* Skips the test on one hart. */
static inline seL4_Word last_core(void)
{
    if (cores() < 2)
        test_skip("one hart");
    return cores() - 1;
}

/* A thread is moved; on the MCS kernel it gets time of that hart. */
static inline seL4_Error move_to(const u4_thread_t *t, seL4_Word core)
{
#if U4_MCS
    enum { ALL_OF = 10000 };

    return seL4_SchedControl_ConfigureFlags(u4_boot_sched_control() + core, t->sched_context,
                                            ALL_OF, ALL_OF, 0, 0, 0);
#else
    return seL4_TCB_SetAffinity(t->tcb, core);
#endif
}

static inline u4_thread_t *thread_on(seL4_Word core, seL4_Word priority,
                                     void (*entry)(u4_thread_t *), void *argument)
{
    u4_thread_t *t = thread("remote", priority, entry, argument);
    CHECK_OK(move_to(t, core));
    return t;
}

/* Waits, without leaving the hart, until a word differs from OLD; the test fails if it never does. */
static inline seL4_Word await_change(const volatile seL4_Word *word, seL4_Word old)
{
    for (seL4_Word i = 0; i < PATIENCE; i++)
        if (*word != old)
            return *word;
    test_check(false, __FILE__, __LINE__, "another hart goes on");
    return old;
}

/* Threads: count in the word that is their argument. */
static inline void count_for_ever(u4_thread_t *self)
{
    volatile seL4_Word *word = self->argument;

    for (;;)
        ++*word;
}

#endif
