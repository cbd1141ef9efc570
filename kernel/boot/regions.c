/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/boot/regions.h"

/* Shifts the entries from `at` on by one, up or down. */
BOOT_TEXT static void open_gap(regions_t *list, unsigned at)
{
    if (list->count == MAX_REGIONS)
        panic("more than %u separate regions of physical memory", MAX_REGIONS);
    for (unsigned i = list->count++; i > at; i--)
        list->region[i] = list->region[i - 1];
}

BOOT_TEXT static void close_gap(regions_t *list, unsigned at)
{
    list->count--;
    for (unsigned i = at; i < list->count; i++)
        list->region[i] = list->region[i + 1];
}

BOOT_TEXT void regions_remove(regions_t *list, paddr_t start, paddr_t end)
{
    for (unsigned i = 0; i < list->count;) {
        region_t *r = &list->region[i];
        if (start >= end || r->end <= start || r->start >= end) {
            i++;
        } else if (r->start < start && r->end > end) {
            open_gap(list, i);
            list->region[i].end = start;
            list->region[i + 1].start = end;
            return;
        } else if (r->start < start) {
            r->end = start;
            i++;
        } else if (r->end > end) {
            r->start = end;
            i++;
        } else {
            close_gap(list, i);
        }
    }
}

BOOT_TEXT void regions_add(regions_t *list, paddr_t start, paddr_t end)
{
    if (start >= end)
        return;
    regions_remove(list, start, end);
    unsigned i = 0;
    while (i < list->count && list->region[i].start < start)
        i++;
    open_gap(list, i);
    list->region[i] = (region_t){start, end};
    /* Neighbours that touch become one. */
    if (i + 1 < list->count && list->region[i + 1].start == end) {
        list->region[i].end = list->region[i + 1].end;
        close_gap(list, i + 1);
    }
    if (i > 0 && list->region[i - 1].end == start) {
        list->region[i - 1].end = list->region[i].end;
        close_gap(list, i);
    }
}

BOOT_TEXT paddr_t regions_take_high(regions_t *list, word_t size, unsigned align_bits)
{
    for (unsigned i = list->count; i-- > 0;) {
        region_t r = list->region[i];
        if (r.end - r.start < size)
            continue;
        paddr_t start = ALIGN_DOWN(r.end - size, align_bits);
        if (start >= r.start && start) {
            regions_remove(list, start, start + size);
            return start;
        }
    }
    return 0;
}

BOOT_TEXT unsigned region_first_block_bits(region_t r, unsigned max_bits)
{
    unsigned bits = 63 - (unsigned)__builtin_clzll(r.end - r.start);
    if (r.start && (unsigned)__builtin_ctzll(r.start) < bits)
        bits = (unsigned)__builtin_ctzll(r.start);
    return MIN(bits, max_bits);
}
