/* SPDX-License-Identifier: BSD-2-Clause */
/* logger: a client that sends without waiting for answers, some of it to nobody. */
#include <u4/start.h>
#include <u4/u4.h>

#include "services/demo.h"

enum { SENDS = 8, NBSENDS = 4, LOST = 2 };

static void burst(unsigned tick)
{
    for (unsigned i = 0; i < SENDS; i++) {
        for (unsigned k = 0; k <= i; k++)
            seL4_SetMR((int)k, tick);
        counts.ipc_send++;
        seL4_Send(u4_cap("fs"), seL4_MessageInfo_new(FS_LOG, 0, 0, i + 1));
        demo_work(200);
    }
    for (unsigned i = 0; i < NBSENDS; i++) /* fs counts those that arrive */
        seL4_NBSend(u4_cap("fs"), seL4_MessageInfo_new(FS_LOG_NB, 0, 0, 0));
    for (unsigned i = 0; i < LOST; i++) {
        counts.ipc_nbsend_lost++;
        seL4_NBSend(u4_cap("nobody"), seL4_MessageInfo_new(FS_LOG_NB, 0, 0, 0));
    }
    counts.yield++;
    seL4_Yield();
}

int main(void)
{
    seL4_CPtr ticks = u4_cap("ticks"), done = u4_cap("done");

    /* Nothing is in this slot yet: the wait faults, and root puts a notification there. */
    seL4_Wait(u4_start_block()->first_free_slot, NULL);
    for (unsigned tick = 0; tick < DEMO_TICKS; tick++) {
        seL4_Wait(ticks, NULL);
        burst(tick);
        counts.signal++;
        seL4_Signal(done);
    }
    counts.ipc_call++;
    (void)seL4_Call(u4_cap("fs"), seL4_MessageInfo_new(FS_CLOSE, 0, 0, 0));
    demo_end(0);
}
