/* SPDX-License-Identifier: BSD-2-Clause */
/* fs: the demo's server. One loop answers calls, takes sends, and flushes at each tick. */
#include <stdio.h>

#include <u4/receive.h>
#include <u4/start.h>
#include <u4/u4.h>

#include "services/demo.h"

enum { CLIENTS = 2 };

static seL4_Word stored[seL4_MsgMaxLength];
static unsigned dirty; /* words written since the last flush */
static unsigned closed;

/* Share the buffer: its frame's capability goes along with the answer. */
static seL4_MessageInfo_t share_buffer(void)
{
    seL4_SetCap(0, u4_cap("buffer"));
    counts.cap_transfer++;
    return seL4_MessageInfo_new(0, 0, 1, 0);
}

static seL4_MessageInfo_t read_words(seL4_Word count)
{
    demo_work(40 * count);
    for (int i = 0; i < (int)count; i++)
        seL4_SetMR(i, stored[i]);
    return seL4_MessageInfo_new(0, 0, 0, count);
}

static seL4_MessageInfo_t write_words(seL4_Word count)
{
    demo_work(100 * count);
    for (int i = 0; i < (int)count; i++)
        stored[i] = seL4_GetMR(i);
    dirty += (unsigned)count;
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

/* A call: the answer. */
static seL4_MessageInfo_t answer(seL4_MessageInfo_t request)
{
    seL4_Word length = seL4_MessageInfo_get_length(request);

    counts.ipc_reply++;
    switch (seL4_MessageInfo_get_label(request)) {
    case FS_READ: return read_words(seL4_GetMR(0));
    case FS_WRITE: return write_words(length);
    case FS_BUFFER: return share_buffer();
    case FS_CLOSE: closed++; return seL4_MessageInfo_new(0, 0, 0, 0);
    default: return seL4_MessageInfo_new(seL4_IllegalOperation, 0, 0, 0);
    }
}

/* A message that wants no answer, or a tick: true if it was one. */
static bool take(seL4_MessageInfo_t info, seL4_Word badge)
{
    if (badge & EVENT_TICK) {
        demo_work(dirty);
        dirty = 0;
        return true;
    }
    switch (seL4_MessageInfo_get_label(info)) {
    case FS_LOG: demo_work(60 * seL4_MessageInfo_get_length(info)); return true;
    case FS_LOG_NB: counts.ipc_nbsend++; return true;
    default: return false;
    }
}

static void map_buffer(void)
{
    seL4_Word *buffer = (seL4_Word *)0x180000;

    demo_check(seL4_RISCV_Page_Map(u4_cap("buffer"), u4_cap("vspace"), (seL4_Word)buffer,
                                   seL4_ReadWrite, seL4_RISCV_ExecuteNever),
               "fs: mapping the buffer");
    buffer[0] = FS_BUFFER_MAGIC;
}

int main(void)
{
    seL4_CPtr endpoint = u4_cap("endpoint");
    seL4_MessageInfo_t info;
    seL4_Word badge;

    map_buffer();
    demo_check(seL4_TCB_BindNotification(u4_cap("tcb"), u4_cap("ticks")), "fs: binding ticks");
    info = u4_ep_recv(endpoint, &badge);
    while (closed < CLIENTS) {
        if (take(info, badge)) {
            info = u4_ep_recv(endpoint, &badge);
            continue;
        }
        info = answer(info);
        if (closed < CLIENTS)
            info = u4_ep_reply_recv(endpoint, info, &badge);
        else
            u4_ep_reply(info);
    }
    demo_end(0);
}
