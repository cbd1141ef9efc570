/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table from addresses (64 bits, not 0) to indices: open addressing, linear probing. */
#ifndef TRACER_ADDRMAP_H
#define TRACER_ADDRMAP_H

#include <stdint.h>

typedef struct {
    uint64_t *keys; /* 0: free */
    uint32_t *values;
    uint32_t mask, used;
} addrmap_t;

/* UINT32_MAX if there is none. */
uint32_t addrmap_get(const addrmap_t *map, uint64_t key);
/* Adds or replaces; a key of 0 is ignored. */
void addrmap_put(addrmap_t *map, uint64_t key, uint32_t value);
void addrmap_free(addrmap_t *map);

#endif
