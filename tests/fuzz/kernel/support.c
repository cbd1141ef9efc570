/* SPDX-License-Identifier: BSD-2-Clause */
/* What each root task that fuzzes needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <u4/u4.h>

#include "fuzz.h"

void must(seL4_Error error, const char *what)
{
    if (!error)
        return;
    printf("fuzz: failed: %s gives error %d (%lx %lx %lx %lx)\n", what, (int)error, seL4_GetMR(0),
           seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3));
    exit(1);
}

uint64_t fuzz_option(const char *name, uint64_t otherwise)
{
    const seL4_BootInfoHeader *chunk =
        u4_bootinfo_chunk(seL4_GetBootInfo(), SEL4_BOOTINFO_HEADER_FDT);
    size_t length = strlen(name);

    if (!chunk)
        return otherwise;
    const char *at = (const char *)(chunk + 1);
    for (seL4_Word left = chunk->len - sizeof *chunk; left > length; left--, at++)
        if (memcmp(at, name, length) == 0)
            return strtoull(at + length, NULL, 0);
    return otherwise;
}
