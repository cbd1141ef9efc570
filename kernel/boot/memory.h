/* SPDX-License-Identifier: GPL-2.0-only */
/* Which physical memory boot may hand out, and as what. */
#ifndef KERNEL_BOOT_MEMORY_H
#define KERNEL_BOOT_MEMORY_H

#include "kernel/boot/regions.h"

/* What the loader passes (entry.S). */
typedef struct {
    region_t image;      /* the root image, whole pages */
    word_t image_offset; /* its physical minus its virtual address */
    vaddr_t entry;
    region_t dtb;
} boot_args_t;

extern regions_t free_memory;   /* RAM that nobody has */
extern regions_t device_memory; /* the rest of the physical window, but for the kernel's devices */

/* Fills both, from `machine` and what the loader placed where. Panics if that overlaps. */
void memory_init(const boot_args_t *args);
/* Memory for the kernel itself, for good: 2^bits bytes, aligned to their size. Panics. */
paddr_t memory_take(unsigned bits, const char *purpose);
/* Boot's own code, which becomes the root task's. */
region_t memory_boot_code(void);

#endif
