/* SPDX-License-Identifier: BSD-2-Clause */
#include "addrmap.h"

#include <stdlib.h>

#include "memory.h"

static uint32_t place(const addrmap_t *map, uint64_t key)
{
    uint32_t i = (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 32);
    while (map->keys[i & map->mask] && map->keys[i & map->mask] != key) {
        i++;
    }
    return i & map->mask;
}

uint32_t addrmap_get(const addrmap_t *map, uint64_t key)
{
    if (!map->keys || key == 0) {
        return UINT32_MAX;
    }
    uint32_t i = place(map, key);
    return map->keys[i] ? map->values[i] : UINT32_MAX;
}

static void grow(addrmap_t *map)
{
    addrmap_t old = *map;
    uint32_t room = old.keys ? 2 * (old.mask + 1) : 64;
    map->keys = memory_new(room, sizeof(*map->keys));
    map->values = memory_new(room, sizeof(*map->values));
    map->mask = room - 1;
    for (uint32_t i = 0; old.keys && i <= old.mask; i++) {
        if (old.keys[i]) {
            uint32_t to = place(map, old.keys[i]);
            map->keys[to] = old.keys[i];
            map->values[to] = old.values[i];
        }
    }
    free(old.keys);
    free(old.values);
}

void addrmap_put(addrmap_t *map, uint64_t key, uint32_t value)
{
    if (key == 0) {
        return;
    }
    if (!map->keys || map->used >= map->mask / 2) {
        grow(map);
    }
    uint32_t i = place(map, key);
    map->used += map->keys[i] == 0;
    map->keys[i] = key;
    map->values[i] = value;
}

void addrmap_free(addrmap_t *map)
{
    free(map->keys);
    free(map->values);
    *map = (addrmap_t){0};
}
