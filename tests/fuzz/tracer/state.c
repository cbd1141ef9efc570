/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's state out of memory of which every byte can be anything. The input is laid over a
 * sound memory as pieces: offset (2 bytes), length (1 byte), contents; or, if its first byte is
 * odd, is a piece of a snapshot.
 */
#include "fuzz.h"

#include "state_sim.h"

static bool look(void *context, const state_t *state, const state_place_t *place)
{
    char text[256];
    state_format_cap(text, text + sizeof(text), state, &state->slots[place->slot].cap);
    state_format_place(text, text + sizeof(text), state, place->slot);
    return ++*(unsigned *)context < 10000;
}

static void look_at_all(const state_t *state)
{
    unsigned looks = 0;
    for (uint32_t i = 0; i < state->slot_count; i++) {
        const state_slot_t *slot = &state->slots[i];
        if (slot->parent != STATE_NONE && slot->depth != state->slots[slot->parent].depth + 1) {
            abort();
        }
        state_walk_cspace(state, &slot->cap, look, &looks);
        state_lookup(state, &slot->cap, 0x123456789abcdefull * i);
    }
    for (uint32_t i = 0; i < state->queue_count; i++) {
        if (state->queues[i].waiting > state->thread_count) {
            abort();
        }
    }
    model_t *model = model_new(schema_builtin(), 10000000, 0);
    model_load(model, state, 1, state->slot_count % 2);
    model_free(model);
}

static void from_memory(const uint8_t *data, size_t size)
{
    static uint8_t memory[STATE_SIM_SIZE];
    u4_error_t err;
    state_sim_fill(memory);
    overlay(memory, sizeof(memory), data, size);
    source_t *source = state_sim_source(memory);
    snapshot_t *snapshot = snapshot_take(source, SOURCE_RAM_BASE + STATE_SIM_TABLE, &err);
    if (snapshot) {
        look_at_all(snapshot->state);
        snapshot_free(snapshot);
    }
    source_close(source);
}

static void from_piece(const uint8_t *data, size_t size)
{
    u4_error_t err;
    snapshot_parts_t *parts = snapshot_parts_new();
    snapshot_t *snapshot = snapshot_unpack(parts, data, size, &err);
    if (snapshot) {
        look_at_all(snapshot->state);
        snapshot_free(snapshot);
    }
    snapshot_parts_free(parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && data[0] & 1) {
        from_piece(data + 1, size - 1);
    } else if (size) {
        from_memory(data + 1, size - 1);
    }
    return 0;
}
