/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derivation tree out of the kernel's list: a capability's descendants directly follow it, so
 * a slot's parent is the closest of its predecessor and that one's ancestors that may be one.
 */
#include "reading.h"

static bool is_parent(const state_slot_t *a, const state_slot_t *b)
{
    if (!a->revocable || !state_same_region(&a->cap, &b->cap)) {
        return false;
    }
    if (a->cap.type == TRACE_CAPTYPE_ENDPOINT || a->cap.type == TRACE_CAPTYPE_NOTIFICATION) {
        return a->cap.badge == 0 || (a->cap.badge == b->cap.badge && !b->first_badged);
    }
    return true;
}

/* Makes `slot` the last child of `parent`; `last` is that one's last child so far. */
static void adopt(state_t *state, uint32_t parent, uint32_t slot, uint32_t last)
{
    state_slot_t *s = &state->slots[slot], *p = &state->slots[parent];
    s->parent = parent;
    s->depth = p->depth + 1;
    if (last == STATE_NONE) {
        p->first_child = slot;
    } else {
        state->slots[last].next_sibling = slot;
    }
}

/* One list, from its head on. `seen` slots have a depth other than STATE_NONE. */
static void link_list(state_t *state, uint32_t head)
{
    uint32_t before = STATE_NONE, at = head;
    while (at != STATE_NONE && state->slots[at].depth == STATE_NONE) {
        uint32_t parent = before, last = STATE_NONE;
        while (parent != STATE_NONE && !is_parent(&state->slots[parent], &state->slots[at])) {
            last = parent; /* on the way up: the last child of what comes next */
            parent = state->slots[parent].parent;
        }
        state->slots[at].depth = 0;
        if (parent != STATE_NONE) {
            adopt(state, parent, at, last);
        }
        before = at;
        at = state_slot(state, state->slots[at].next);
    }
    if (at != STATE_NONE) {
        state_problem(state, "derivation list: slot 0x%llx comes twice",
                      (unsigned long long)state->slots[at].address);
    }
}

static bool is_head(const state_t *state, const state_slot_t *slot)
{
    uint32_t before = state_slot(state, slot->prev);
    return before == STATE_NONE || state->slots[before].next != slot->address;
}

static void link_derivation(state_t *state)
{
    for (uint32_t i = 0; i < state->slot_count; i++) {
        state->slots[i].depth = STATE_NONE;
    }
    for (uint32_t i = 0; i < state->slot_count; i++) {
        if (is_head(state, &state->slots[i])) {
            link_list(state, i);
        }
    }
    for (uint32_t i = 0; i < state->slot_count; i++) {
        if (state->slots[i].depth == STATE_NONE) { /* in a circle */
            link_list(state, i);
        }
    }
}

/* All capabilities to one object, as they were found. */
static void link_holders(state_t *state)
{
    addrmap_t *holders = &state->private->holder_at;
    for (uint32_t i = state->slot_count; i-- > 0;) {
        state_slot_t *s = &state->slots[i];
        if (s->cap.object && s->cap.type != TRACE_CAPTYPE_IRQ_HANDLER) {
            s->next_same = addrmap_get(holders, s->cap.object);
            addrmap_put(holders, s->cap.object, i);
        }
    }
}

static void link_threads(state_t *state)
{
    const state_layout_t *own = &state->private->fields[S_TCB_SLOTS];
    for (uint32_t i = 0; i < state->thread_count; i++) {
        state_thread_t *t = &state->threads[i];
        for (uint32_t n = 0; n < STATE_THREAD_SLOTS && n < own->count; n++) {
            t->slots[n] = state_slot(state, t->address + own->offset + n * own->element);
        }
        const state_slot_t *vspace = t->slots[STATE_SLOT_VSPACE] == STATE_NONE
                                         ? NULL
                                         : &state->slots[t->slots[STATE_SLOT_VSPACE]];
        const state_slot_t *caller = t->slots[STATE_SLOT_CALLER] == STATE_NONE
                                         ? NULL
                                         : &state->slots[t->slots[STATE_SLOT_CALLER]];
        t->vspace = vspace && vspace->cap.type == TRACE_CAPTYPE_PAGE_TABLE ? vspace->cap.object : 0;
        t->caller = caller && caller->cap.type == TRACE_CAPTYPE_REPLY ? caller->cap.object : 0;
    }
}

void state_link_slots(state_t *state)
{
    link_derivation(state);
    link_holders(state);
    link_threads(state);
}
