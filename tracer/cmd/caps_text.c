/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "caps.h"
#include "u4trace/format.h"

enum { TEXT_MAX = 256, INDENT_MAX = 40 };

typedef struct {
    char text[TEXT_MAX];
} words_t;

static words_t cap_words(const state_t *state, const state_cap_t *cap)
{
    words_t w = {""};
    *state_format_cap(w.text, w.text + TEXT_MAX - 1, state, cap) = 0;
    return w;
}

static words_t place_words(const state_t *state, uint32_t slot)
{
    words_t w = {""};
    *state_format_place(w.text, w.text + TEXT_MAX - 1, state, slot) = 0;
    return w;
}

static words_t thread_words(const state_t *state, uint64_t address)
{
    words_t w = {""};
    *state_format_thread(w.text, w.text + TEXT_MAX - 1, state, address) = 0;
    return w;
}

const state_cap_t *caps_root(const state_t *state, const state_thread_t *thread)
{
    uint32_t slot = thread->slots[STATE_SLOT_CSPACE];
    const state_cap_t *cap = slot == STATE_NONE ? NULL : &state->slots[slot].cap;
    return cap && cap->type == TRACE_CAPTYPE_CNODE ? cap : NULL;
}

typedef struct {
    uint32_t slot;
    const state_thread_t *thread;
    caps_way_fn *found;
    void *context;
} search_t;

static bool compare_place(void *context, const state_t *state, const state_place_t *place)
{
    const search_t *search = context;
    (void)state;
    if (place->slot == search->slot) {
        search->found(search->context, search->thread, place);
    }
    return true;
}

void caps_ways(const state_t *state, uint32_t slot, caps_way_fn *found, void *context)
{
    for (uint32_t i = 0; i < state->thread_count; i++) {
        const state_thread_t *t = &state->threads[i];
        const state_cap_t *root = caps_root(state, t);
        if (root) {
            search_t search = {slot, t, found, context};
            state_walk_cspace(state, root, compare_place, &search);
        }
    }
}

static void print_head(const snapshot_t *snapshot, const char *name)
{
    const state_t *s = snapshot->state;
    char pause[32] = "";
    *format_duration(pause, pause + sizeof(pause) - 1, snapshot->info.paused_ns) = 0;
    printf("%s: %u threads, %u capabilities, %u endpoints and notifications, %u address spaces"
           " with %u pages mapped\n",
           name, s->thread_count, s->slot_count, s->queue_count, s->space_count, s->mapping_count);
    if (snapshot->info.flags & SNAPSHOT_PAUSED && snapshot->info.paused_ns) {
        printf("(the guest stood still for %s)\n", pause);
    }
}

static bool count_place(void *context, const state_t *state, const state_place_t *place)
{
    (void)state;
    (void)place;
    ++*(uint32_t *)context;
    return true;
}

static void print_threads(const state_t *state)
{
    printf("\n%-24s %-14s %4s %8s %8s  %-12s %s\n", "THREAD", "STATE", "PRIO", "CAPS", "PAGES",
           "TCB", "WAITS ON");
    for (uint32_t i = 0; i < state->thread_count; i++) {
        const state_thread_t *t = &state->threads[i];
        const state_cap_t *root = caps_root(state, t);
        const state_space_t *space = state_space(state, t->vspace);
        uint32_t caps = 0;
        if (root) {
            state_walk_cspace(state, root, count_place, &caps);
        }
        printf("%-24s %-14s %4u %8u %8u  0x%-10" PRIx64, thread_words(state, t->address).text,
               thread_state_name(t->state), t->priority, caps, space ? space->mappings : 0,
               t->address);
        printf(t->blocked_on ? " 0x%" PRIx64 "\n" : "\n", t->blocked_on);
    }
}

static void print_totals(const state_t *state)
{
    uint32_t count[UINT8_MAX + 1] = {0};
    for (uint32_t i = 0; i < state->slot_count; i++) {
        count[state->slots[i].cap.type]++;
    }
    printf("\n%-24s %8s\n", "TYPE", "CAPS");
    for (unsigned type = 0; type <= UINT8_MAX; type++) {
        const char *name = state_cap_type_name((uint8_t)type);
        if (count[type]) {
            printf("%-24s %8u\n", name ? name : "?", count[type]);
        }
    }
}

static bool print_place(void *context, const state_t *state, const state_place_t *place)
{
    (void)context;
    const state_slot_t *slot = &state->slots[place->slot];
    printf("%*s0x%-*" PRIx64 " %s%s\n", (int)(4 * place->level), "", 18 - (int)place->level * 2,
           place->cptr, cap_words(state, &slot->cap).text,
           slot->first_child != STATE_NONE ? "  (has children)" : "");
    return true;
}

