/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces (RISC-V Privileged 1.12, 4.4, Sv39): those in the ASID pools, and those that
 * threads have as their root. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reading.h"

enum {
    PTE_V = 1,
    PTE_RWX = 14,
    ENTRIES = 512,
    LEVELS = 3,
    USER_ENTRIES = ENTRIES / 2, /* of a root; the kernel's half is the same in all */
    TABLE_BYTES = 4096,
    MAX_SPACES = 1 << 16,
};

static const uint8_t level_bits[LEVELS] = {30, 21, 12};

typedef struct {
    uint64_t pte[LEVELS][ENTRIES];
} tables_t;

static uint64_t pte_paddr(uint64_t pte)
{
    return (pte >> 10 & ((1ull << 44) - 1)) << 12;
}

static bool read_table(state_t *state, uint64_t paddr, uint64_t *to)
{
    if (!state_read_bytes(state, paddr, to, TABLE_BYTES)) {
        state_problem(state, "page table at 0x%llx: not in memory", (unsigned long long)paddr);
        return false;
    }
    return true;
}

static bool add_mapping(state_t *state, uint64_t vaddr, uint64_t pte, uint8_t size_bits)
{
    if (state->mapping_count == STATE_MAX_MAPPINGS) {
        state_problem(state, "more than %d mappings: the others are left out", STATE_MAX_MAPPINGS);
        return false;
    }
    state_mapping_t *m = state_append((void **)&state->mappings, &state->mapping_count,
                                      &state->private->mapping_room, sizeof(*m));
    *m = (state_mapping_t){
        .vaddr = vaddr, .paddr = pte_paddr(pte), .size_bits = size_bits, .flags = (uint8_t)pte};
    return true;
}

/* Walks the tree with its three levels' tables and places. */
static void read_mappings(state_t *state, uint64_t root, tables_t *tables)
{
    uint64_t vaddr[LEVELS + 1] = {0};
    unsigned at[LEVELS] = {0}, level = 0;
    if (!read_table(state, root, tables->pte[0])) {
        return;
    }
    for (;;) {
        unsigned end = level == 0 ? USER_ENTRIES : ENTRIES;
        if (at[level] == end) {
            if (level == 0) {
                return;
            }
            level--;
            continue;
        }
        unsigned index = at[level]++;
        uint64_t pte = tables->pte[level][index];
        uint64_t here = vaddr[level] | (uint64_t)index << level_bits[level];
        if (!(pte & PTE_V)) {
            continue;
        }
        if (pte & PTE_RWX) {
            if (!add_mapping(state, here, pte, level_bits[level])) {
                return;
            }
        } else if (level + 1 < LEVELS &&
                   read_table(state, pte_paddr(pte), tables->pte[level + 1])) {
            level++;
            at[level] = 0;
            vaddr[level] = here;
        }
    }
}

static void add_space(state_t *state, uint64_t root, uint16_t asid, tables_t *tables)
{
    if (!root || state_space(state, root) || root % TABLE_BYTES ||
        state->space_count == MAX_SPACES) {
        return;
    }
    addrmap_put(&state->private->space_at, root, state->space_count);
    state_space_t *space = state_append((void **)&state->spaces, &state->space_count,
                                        &state->private->space_room, sizeof(*space));
    space->root = root;
    space->asid = asid;
    space->first = state->mapping_count;
    uint32_t index = state->space_count - 1;
    read_mappings(state, root, tables);
    state->spaces[index].mappings = state->mapping_count - state->spaces[index].first;
}

static void read_pool(state_t *state, uint64_t pool, uint32_t number, tables_t *tables)
{
    const state_layout_t *f = &state->private->fields[S_ASID_POOL_ROOT];
    uint8_t raw[TABLE_BYTES];
    if (f->count == 0 || f->offset + (uint64_t)f->count * f->element > sizeof(raw) ||
        !state_read_bytes(state, pool, raw, sizeof(raw))) {
        state_problem(state, "ASID pool %u at 0x%llx: not in memory", number,
                      (unsigned long long)pool);
        return;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        uint64_t root = state_get(state, S_ASID_POOL_ROOT, raw, i), paddr;
        if (root && state_phys(state, root, &paddr)) {
            add_space(state, paddr, (uint16_t)(number * f->count + i), tables);
        }
    }
}

void state_read_spaces(state_t *state)
{
    const u4_inspect_entry_t *e = state_symbol(state, "asid_pools");
    tables_t *tables = memory_new(1, sizeof(*tables));
    uint64_t paddr, pool;
    for (uint32_t i = 0; e && i < e->count && i < 4096 && e->count * 8ull == e->size; i++) {
        uint64_t vaddr;
        if (state_phys(state, e->value + 8ull * i, &paddr) &&
            state_read_bytes(state, paddr, &vaddr, sizeof(vaddr)) && vaddr &&
            state_phys(state, vaddr, &pool)) {
            read_pool(state, pool, i, tables);
        }
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        add_space(state, state->threads[i].vspace, 0, tables);
    }
    free(tables);
}
