/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include <u4/start.h>
#include <u4/u4.h>

#include "services/demo.h"

demo_counts_t counts;

_Noreturn void demo_end(int status)
{
    enum { WORDS = sizeof counts / sizeof(seL4_Word) };
    const seL4_Word *words = (const seL4_Word *)&counts;

    counts.ipc_send += 2; /* this report and exit()'s message */
    for (int i = 0; i < WORDS; i++)
        seL4_SetMR(i, words[i]);
    seL4_Send(u4_cap("exit"), seL4_MessageInfo_new(DEMO_REPORT, 0, 0, WORDS));
    exit(status);
}

void demo_check(seL4_Error error, const char *what)
{
    if (!error)
        return;
    printf("%s: seL4 error %d\n", what, (int)error);
    exit(1);
}

void demo_work(unsigned long iterations)
{
    for (unsigned long i = 0; i < iterations; i++)
        __asm__ volatile("");
}