static void print_space(const state_t *state, const state_thread_t *thread)
{
    const state_cap_t *root = caps_root(state, thread);
    words_t name = thread_words(state, thread->address);
    if (!root) {
        printf("%s has no CSpace\n", name.text);
        return;
    }
    printf("%s's CSpace: %s\n", name.text, cap_words(state, root).text);
    state_walk_cspace(state, root, print_place, NULL);
}

static void print_way(void *context, const state_thread_t *thread, const state_place_t *place)
{
    const state_t *state = context;
    printf("    %s names it 0x%" PRIx64, thread_words(state, thread->address).text, place->cptr);
    printf(place->bits_left ? " (%u bits deep)\n" : "\n", 64 - place->bits_left);
}

static void print_holders(const state_t *state, uint64_t object)
{
    const state_queue_t *queue = state_queue(state, object);
    for (uint32_t i = state_holder(state, object); i != STATE_NONE; i = state->slots[i].next_same) {
        const state_slot_t *slot = &state->slots[i];
        printf("%s: %s", place_words(state, i).text, cap_words(state, &slot->cap).text);
        printf(slot->parent == STATE_NONE ? "\n" : "  <- %s\n",
               slot->parent == STATE_NONE ? "" : place_words(state, slot->parent).text);
        caps_ways(state, i, print_way, (void *)(uintptr_t)state);
    }
    for (uint32_t i = 0; queue && i < queue->waiting; i++) {
        printf("%s waits to %s\n", thread_words(state, state->waiters[queue->first + i]).text,
               queue->sending ? "send" : "receive");
    }
    if (queue && queue->active) {
        printf("active, badges 0x%" PRIx64 "\n", queue->badges);
    }
}

static void print_derived(const state_t *state, uint32_t slot, uint32_t depth)
{
    printf("%*s%s  in %s\n", (int)(2 * depth < INDENT_MAX ? 2 * depth : INDENT_MAX), "",
           cap_words(state, &state->slots[slot].cap).text, place_words(state, slot).text);
}

/* A slot and all below it, without recursion: down, else across, else up. */
static void print_tree(const state_t *state, uint32_t top)
{
    uint32_t at = top, depth = 0;
    for (;;) {
        print_derived(state, at, depth);
        if (state->slots[at].first_child != STATE_NONE) {
            at = state->slots[at].first_child;
            depth++;
            continue;
        }
        while (at != top && state->slots[at].next_sibling == STATE_NONE) {
            at = state->slots[at].parent;
            depth--;
        }
        if (at == top) {
            return;
        }
        at = state->slots[at].next_sibling;
    }
}

static void print_derivation(const state_t *state, uint64_t object)
{
    for (uint32_t i = object ? state_holder(state, object) : 0; i < state->slot_count;
         i = object ? state->slots[i].next_same : i + 1) {
        const state_slot_t *slot = &state->slots[i];
        bool top = slot->parent == STATE_NONE ||
                   (object && state->slots[slot->parent].cap.object != object);
        if (top) {
            print_tree(state, i);
        }
    }
}

static void print_mappings(const state_t *state, const state_thread_t *thread)
{
    const state_space_t *space = state_space(state, thread->vspace);
    words_t name = thread_words(state, thread->address);
    if (!space) {
        printf("%s has no address space\n", name.text);
        return;
    }
    printf("%s's address space: root 0x%" PRIx64 " asid %u\n", name.text, space->root, space->asid);
    for (uint32_t i = 0; i < space->mappings; i++) {
        const state_mapping_t *m = &state->mappings[space->first + i];
        printf("0x%010" PRIx64 " -> 0x%010" PRIx64 " %s %c%c%c%c\n", m->vaddr, m->paddr,
               m->size_bits == 12   ? "4K"
               : m->size_bits == 21 ? "2M"
                                    : "1G",
               m->flags & 2 ? 'r' : '-', m->flags & 4 ? 'w' : '-', m->flags & 8 ? 'x' : '-',
               m->flags & 16 ? 'u' : '-');
    }
}

void caps_print_text(const snapshot_t *snapshot, const caps_request_t *request)
{
    const state_t *state = snapshot->state;
    switch (request->what) {
    case CAPS_SUMMARY:
        print_head(snapshot, request->name);
        print_threads(state);
        print_totals(state);
        break;
    case CAPS_SPACE: print_space(state, request->thread); break;
    case CAPS_OBJECT: print_holders(state, request->object); break;
    case CAPS_DERIVATION: print_derivation(state, request->object); break;
    case CAPS_MAPPINGS: print_mappings(state, request->thread); break;
    }
}
