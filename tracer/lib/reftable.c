/* SPDX-License-Identifier: BSD-2-Clause */
#include "reftable.h"

#include <stdlib.h>

#include "memory.h"

enum { FIRST_SLOTS = 64 };

static void grow(reftable_t *table)
{
    reftable_t old = *table;
    uint32_t slots = old.slots ? 2 * (old.mask + 1) : FIRST_SLOTS;
    *table = (reftable_t){.slots = memory_new(slots, sizeof(reftable_slot_t)), .mask = slots - 1};
    for (uint32_t i = 0; old.slots && i <= old.mask; i++) {
        if (old.slots[i].key) {
            reftable_put(table, old.slots[i].key, old.slots[i].value);
        }
    }
    free(old.slots);
}

void reftable_put(reftable_t *table, uint32_t key, void *value)
{
    if (!table->slots || table->used >= (table->mask + 1) / 2) {
        grow(table);
    }
    uint32_t i = reftable_hash(key);
    while (table->slots[i & table->mask].key != 0 && table->slots[i & table->mask].key != key) {
        i++;
    }
    reftable_slot_t *slot = &table->slots[i & table->mask];
    table->used += slot->key == 0;
    *slot = (reftable_slot_t){key, value};
}

void reftable_remove(reftable_t *table, uint32_t key)
{
    if (!reftable_get(table, key)) {
        return;
    }
    uint32_t hole = reftable_hash(key) & table->mask;
    while (table->slots[hole].key != key) {
        hole = (hole + 1) & table->mask;
    }
    /* Moves back what would no longer be found past the hole. */
    for (uint32_t i = (hole + 1) & table->mask; table->slots[i].key; i = (i + 1) & table->mask) {
        uint32_t home = reftable_hash(table->slots[i].key) & table->mask;
        if (((i - home) & table->mask) >= ((i - hole) & table->mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = (reftable_slot_t){0};
    table->used--;
}

void reftable_free(reftable_t *table)
{
    free(table->slots);
    *table = (reftable_t){0};
}

void reftable_free_values(reftable_t *table)
{
    for (uint32_t i = 0; table->slots && i <= table->mask; i++) {
        free(table->slots[i].key ? table->slots[i].value : NULL);
    }
    reftable_free(table);
}
