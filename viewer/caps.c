/* SPDX-License-Identifier: BSD-2-Clause */
#include "caps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void forget(caps_t *caps)
{
    for (size_t i = 0; i < caps->count; i++) {
        free(caps->lines[i].text);
    }
    caps->count = 0;
    snapshot_free(caps->snapshot);
    caps->snapshot = NULL;
    free(caps->reach);
    free(caps->open);
    caps->state = NULL;
    caps->reach = NULL;
    caps->open = NULL;
    caps->depth = 0;
}

void caps_free(caps_t *caps)
{
    if (caps) {
        forget(caps);
        free(caps->lines);
        free(caps);
    }
}

typedef struct {
    caps_t *caps;
    uint32_t thread;
} walk_t;

static bool reach_slot(void *context, const state_t *state, const state_place_t *place)
{
    walk_t *walk = context;
    cap_reach_t *reach = &walk->caps->reach[place->slot];
    (void)state;
    if (reach->thread == STATE_NONE) {
        *reach = (cap_reach_t){.thread = walk->thread, .cptr = place->cptr};
    } else if (reach->thread != walk->thread) {
        reach->more++;
    }
    return true;
}

static void find_reach(caps_t *caps)
{
    const state_t *state = caps->state;
    caps->reach = memory_new(state->slot_count + 1, sizeof(*caps->reach));
    caps->open = memory_new(state->thread_count + 1, sizeof(*caps->open));
    for (uint32_t i = 0; i < state->slot_count; i++) {
        caps->reach[i].thread = STATE_NONE;
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        uint32_t root = state->threads[i].slots[STATE_SLOT_CSPACE];
        walk_t walk = {.caps = caps, .thread = i};
        if (root != STATE_NONE) {
            state_walk_cspace(state, &state->slots[root].cap, reach_slot, &walk);
        }
    }
}

void caps_read(app_t *app)
{
    u4_error_t err = {""};
    caps_t *caps = caps_of(app);
    forget(caps);
    caps->tried = true;
    const viewer_guest_t *guest = app->guest;
    caps->snapshot =
        guest ? guest->snapshot(guest->self, &err) : snapshot_of_trace(app->path, &err);
    if (caps->snapshot) {
        caps->state = caps->snapshot->state;
        caps->time = guest ? app->index->last_time : caps->snapshot->info.guest_time;
    }
    snprintf(caps->why_not, sizeof(caps->why_not), "%.250s", err.text);
    if (caps->state) {
        find_reach(caps);
    }
    caps_list(app);
}

caps_t *caps_of(app_t *app)
{
    if (!app->caps) {
        app->caps = memory_new(1, sizeof(*app->caps));
    }
    return app->caps;
}

bool caps_push(app_t *app, uint32_t slot)
{
    caps_t *caps = caps_of(app);
    if (caps->depth == CAP_HISTORY) {
        return false;
    }
    caps->shown[caps->depth++] = slot;
    caps_list(app);
    return true;
}
