/* SPDX-License-Identifier: BSD-2-Clause */
/* BootInfo of a root task. */
#ifndef SEL4_BOOTINFO_H
#define SEL4_BOOTINFO_H

#include <sel4/types.h>

/* The BootInfo that the kernel gave this program; null in a program that is no root task. */
seL4_BootInfo *seL4_GetBootInfo(void);

/* Chunk ID of BootInfo's extra region, or null. */
const seL4_BootInfoHeader *u4_bootinfo_chunk(const seL4_BootInfo *info, seL4_Word id);

#endif
