/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of the capabilities view: CSpaces by thread, or all about one object. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "caps.h"
#include "memory.h"
#include "u4trace/format.h"

static cap_line_t *add(caps_t *caps, cap_line_kind_t kind, uint32_t index, uint32_t depth)
{
    if (caps->count == caps->room) {
        caps->room = caps->room * 2 + 64;
        caps->lines = memory_grow(caps->lines, caps->room, sizeof(caps->lines[0]));
    }
    cap_line_t *line = &caps->lines[caps->count++];
    *line = (cap_line_t){.kind = kind, .index = index, .depth = depth};
    return line;
}

static void add_text(caps_t *caps, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_text(caps_t *caps, const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    add(caps, CAP_LINE_TEXT, 0, 0)->text = memory_strdup(text);
}

static bool add_slot(void *context, const state_t *state, const state_place_t *place)
{
    (void)state;
    cap_line_t *line = add(context, CAP_LINE_SLOT, place->slot, place->level + 1);
    line->cptr = place->cptr;
    line->bits_left = place->bits_left;
    return true;
}

static void list_threads(app_t *app, caps_t *caps)
{
    const state_t *state = caps->state;
    char time[40] = "the beginning";
    if (caps->time) {
        time_text(app, caps->time, time, sizeof(time));
    }
    add_text(caps, "%u threads, %u capabilities as of %s%s (R reads again)", state->thread_count,
             state->slot_count, time, caps->time ? " s" : "");
    for (uint32_t i = 0; i < state->problem_count && i < STATE_MAX_PROBLEMS; i++) {
        add_text(caps, "problem: %s", state->problems[i]);
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        uint32_t root = state->threads[i].slots[STATE_SLOT_CSPACE];
        if (!state->threads[i].idle) {
            add(caps, CAP_LINE_THREAD, i, 0);
        }
        if (caps->open[i] && root != STATE_NONE) {
            state_walk_cspace(state, &state->slots[root].cap, add_slot, caps);
        }
    }
}

/* The tree below a slot, without recursion: down, along, or up and along. */
static void list_below(caps_t *caps, uint32_t top, uint32_t depth)
{
    enum { MOST = 4096 };
    const state_slot_t *slots = caps->state->slots;
    uint32_t slot = slots[top].first_child, level = depth;
    for (unsigned n = 0; slot != STATE_NONE && n < MOST; n++) {
        add(caps, CAP_LINE_TREE, slot, level);
        uint32_t next = slots[slot].first_child;
        level += next != STATE_NONE;
        while (next == STATE_NONE && slot != STATE_NONE && slot != top) {
            next = slots[slot].next_sibling;
            if (next == STATE_NONE) {
                slot = slots[slot].parent;
                level--;
            }
        }
        slot = slot == top ? STATE_NONE : next;
    }
}

static void list_tree(caps_t *caps, uint32_t slot)
{
    enum { MOST = 64 };
    const state_slot_t *slots = caps->state->slots;
    uint32_t up[MOST], count = 0;
    for (uint32_t i = slot; i != STATE_NONE && count < MOST; i = slots[i].parent) {
        up[count++] = i;
    }
    add_text(caps, "Derivation: what it comes from, and what comes from it");
    for (uint32_t i = count; i > 0; i--) {
        add(caps, CAP_LINE_TREE, up[i - 1], count - i + 1);
    }
    list_below(caps, slot, count + 1);
}

static void list_object(caps_t *caps, uint32_t slot)
{
    const state_t *state = caps->state;
    const state_cap_t *cap = &state->slots[slot].cap;
    char text[160] = "";
    *state_format_cap(text, text + sizeof(text) - 1, state, cap) = 0;
    add_text(caps, "%s (u: back)", text);
    const state_queue_t *queue = state_queue(state, cap->object);
    uint32_t holders = 0;
    bool counted = cap->type != TRACE_CAPTYPE_IRQ_HANDLER;
    uint32_t first = counted ? state_holder(state, cap->object) : STATE_NONE;
    for (uint32_t i = first; i != STATE_NONE; i = state->slots[i].next_same) {
        holders++;
    }
    if (first != STATE_NONE) {
        add_text(caps, "Who holds it: %u capabilit%s", holders, holders == 1 ? "y" : "ies");
    }
    for (uint32_t i = first; i != STATE_NONE; i = state->slots[i].next_same) {
        add(caps, CAP_LINE_HOLDER, i, 1);
    }
    list_tree(caps, slot);
    if (queue) {
        add_text(caps, "Who waits there: %u%s", queue->waiting,
                 !queue->waiting  ? ""
                 : queue->sending ? ", to send"
                                  : ", to receive");
        for (uint32_t i = 0; i < queue->waiting; i++) {
            const state_thread_t *thread = state_thread(state, state->waiters[queue->first + i]);
            if (thread) {
                add(caps, CAP_LINE_WAITER, (uint32_t)(thread - state->threads), 1);
            }
        }
    }
}

void caps_list(app_t *app)
{
    caps_t *caps = caps_of(app);
    for (size_t i = 0; i < caps->count; i++) {
        free(caps->lines[i].text);
    }
    caps->count = 0;
    if (!caps->state) {
        add_text(caps, "%s", caps->why_not);
    } else if (caps->depth) {
        list_object(caps, caps->shown[caps->depth - 1]);
    } else {
        list_threads(app, caps);
    }
}
