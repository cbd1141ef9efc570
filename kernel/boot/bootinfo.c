/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/boot/bootinfo.h"

#include "abi/u4/extensions.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/lib/mem.h"
#include "kernel/lib/print.h"
#include "kernel/trace/trace.h"

#define U4_CHUNK_SIZE (sizeof(seL4_BootInfoHeader) + sizeof(u4_boot_chunk_t))

/* The chunk's length is a multiple of 8, so that the header behind it is aligned; the tree itself
 * says how long it is. */
BOOT_TEXT static word_t fdt_chunk_size(void)
{
    return ALIGN_UP(sizeof(seL4_BootInfoHeader) + machine.dtb_size, 3);
}

BOOT_TEXT word_t bootinfo_extra_size(void)
{
    return fdt_chunk_size() + U4_CHUNK_SIZE;
}

BOOT_TEXT static u4_boot_chunk_t u4_chunk(void)
{
    u4_boot_chunk_t chunk = {.version = 1, .timebase_hz = machine.timebase_hz};
#if defined(U4_TRACE) && U4_TRACE
    chunk.flags |= U4_BOOT_TRACE;
    chunk.trace_header_paddr = image_to_phys(&u4_trace_header);
    chunk.trace_cap = TRACE_ROOT_SLOT;
#endif
    if (machine.uintc)
        chunk.flags |= U4_BOOT_UINTC;
    return chunk;
}

BOOT_TEXT static void fill_extra(char *extra, const region_t *dtb)
{
    seL4_BootInfoHeader header = {SEL4_BOOTINFO_HEADER_FDT, fdt_chunk_size()};
    memcpy(extra, &header, sizeof header);
    memcpy(extra + sizeof header, phys_to_virt(dtb->start), machine.dtb_size);

    extra += header.len;
    header = (seL4_BootInfoHeader){U4_BOOTINFO_ID, U4_CHUNK_SIZE};
    u4_boot_chunk_t chunk = u4_chunk();
    memcpy(extra, &header, sizeof header);
    memcpy(extra + sizeof header, &chunk, sizeof chunk);
}

BOOT_TEXT void bootinfo_fill(seL4_BootInfo *info, vaddr_t buffer, word_t first_empty, char *extra,
                             const region_t *dtb)
{
    fill_extra(extra, dtb);
    info->extraLen = bootinfo_extra_size();
    info->nodeID = 0;
    info->numNodes = num_harts;
    info->ipcBuffer = (seL4_IPCBuffer *)buffer;
    info->empty = (seL4_SlotRegion){first_empty, FIRST_OWN_SLOT};
    info->initThreadCNodeSizeBits = CONFIG_ROOT_CNODE_SIZE_BITS;
    info->initThreadDomain = 0;
}

BOOT_TEXT void bootinfo_warn_untypeds(unsigned left_out)
{
    kprintf("u4: %u Untypeds have no place in BootInfo and are lost\n", left_out);
}
