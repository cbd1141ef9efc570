/* SPDX-License-Identifier: GPL-2.0-only */
/* BootInfo's plain fields and the chunks behind it: the device tree's, then u4's own. */
#ifndef KERNEL_BOOT_BOOTINFO_H
#define KERNEL_BOOT_BOOTINFO_H

#include "abi/sel4/bootinfo.h"
#include "kernel/boot/boot.h"

/* Bytes of all chunks; the device tree has been read. */
word_t bootinfo_extra_size(void);
/* Fills what is not a list of capabilities; `extra` has room for the chunks. */
void bootinfo_fill(seL4_BootInfo *info, vaddr_t buffer, word_t first_empty, char *extra,
                   const region_t *dtb);
/* Says that so many Untypeds had no place in the list. */
void bootinfo_warn_untypeds(unsigned left_out);

/* u4's own capabilities are the last ones in the root CNode, behind BootInfo's empty region. */
#define TRACE_ROOT_SLOT (BIT(CONFIG_ROOT_CNODE_SIZE_BITS) - 1)
#if defined(U4_TRACE) && U4_TRACE
#define FIRST_OWN_SLOT TRACE_ROOT_SLOT
#else
#define FIRST_OWN_SLOT BIT(CONFIG_ROOT_CNODE_SIZE_BITS)
#endif

#endif
