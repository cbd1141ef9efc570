/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/lib/mem.h"

#include <stdint.h>

/* These are the functions that the compiler would otherwise replace the loops below with. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

typedef uint64_t __attribute__((may_alias)) chunk_t;

#define CHUNK sizeof(chunk_t)

void *memset(void *to, int value, size_t size)
{
    unsigned char *p = to;
    chunk_t pattern = (unsigned char)value * 0x0101010101010101ull;
    for (; size && (uintptr_t)p % CHUNK; size--)
        *p++ = (unsigned char)value;
    for (; size >= 4 * CHUNK; size -= 4 * CHUNK, p += 4 * CHUNK) {
        chunk_t *c = (chunk_t *)p;
        c[0] = pattern;
        c[1] = pattern;
        c[2] = pattern;
        c[3] = pattern;
    }
    for (; size >= CHUNK; size -= CHUNK, p += CHUNK)
        *(chunk_t *)p = pattern;
    for (; size; size--)
        *p++ = (unsigned char)value;
    return to;
}

static void *copy_up(void *to, const void *from, size_t size)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    if (((uintptr_t)p - (uintptr_t)q) % CHUNK == 0) {
        for (; size && (uintptr_t)p % CHUNK; size--)
            *p++ = *q++;
        for (; size >= CHUNK; size -= CHUNK, p += CHUNK, q += CHUNK)
            *(chunk_t *)p = *(const chunk_t *)q;
    }
    for (; size; size--)
        *p++ = *q++;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    return copy_up(to, from, size);
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    if ((uintptr_t)to - (uintptr_t)from >= size)
        return copy_up(to, from, size);
    while (size--)
        p[size] = q[size];
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *p = a, *q = b;
    for (; size; size--, p++, q++) {
        if (*p != *q)
            return *p < *q ? -1 : 1;
    }
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}
