/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of physical memory regions, sorted and disjoint, for boot's bookkeeping. */
#ifndef KERNEL_BOOT_REGIONS_H
#define KERNEL_BOOT_REGIONS_H

#include "kernel/boot/boot.h"

typedef struct {
    region_t region[MAX_REGIONS];
    unsigned count;
} regions_t;

/* Adds what of [start, end) is not in the list yet. Panics if the list is full. */
void regions_add(regions_t *list, paddr_t start, paddr_t end);
/* Takes [start, end) out, as far as it is in the list. */
void regions_remove(regions_t *list, paddr_t start, paddr_t end);
/* Takes `size` bytes, their start aligned to 2^align_bits, from as high as there are. 0: there
 * are none. */
paddr_t regions_take_high(regions_t *list, word_t size, unsigned align_bits);
/* The largest block at the start of `r` that is a power of two of at most 2^max_bits bytes and
 * aligned to its size: its log2. `r` is not empty. */
unsigned region_first_block_bits(region_t r, unsigned max_bits);

#endif
