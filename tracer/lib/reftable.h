/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table from references (32 bits, not 0) to pointers: open addressing, linear probing. */
#ifndef TRACER_REFTABLE_H
#define TRACER_REFTABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t key; /* 0: free */
    void *value;
} reftable_slot_t;

typedef struct {
    reftable_slot_t *slots;
    uint32_t mask; /* slots - 1 */
    uint32_t used;
} reftable_t;

/* References are multiples of their objects' sizes, so the product's low bits tell nothing. */
static inline uint32_t reftable_hash(uint32_t key)
{
    uint32_t product = key * 0x9e3779b1u;
    return product ^ product >> 16;
}

/* Tokens of async requests may be 0, keys not. */
static inline uint32_t reftable_token(uint64_t token)
{
    return (uint32_t)token ? (uint32_t)token : UINT32_MAX;
}

/* NULL if there is none. */
static inline void *reftable_get(const reftable_t *table, uint32_t key)
{
    if (!table->slots) {
        return NULL;
    }
    for (uint32_t i = reftable_hash(key);; i++) {
        const reftable_slot_t *slot = &table->slots[i & table->mask];
        if (slot->key == key) {
            return slot->value;
        }
        if (slot->key == 0) {
            return NULL;
        }
    }
}

/* Adds or replaces; `key` is not 0. */
void reftable_put(reftable_t *table, uint32_t key, void *value);
void reftable_remove(reftable_t *table, uint32_t key);
void reftable_free(reftable_t *table);
/* The same, after free() of all values. */
void reftable_free_values(reftable_t *table);

#endif
