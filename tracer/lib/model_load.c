/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's beginning out of a snapshot: who is there, what they wait on, what they are
 * called. */
#include <stdio.h>
#include <string.h>

#include "model_private.h"
#include "u4trace/state.h"

static void load_name(thread_t *t, const state_thread_t *from)
{
    if (from->name[0]) { /* a debug kernel names those that nobody named after their parents */
        snprintf(t->name, sizeof(t->name), "%s", from->name);
        t->named = strncmp(from->name, "child of: '", 11) != 0;
    } else if (from->idle) {
        snprintf(t->name, sizeof(t->name), "idle");
    }
}

static void load_wait(model_t *model, thread_t *t, const state_thread_t *from, uint64_t time)
{
    t->waiting_since = time;
    t->wait_badge = from->badge;
    t->wait_object = model_object_get(model, (uint32_t)from->blocked_on);
    if (t->wait_object) {
        t->wait_object->waiting++;
    }
}

static void load_thread(model_t *model, const state_t *state, const state_thread_t *from,
                        event_t *event, bool at_end)
{
    thread_t *t = model_thread_get(model, (uint32_t)from->address, event);
    const uint32_t cspace = from->slots[STATE_SLOT_CSPACE];
    if (!t) {
        return;
    }
    t->idle = from->idle;
    t->priority = from->priority;
    t->mcp = from->mcp;
    t->domain = from->domain;
    t->entry_pc = from->pc;
    t->hart = -1;
    load_name(t, from);
    model_thread_process(model, t, (uint32_t)from->vspace);
    model_name_process(t);
    model_name_by_start(model, t, from->pc, event);
    t->cspace = cspace == STATE_NONE ? 0 : (uint32_t)state->slots[cspace].cap.object;
    t->loaded = true;
    if (at_end) {
        return;
    }
    /* Who is current shows with a hart's first record. */
    bool runs = from->state == THREAD_RUNNING || from->state == THREAD_IDLE;
    model_set_state(model, t,
                    from->idle ? THREAD_STOPPED
                    : runs     ? THREAD_READY
                               : from->state,
                    event->time);
    if (from->blocked_on) {
        load_wait(model, t, from, event->time);
    }
}

/* A call that was received before the snapshot: its reply will come, its latency is unknown. */
static void load_call(model_t *model, const state_thread_t *server, uint64_t time)
{
    thread_t *s = model_thread(model, (uint32_t)server->address);
    thread_t *client = model_thread(model, (uint32_t)server->caller);
    if (!s || !client || client->call.active) {
        return;
    }
    client->call = (call_t){
        .id = ++model->calls,
        .begun = time,
        .received = time,
        .first.ring = EVENT_NONE,
        .transfer.ring = EVENT_NONE,
        .reply.ring = EVENT_NONE,
        .client = client,
        .server = s,
        .client_uid = client->uid,
        .server_uid = s->uid,
        .kind = client->state == THREAD_FAULTED ? TRACE_IPC_KIND_FAULT : TRACE_IPC_KIND_CALL,
        .active = true,
        .epoch = UINT32_MAX,
    };
}

void model_load(model_t *model, const state_t *state, uint64_t time, bool at_end)
{
    event_t event = {.time = time};
    model->private->loaded_at_end = at_end;
    for (uint32_t i = 0; i < state->queue_count; i++) {
        const state_queue_t *queue = &state->queues[i];
        object_t *object = model_object_get(model, (uint32_t)queue->address);
        if (object) {
            object->type = queue->type;
            object->pending = at_end ? 0 : queue->badges;
        }
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        load_thread(model, state, &state->threads[i], &event, at_end);
    }
    for (uint32_t i = 0; i < state->thread_count && !at_end; i++) {
        if (state->threads[i].caller) {
            load_call(model, &state->threads[i], time);
        }
    }
    for (uint32_t i = 0; i < state->hart_count; i++) {
        const state_hart_t *hart = &state->harts[i];
        if (hart->id < MODEL_MAX_HARTS) {
            model->harts[hart->id].idle = model_thread(model, (uint32_t)hart->idle);
        }
    }
}
