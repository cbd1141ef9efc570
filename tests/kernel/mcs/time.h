/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving time, and letting it pass. */
#ifndef TESTS_KERNEL_MCS_TIME_H
#define TESTS_KERNEL_MCS_TIME_H

#include "../test.h"

/* Parameters in microseconds; no further refills, badge or flags. */
static inline seL4_Error configure_time(seL4_CPtr sc, seL4_Time budget, seL4_Time period)
{
    return seL4_SchedControl_ConfigureFlags(u4_boot_sched_control(), sc, budget, period, 0, 0, 0);
}

/* Microseconds of the clock, spent by the calling thread or by those before it. */
static inline void spend(seL4_Word us)
{
    seL4_Word from, now;

    __asm__ volatile("rdtime %0" : "=r"(from));
    do
        __asm__ volatile("rdtime %0" : "=r"(now));
    while (now - from < 10 * us);
}

#endif
