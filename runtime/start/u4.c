/* SPDX-License-Identifier: BSD-2-Clause */
/* u4's extensions of the interface, with what takes their place on seL4. */
#include <string.h>

#include <u4/start.h>
#include <u4/u4.h>

const seL4_BootInfoHeader *u4_bootinfo_chunk(const seL4_BootInfo *info, seL4_Word id)
{
    const char *at = (const char *)info + 4096;
    const char *end = at + info->extraLen;

    while ((size_t)(end - at) >= sizeof(seL4_BootInfoHeader)) {
        const seL4_BootInfoHeader *header = (const void *)at;

        if (header->id == id)
            return header;
        if (header->len < sizeof *header || header->len > (size_t)(end - at))
            break;
        at += header->len;
    }
    return NULL;
}

const u4_boot_chunk_t *u4_boot_chunk(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    const seL4_BootInfoHeader *header = info ? u4_bootinfo_chunk(info, U4_BOOTINFO_ID) : NULL;

    return header ? (const void *)(header + 1) : NULL;
}

bool u4_kernel(void)
{
    const u4_start_t *start = u4_start_block();

    return start ? (start->flags & U4_START_KERNEL_IS_U4) != 0 : u4_boot_chunk() != NULL;
}

static bool debug_calls = true;

bool u4_debug_calls(void)
{
    const u4_start_t *start = u4_start_block();

    return start ? (start->flags & U4_START_DEBUG_CALLS) != 0 : debug_calls;
}

void u4_set_debug_calls(bool present)
{
    debug_calls = present;
}

void u4_name_thread(seL4_TCB tcb, const char *name)
{
    if (u4_kernel()) {
        strcpy((char *)seL4_GetIPCBuffer()->msg, name);
        u4_sys_plain((seL4_Word)u4_SysNameThread, tcb, 0);
    } else if (u4_debug_calls()) {
        seL4_DebugNameThread(tcb, name);
    }
}

void u4_trace_mark(seL4_Word kind, seL4_Word value)
{
    if (u4_kernel())
        u4_sys_plain((seL4_Word)u4_SysTraceMark, kind, value);
}

seL4_MessageInfo_t u4_signal_wait(seL4_CPtr from, seL4_Word *badge, seL4_CPtr signal,
                                  uint64_t deadline, seL4_CPtr reply)
{
    u4_sys_regs_t out =
        u4_sys((seL4_Word)u4_SysSignalWait, (u4_sys_regs_t){from, 0, {signal, deadline}}, reply);

    return u4_give_buffer(out, badge);
}
