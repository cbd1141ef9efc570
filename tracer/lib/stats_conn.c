/* SPDX-License-Identifier: BSD-2-Clause */
/* Async IPC in the statistics: calls over each connection and what they wait for, and how often
 * the sides had to notify one another. */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "stats_async.h"

static stats_conn_t *conn_of(stats_t *stats, unsigned field, const event_t *event)
{
    struct stats_async_private *p = stats->private->async;
    uint32_t number = (uint32_t)stats_async_get(stats, field, event);
    stats_conn_t *conn = number ? reftable_get(&p->conns, number) : NULL;
    if (!conn && number) {
        conn = memory_new(1, sizeof(*conn));
        conn->number = number;
        conn->sides[STATS_CLIENT].name[0] = conn->sides[STATS_SERVER].name[0] = '?';
        stats->conns = stats_one_more(stats->conns, stats->conn_count, sizeof(conn));
        stats->conns[stats->conn_count++] = conn;
        reftable_put(&p->conns, number, conn);
    }
    return conn;
}

/* The connection of an event that one side left. */
static stats_conn_t *conn_at(stats_t *stats, unsigned field, const event_t *event, unsigned which)
{
    stats_conn_t *conn = conn_of(stats, field, event);
    if (conn && event->thread && conn->sides[which].uid != event->thread->uid) {
        stats_side_t *side = &conn->sides[which];
        side->uid = event->thread->uid;
        snprintf(side->name, sizeof(side->name), "%s", event->thread->name);
    }
    return conn;
}

/* The request under way that a server's step is about, NULL if it is not known. */
static stats_request_t *served(stats_t *stats, stats_conn_t *conn, unsigned token,
                               const event_t *event)
{
    return conn ? stats_request(&conn->under_way, stats_async_get(stats, token, event), false)
                : NULL;
}

static void on_connect(stats_t *stats, const model_t *model, const event_t *event)
{
    bool server = stats_async_get(stats, A_CONNECT_SERVER, event);
    (void)model;
    (void)conn_at(stats, A_CONNECT_CONN, event, server ? STATS_SERVER : STATS_CLIENT);
}

/* What was under way has been answered by that. */
static void on_disconnect(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_of(stats, A_DISCONNECT_CONN, event);
    (void)model;
    if (conn) {
        stats_free_requests(&conn->under_way);
    }
}

static void on_request(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_at(stats, A_REQUEST_CONN, event, STATS_CLIENT);
    (void)model;
    if (!conn) {
        return;
    }
    uint64_t depth = stats_async_get(stats, A_REQUEST_DEPTH, event);
    conn->deepest = depth > conn->deepest ? depth : conn->deepest;
    if (stats_async_get(stats, A_REQUEST_SEND, event)) {
        conn->sends++;
        return;
    }
    conn->calls++;
    *stats_request(&conn->under_way, stats_async_get(stats, A_REQUEST_TOKEN, event), true) =
        (stats_request_t){.put = event->time};
}

static void on_take(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_at(stats, A_TAKE_CONN, event, STATS_SERVER);
    stats_request_t *request = served(stats, conn, A_TAKE_TOKEN, event);
    if (request) {
        stats_add_step(&conn->ring, model, request->put, event->time);
        request->taken = event->time;
    }
}

static void on_reply(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_at(stats, A_REPLY_CONN, event, STATS_SERVER);
    stats_request_t *request = served(stats, conn, A_REPLY_TOKEN, event);
    if (request) {
        stats_add_step(&conn->serve, model, request->taken, event->time);
        request->done = event->time;
    }
}

static void on_answer(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_at(stats, A_ANSWER_CONN, event, STATS_CLIENT);
    if (!conn) {
        return;
    }
    uint64_t token = stats_async_get(stats, A_ANSWER_TOKEN, event);
    const stats_request_t *request = stats_request(&conn->under_way, token, false);
    ++*(stats_async_get(stats, A_ANSWER_LATE, event) ? &conn->late : &conn->answered);
    if (request) {
        stats_add_step(&conn->back, model, request->done, event->time);
        stats_add_step(&conn->total, model, request->put, event->time);
        stats_forget_request(conn->under_way, token);
    }
}

/* Which side it is that notifies is known from its other events. */
static void on_notify(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_of(stats, A_NOTIFY_CONN, event);
    (void)model;
    if (conn && event->thread) {
        bool server = conn->sides[STATS_SERVER].uid == event->thread->uid;
        stats_side_t *side = &conn->sides[server ? STATS_SERVER : STATS_CLIENT];
        ++*(stats_async_get(stats, A_NOTIFY_TOLD, event) ? &side->told : &side->avoided);
    }
}

const stats_binding_t stats_conn_bindings[] = {
    {"async.connect", on_connect}, {"async.disconnect", on_disconnect},
    {"async.request", on_request}, {"async.take", on_take},
    {"async.reply", on_reply},     {"async.answer", on_answer},
    {"async.notify", on_notify},   {NULL, NULL},
};

void stats_free_conns(stats_t *stats)
{
    for (size_t i = 0; i < stats->conn_count; i++) {
        stats_free_requests(&stats->conns[i]->under_way);
        free(stats->conns[i]);
    }
    free(stats->conns);
    reftable_free(&stats->private->async->conns);
}
