/* SPDX-License-Identifier: BSD-2-Clause */
/* Every capability: from the threads' own slots and the interrupts' through all CNodes that they
 * lead to, and along the derivation list to what no capability space reaches. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reading.h"

enum { SLOTS_A_READ = 4096 };

/* Returns false if the place is known already. */
static bool add_table(state_t *state, state_table_kind_t kind, uint64_t paddr, uint32_t count,
                      uint32_t thread)
{
    struct state_private *p = state->private;
    uint32_t known = addrmap_get(&p->table_at, paddr);
    if (paddr == 0 || paddr % 8 || (known != STATE_NONE && state->tables[known].count >= count)) {
        return false;
    }
    addrmap_put(&p->table_at, paddr, state->table_count);
    state_table_t *table =
        state_append((void **)&state->tables, &state->table_count, &p->table_room, sizeof(*table));
    *table = (state_table_t){.kind = kind, .address = paddr, .count = count, .thread = thread};
    return true;
}

static void follow_cnode(state_t *state, const state_cap_t *cap)
{
    const struct state_private *p = state->private;
    bool zombie = cap->type == TRACE_CAPTYPE_ZOMBIE;
    if (zombie && cap->size == 1ull << p->tcb_bits) {
        const state_layout_t *f = &p->fields[S_TCB_SLOTS];
        add_table(state, STATE_TABLE_DYING, cap->object + f->offset, f->count, STATE_NONE);
        return;
    }
    if (cap->radix > STATE_MAX_RADIX) {
        state_problem(state, "CNode at 0x%llx: a radix of %u cannot be",
                      (unsigned long long)cap->object, cap->radix);
        return;
    }
    add_table(state, zombie ? STATE_TABLE_DYING : STATE_TABLE_CNODE, cap->object, 1u << cap->radix,
              STATE_NONE);
}

static uint64_t slot_address(const state_t *state, uint64_t vaddr)
{
    uint64_t paddr;
    return vaddr && state_phys(state, vaddr, &paddr) ? paddr : 0;
}

static void add_slot(state_t *state, uint32_t table, uint32_t number, uint64_t paddr,
                     const uint8_t *raw)
{
    struct state_private *p = state->private;
    if (addrmap_get(&p->slot_at, paddr) != STATE_NONE) {
        return; /* tables that overlap: told by whoever checks invariants */
    }
    addrmap_put(&p->slot_at, paddr, state->slot_count);
    state_slot_t *slot =
        state_append((void **)&state->slots, &state->slot_count, &p->slot_room, sizeof(*slot));
    uint64_t next = state_get(state, S_SLOT_NEXT, raw, 0);
    uint64_t prev = state_get(state, S_SLOT_PREV, raw, 0);
    *slot = (state_slot_t){.address = paddr,
                           .table = table,
                           .number = number,
                           .prev = slot_address(state, prev),
                           .next = slot_address(state, next & ~p->slot_flags),
                           .parent = STATE_NONE,
                           .first_child = STATE_NONE,
                           .next_sibling = STATE_NONE,
                           .next_same = STATE_NONE,
                           .revocable = next & p->slot_revocable,
                           .first_badged = next & p->slot_first_badged};
    state_decode_cap(state, state_get(state, S_CAP_W0, raw, 0), state_get(state, S_CAP_W1, raw, 0),
                     &slot->cap);
    if (slot->cap.type == TRACE_CAPTYPE_CNODE || slot->cap.type == TRACE_CAPTYPE_ZOMBIE) {
        state_cap_t cap = slot->cap; /* following may move the slots */
        follow_cnode(state, &cap);
    }
    state->tables[table].occupied++;
}

/* Word 0 of a null capability is 0: its type is null, and it has no other field. */
static bool occupied(const state_t *state, const uint8_t *raw)
{
    return state_get(state, S_CAP_W0, raw, 0) >> state->private->type_shift != 0;
}

static void scan_table(state_t *state, uint32_t index, uint8_t *buffer)
{
    const uint32_t size = state->private->slot_size;
    const uint64_t at = state->tables[index].address;
    const uint32_t count = state->tables[index].count;
    state->tables[index].first_slot = state->slot_count;
    for (uint32_t i = 0; i < count; i += SLOTS_A_READ) {
        uint32_t part = count - i < SLOTS_A_READ ? count - i : SLOTS_A_READ;
        if (!state_read_bytes(state, at + (uint64_t)i * size, buffer, (size_t)part * size)) {
            state_problem(state, "slots at 0x%llx: not in memory",
                          (unsigned long long)(at + (uint64_t)i * size));
            return;
        }
        for (uint32_t n = 0; n < part; n++) {
            if (!occupied(state, buffer + (size_t)n * size)) {
                continue;
            }
            if (state->slot_count == STATE_MAX_SLOTS) {
                state_problem(state, "more than %d capabilities: the others are left out",
                              STATE_MAX_SLOTS);
                return;
            }
            add_slot(state, index, i + n, at + (uint64_t)(i + n) * size, buffer + (size_t)n * size);
        }
    }
}

/* A slot that only a neighbour in the derivation list leads to. */
static void add_loose(state_t *state, uint64_t paddr, uint8_t *raw)
{
    if (!paddr || addrmap_get(&state->private->slot_at, paddr) != STATE_NONE || paddr % 8 ||
        !state_read_bytes(state, paddr, raw, state->private->slot_size) || !occupied(state, raw)) {
        return;
    }
    add_table(state, STATE_TABLE_LOOSE, paddr, 1, STATE_NONE);
}

void state_read_slots(state_t *state)
{
    const struct state_private *p = state->private;
    const state_layout_t *own = &p->fields[S_TCB_SLOTS];
    const u4_inspect_entry_t *irqs = state_symbol(state, "irq_slots");
    uint8_t *buffer = memory_new(SLOTS_A_READ, p->slot_size);
    uint64_t paddr;
    for (uint32_t i = 0; i < state->thread_count; i++) {
        add_table(state, STATE_TABLE_THREAD, state->threads[i].address + own->offset, own->count,
                  i);
    }
    if (irqs && irqs->count < 4096 && state_phys(state, irqs->value, &paddr)) {
        add_table(state, STATE_TABLE_IRQ, paddr, irqs->count, STATE_NONE);
    }
    uint32_t scanned = 0, followed = 0;
    while (scanned < state->table_count && state->slot_count < STATE_MAX_SLOTS) {
        while (scanned < state->table_count && state->slot_count < STATE_MAX_SLOTS) {
            scan_table(state, scanned++, buffer);
        }
        for (; followed < state->slot_count; followed++) {
            add_loose(state, state->slots[followed].prev, buffer);
            add_loose(state, state->slots[followed].next, buffer);
        }
    }
    free(buffer);
}
