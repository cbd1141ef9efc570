/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Imposed time: what a server runs while it serves a call is billed to the call's client, and to
 * whoever that one serves itself at that moment, and so on. A thread serves the call that it took
 * last, until it replies.
 */
#include <string.h>

#include "memory.h"
#include "stats_private.h"
#include "trace/ids.h"

enum { CHAIN_MAX = 16 };

static imposed_t *slot_of(stats_t *stats, const thread_t *t)
{
    struct stats_private *p = stats->private;
    if (t->index >= p->imposed_room) {
        size_t room = 2 * (size_t)t->index + 16;
        p->imposed = memory_grow(p->imposed, room, sizeof(imposed_t));
        memset(p->imposed + p->imposed_room, 0, (room - p->imposed_room) * sizeof(imposed_t));
        p->imposed_room = room;
    }
    imposed_t *slot = &p->imposed[t->index];
    if (slot->uid != t->uid) {
        *slot = (imposed_t){.uid = t->uid};
    }
    return slot;
}

/* The slot of the client that a server works for; NULL if there is none alive. */
static imposed_t *client_of(const stats_t *stats, const imposed_t *server)
{
    const struct stats_private *p = stats->private;
    imposed_t *client = server->client_uid ? &p->imposed[server->client_index] : NULL;
    return client && client->uid == server->client_uid ? client : NULL;
}

/* Bills what the thread ran since it was last settled. */
static void settle(stats_t *stats, const model_t *model, imposed_t *slot, uint64_t now)
{
    if (!slot->running || now <= slot->since) {
        return;
    }
    uint64_t ns = model_ns(model, now - slot->since);
    imposed_t *client = client_of(stats, slot);
    slot->since = now;
    if (client) {
        stats_thread_row(stats, slot->uid)->ran_for_others += ns;
    }
    for (unsigned i = 0; client && i < CHAIN_MAX; i++) {
        stats_thread_row(stats, client->uid)->imposed += ns;
        client = client_of(stats, client);
    }
}

static void stop(stats_t *stats, const model_t *model, const thread_t *t, uint64_t now)
{
    if (t) {
        imposed_t *slot = slot_of(stats, t);
        settle(stats, model, slot, now);
        slot->running = false;
    }
}

static void start(stats_t *stats, const thread_t *t, uint64_t now)
{
    if (t) {
        imposed_t *slot = slot_of(stats, t);
        if (!slot->running) {
            slot->running = true;
            slot->since = now;
        }
    }
}

static void begin_service(stats_t *stats, const model_t *model, const call_t *call, uint64_t now)
{
    bool awaited = call->kind == TRACE_IPC_KIND_CALL || call->kind == TRACE_IPC_KIND_FAULT;
    if (!call->server || !call->client || !awaited) {
        return;
    }
    slot_of(stats, call->client); /* first: it may move the slots */
    imposed_t *server = slot_of(stats, call->server);
    settle(stats, model, server, now);
    server->client_uid = call->client_uid;
    server->client_index = call->client->index;
}

static void end_service(stats_t *stats, const model_t *model, const call_t *call, uint64_t now)
{
    if (call->server) {
        imposed_t *server = slot_of(stats, call->server);
        settle(stats, model, server, now);
        if (server->client_uid == call->client_uid) {
            server->client_uid = 0;
        }
    }
}

void stats_on_imposed(stats_t *stats, const model_t *model, const event_t *event)
{
    uint64_t now = event->time;
    if (event->effects & (EFFECT_SWITCH | EFFECT_UNEXPLAINED)) {
        stop(stats, model, event->prev, now);
    }
    if (event->effects & EFFECT_SWITCH) {
        start(stats, event->other, now);
    } else if (event->thread) {
        start(stats, event->thread, now);
    }
    if (event->effects & EFFECT_CALL_RECEIVED && event->call) {
        begin_service(stats, model, event->call, now);
    }
    if (event->effects & EFFECT_CALL_REPLIED && event->call) {
        end_service(stats, model, event->call, now);
    }
    if (event->effects & EFFECT_CALL_ENDED && event->done) {
        end_service(stats, model, event->done, now);
    }
}

void stats_end_imposed(stats_t *stats, const model_t *model)
{
    for (const thread_t *t = model->threads; t; t = t->next) {
        stop(stats, model, t, model->time);
    }
}
