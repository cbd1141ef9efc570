/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the test systems: one Untyped, the largest, so that the order of objects' addresses
 * does not change with the size of the kernel, which decides on what is left around it.
 */
#ifndef TESTS_GDB_SYSTEM_MEMORY_H
#define TESTS_GDB_SYSTEM_MEMORY_H

#include <u4/u4.h>

static inline void use_largest_untyped(u4_alloc_t *alloc)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Word count = info->untyped.end - info->untyped.start, best = count;

    for (seL4_Word i = 0; i < count; i++)
        if (!info->untypedList[i].isDevice &&
            (best == count || info->untypedList[i].sizeBits > info->untypedList[best].sizeBits))
            best = i;
    u4_alloc_init(alloc, seL4_CapInitThreadCNode, info->empty.start, info->empty.end);
    u4_alloc_add(alloc, info->untyped.start + best, info->untypedList[best].sizeBits);
}

#endif
