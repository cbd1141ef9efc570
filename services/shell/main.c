/* SPDX-License-Identifier: BSD-2-Clause */
/* shell: a client that calls fs, one burst per tick, and now and then needs root's help. */
#include <u4/start.h>
#include <u4/u4.h>

#include "services/demo.h"

enum { CALLS = 36 };
#define UNMAPPED 0x190000ul /* pages that nobody mapped */

static seL4_MessageInfo_t call(seL4_Word label, seL4_Word length)
{
    counts.ipc_call++;
    return seL4_Call(u4_cap("fs"), seL4_MessageInfo_new(label, 0, 0, length));
}

/* Ask for the server's buffer, map it and see that it is the server's. */
static void share_buffer(void)
{
    const seL4_Word *buffer = (const seL4_Word *)0x180000;
    seL4_CPtr slot = u4_start_block()->first_free_slot;
    seL4_MessageInfo_t info;

    seL4_SetCapReceivePath(u4_cap("cnode"), slot, seL4_WordBits);
    info = call(FS_BUFFER, 0);
    if (seL4_MessageInfo_get_extraCaps(info) != 1)
        demo_check(seL4_InvalidCapability, "shell: no buffer from fs");
    demo_check(seL4_RISCV_Page_Map(slot, u4_cap("vspace"), (seL4_Word)buffer, seL4_CanRead,
                                   seL4_RISCV_ExecuteNever),
               "shell: mapping the buffer");
    if (buffer[0] != FS_BUFFER_MAGIC)
        demo_check(seL4_InvalidArgument, "shell: the buffer is not the server's");
}

/* One burst: writes and reads of lengths that differ, so that answers take different times. */
static void burst(unsigned tick)
{
    for (unsigned i = 0; i < CALLS; i++) {
        unsigned length = (i * 7 + tick) % 32 + 1;

        demo_work(100);
        if (i % 3 == 0) {
            for (unsigned k = 0; k < length; k++)
                seL4_SetMR((int)k, tick * 1000 + k);
            (void)call(FS_WRITE, length);
        } else {
            seL4_SetMR(0, length);
            (void)call(FS_READ, 1);
        }
    }
}

/* Touch a fresh page every fourth tick; break into the fault handler once. */
static void need_help(unsigned tick)
{
    if (tick % 4 == 0)
        *(volatile seL4_Word *)(UNMAPPED + tick * 4096) = tick;
    if (tick == 5)
        __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop");
}

int main(void)
{
    seL4_CPtr ticks = u4_cap("ticks"), done = u4_cap("done");

    share_buffer();
    for (unsigned tick = 0; tick < DEMO_TICKS; tick++) {
        seL4_Wait(ticks, NULL);
        burst(tick);
        need_help(tick);
        counts.signal++;
        seL4_Signal(done);
    }
    (void)call(FS_CLOSE, 0);
    demo_end(0);
}
