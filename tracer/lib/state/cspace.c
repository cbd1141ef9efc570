/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability spaces: which slot a capability pointer names, and which pointer names a slot. */
#include "reading.h"

enum { WORD_BITS = 64, MAX_LEVELS = 64 };

typedef struct {
    const state_table_t *table;
    uint32_t next;   /* occupied slot to be visited next, from the table's first */
    uint64_t prefix; /* of the capability pointer, right-aligned */
    uint32_t left;   /* bits that are left behind this CNode */
} walk_level_t;

/* The CNode's table, NULL if its bits do not fit any more or it was not read. */
static const state_table_t *enter(const state_t *state, const state_cap_t *cap, uint32_t bits,
                                  walk_level_t *level, uint64_t prefix)
{
    uint32_t used = cap->guard_size + cap->radix;
    const state_table_t *table =
        cap->type == TRACE_CAPTYPE_CNODE ? state_table(state, cap->object) : NULL;
    if (!table || used == 0 || used > bits || cap->radix > STATE_MAX_RADIX) {
        return NULL;
    }
    uint64_t guard = cap->guard_size ? cap->badge & (~0ull >> (WORD_BITS - cap->guard_size)) : 0;
    *level = (walk_level_t){
        .table = table,
        .prefix = (prefix << cap->guard_size | guard) << cap->radix,
        .left = bits - used,
    };
    return table;
}

static bool entered(const walk_level_t *levels, uint32_t count, const state_table_t *table)
{
    for (uint32_t i = 0; i < count; i++) {
        if (levels[i].table == table) {
            return true;
        }
    }
    return false;
}

void state_walk_cspace(const state_t *state, const state_cap_t *root, state_visit_fn *visit,
                       void *context)
{
    walk_level_t levels[MAX_LEVELS], deeper;
    uint32_t depth = 0;
    if (enter(state, root, WORD_BITS, &levels[0], 0)) {
        depth = 1;
    }
    while (depth) {
        walk_level_t *l = &levels[depth - 1];
        if (l->next == l->table->occupied) {
            depth--;
            continue;
        }
        uint32_t index = l->table->first_slot + l->next++;
        const state_slot_t *slot = &state->slots[index];
        uint64_t prefix = l->prefix | slot->number;
        state_place_t place = {.slot = index,
                               .cptr = l->left < WORD_BITS ? prefix << l->left : 0,
                               .bits_left = l->left,
                               .level = depth - 1};
        if (!visit(context, state, &place)) {
            return;
        }
        if (l->left && depth < MAX_LEVELS && enter(state, &slot->cap, l->left, &deeper, prefix) &&
            !entered(levels, depth, deeper.table)) {
            levels[depth++] = deeper;
        }
    }
}

/* The occupied slot of that number, by bisection. */
static uint32_t slot_of(const state_t *state, const state_table_t *table, uint64_t number)
{
    uint32_t low = table->first_slot, high = low + table->occupied;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (state->slots[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < table->first_slot + table->occupied && state->slots[low].number == number
               ? low
               : STATE_NONE;
}

uint32_t state_lookup(const state_t *state, const state_cap_t *root, uint64_t cptr)
{
    uint32_t bits = WORD_BITS;
    for (uint32_t depth = 0; depth < MAX_LEVELS; depth++) {
        walk_level_t level;
        if (!enter(state, root, bits, &level, 0)) {
            return STATE_NONE;
        }
        uint64_t index = cptr >> level.left;
        index &= bits - level.left < WORD_BITS ? (1ull << (bits - level.left)) - 1 : ~0ull;
        if (index >> root->radix != level.prefix >> root->radix) {
            return STATE_NONE; /* the guard differs */
        }
        uint64_t number = root->radix ? index & ((1ull << root->radix) - 1) : 0;
        uint32_t slot = slot_of(state, level.table, number);
        if (slot == STATE_NONE || level.left == 0 ||
            state->slots[slot].cap.type != TRACE_CAPTYPE_CNODE) {
            return slot;
        }
        root = &state->slots[slot].cap;
        bits = level.left;
    }
    return STATE_NONE;
}
