/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spin: computes for several time slices. Two of these at one priority take turns. With MCS each has
 * a budget, and part of the work is done by calc, on that budget too.
 */
#include <u4/start.h>

#include "services/demo.h"

enum { ROUNDS = 15 };

int main(void)
{
    seL4_CPtr calc = u4_cap("calc");

    for (unsigned i = 0; i < ROUNDS; i++) {
        demo_work(1000 * 1000);
        if (calc) {
            counts.ipc_call++;
            seL4_SetMR(0, i);
            (void)seL4_Call(calc, seL4_MessageInfo_new(0, 0, 0, 1));
        }
    }
    if (calc) {
        counts.ipc_call++;
        (void)seL4_Call(calc, seL4_MessageInfo_new(FS_CLOSE, 0, 0, 0));
        counts.ipc_reply += seL4_GetMR(0);
    }
    demo_end(0);
}
