/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/state.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reading.h"

static bool search_extent(source_t *source, uint64_t start, uint64_t length, uint64_t *paddr)
{
    const uint8_t *bytes = source_map(source, start, length);
    u4_inspect_header_t header;
    for (uint64_t i = 0; bytes && i + sizeof(header) <= length; i += 8) {
        uint64_t magic;
        memcpy(&magic, bytes + i, sizeof(magic));
        if (magic == U4_INSPECT_MAGIC && inspect_header(source, start + i, &header) &&
            header.version == U4_INSPECT_VERSION &&
            header.entry_size == sizeof(u4_inspect_entry_t)) {
            *paddr = start + i;
            return true;
        }
    }
    return false;
}

bool state_find_table(source_t *source, const kernel_t *kernel, uint64_t *paddr, u4_error_t *err)
{
    uint64_t vaddr;
    if (kernel) {
        return (kernel_symbol(kernel, "u4_inspect", &vaddr, NULL) &&
                kernel_paddr(kernel, vaddr, paddr)) ||
               u4_fail(err, "%s: expected the symbol u4_inspect, found none: not a u4 kernel",
                       kernel->path);
    }
    uint64_t from = 0, start, length;
    while (source->ops->extent && source->ops->extent(source, from, &start, &length)) {
        if (start % 8 == 0 && search_extent(source, start, length, paddr)) {
            return true;
        }
        from = start + length;
    }
    return u4_fail(err, "%s: no inspect table of a u4 kernel in this memory%s", source->name,
                   source->ops->extent ? "" : " can be searched for: give the kernel's ELF");
}

state_t *state_read(source_t *source, uint64_t table, u4_error_t *err)
{
    state_t *state = memory_new(1, sizeof(*state));
    struct state_private *p = state->private = memory_new(1, sizeof(*p));
    p->source = source;
    if (!inspect_read(&p->inspect, source, table, err) || !state_bind(state, err)) {
        state_free(state);
        return NULL;
    }
    state_read_threads(state);
    if (state->thread_count == 0 && state->problem_count == 0) {
        u4_fail(err, "%s: the kernel has no threads yet: it has not come up", source->name);
        state_free(state);
        return NULL;
    }
    state_read_slots(state);
    state_link_slots(state);
    state_read_queues(state);
    state_read_spaces(state);
    p->source = NULL;
    return state;
}

void state_free(state_t *state)
{
    if (!state) {
        return;
    }
    struct state_private *p = state->private;
    inspect_free(&p->inspect);
    addrmap_free(&p->thread_at);
    addrmap_free(&p->table_at);
    addrmap_free(&p->slot_at);
    addrmap_free(&p->queue_at);
    addrmap_free(&p->space_at);
    addrmap_free(&p->holder_at);
    free(p);
    for (uint32_t i = 0; i < state->problem_count && i < STATE_MAX_PROBLEMS; i++) {
        free(state->problems[i]);
    }
    free(state->threads);
    free(state->tables);
    free(state->slots);
    free(state->queues);
    free(state->waiters);
    free(state->spaces);
    free(state->mappings);
    free(state->harts);
    free(state);
}

const state_thread_t *state_thread(const state_t *state, uint64_t address)
{
    uint32_t i = addrmap_get(&state->private->thread_at, address);
    return i == STATE_NONE ? NULL : &state->threads[i];
}

const state_queue_t *state_queue(const state_t *state, uint64_t address)
{
    uint32_t i = addrmap_get(&state->private->queue_at, address);
    return i == STATE_NONE || i >= state->queue_count ? NULL : &state->queues[i];
}

const state_space_t *state_space(const state_t *state, uint64_t root)
{
    uint32_t i = addrmap_get(&state->private->space_at, root);
    return i == STATE_NONE ? NULL : &state->spaces[i];
}

const state_table_t *state_table(const state_t *state, uint64_t address)
{
    uint32_t i = addrmap_get(&state->private->table_at, address);
    return i == STATE_NONE ? NULL : &state->tables[i];
}

uint32_t state_slot(const state_t *state, uint64_t address)
{
    return addrmap_get(&state->private->slot_at, address);
}

uint32_t state_holder(const state_t *state, uint64_t object)
{
    return addrmap_get(&state->private->holder_at, object);
}
