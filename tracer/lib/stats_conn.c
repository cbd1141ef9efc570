/* SPDX-License-Identifier: BSD-2-Clause */
/* Async IPC in the statistics: calls over each connection and what they wait for, how often the
 * sides had to notify one another, and which way that took. */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "stats_async.h"

/* A notification's bits or vectors, and the bit in badges that executors give away. */
enum { BITS = 64, BADGE_MARK = 63 };

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

/* The side at which the event's thread is, known from its other events. */
static stats_side_t *side_of(stats_conn_t *conn, const event_t *event)
{
    bool server = conn->sides[STATS_SERVER].uid == event->thread->uid;
    return &conn->sides[server ? STATS_SERVER : STATS_CLIENT];
}

/* From now on, or no more, notifications with this side's bit are the connection's. */
static void unlist(stats_side_t *side)
{
    stats_side_t **at = side->same;
    while (at && *at != side) {
        at = &(*at)->next;
    }
    if (at) {
        *at = side->next;
    }
    side->same = NULL;
}

static void list(struct stats_async_private *p, stats_side_t *side, unsigned bit)
{
    stats_side_t **bits = reftable_get(&p->bits, side->uid);
    if (!bits) {
        bits = memory_new(BITS, sizeof(stats_side_t *));
        reftable_put(&p->bits, side->uid, bits);
    }
    side->same = &bits[bit % BITS];
    side->next = *side->same;
    *side->same = side;
}

static void on_connect(stats_t *stats, const model_t *model, const event_t *event)
{
    unsigned which = stats_async_get(stats, A_CONNECT_SERVER, event) ? STATS_SERVER : STATS_CLIENT;
    struct stats_async_private *p = stats->private->async;
    stats_conn_t *conn = conn_at(stats, A_CONNECT_CONN, event, which);
    (void)model;
    /* Traces of older kernels do not tell the bit. */
    if (conn && event->thread && p->fields[A_CONNECT_BIT] != &schema_no_field) {
        unlist(&conn->sides[which]);
        list(p, &conn->sides[which], (unsigned)stats_async_get(stats, A_CONNECT_BIT, event));
    }
}

/* What was under way has been answered by that. */
static void on_disconnect(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_of(stats, A_DISCONNECT_CONN, event);
    (void)model;
    if (conn) {
        stats_free_requests(&conn->under_way);
    }
    if (conn && event->thread) {
        unlist(side_of(conn, event));
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

static void on_notify(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_of(stats, A_NOTIFY_CONN, event);
    (void)model;
    if (conn && event->thread) {
        stats_side_t *side = side_of(conn, event);
        ++*(stats_async_get(stats, A_NOTIFY_TOLD, event) ? &side->notified : &side->avoided);
    }
}

static void on_bell(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_conn_t *conn = conn_of(stats, A_BELL_CONN, event);
    (void)model;
    if (conn && event->thread) {
        side_of(conn, event)->alone++;
    }
}

/* These bits have reached the thread, by a user interrupt or else by the end of a system call. */
static void arrived(const stats_t *stats, const thread_t *thread, uint64_t bits, bool interrupted)
{
    stats_side_t **sides = thread ? reftable_get(&stats->private->async->bits, thread->uid) : NULL;
    for (; sides && bits; bits &= bits - 1) {
        for (stats_side_t *side = sides[__builtin_ctzll(bits)]; side; side = side->next) {
            ++*(interrupted ? &side->interrupted : &side->woken);
        }
    }
}

/* A badge that an executor gave away; the bit that marks it is no connection's. */
static void badge_arrived(const stats_t *stats, const thread_t *thread, uint64_t badge)
{
    if (badge >> BADGE_MARK & 1) {
        arrived(stats, thread, badge & ~((uint64_t)1 << BADGE_MARK), false);
    }
}

static void on_signal(stats_t *stats, const model_t *model, const event_t *event)
{
    uint32_t woken = (uint32_t)stats_async_get(stats, A_SIGNAL_WOKEN, event);
    badge_arrived(stats, woken ? model_thread(model, woken) : NULL,
                  stats_async_get(stats, A_SIGNAL_BADGE, event));
}

static void on_receive(stats_t *stats, const model_t *model, const event_t *event)
{
    (void)model;
    badge_arrived(stats, event->thread, stats_async_get(stats, A_RECEIVE_BADGE, event));
}

static void on_uintr_wake(stats_t *stats, const model_t *model, const event_t *event)
{
    uint32_t thread = (uint32_t)stats_async_get(stats, A_WAKE_THREAD, event);
    arrived(stats, model_thread(model, thread), stats_async_get(stats, A_WAKE_VECTORS, event),
            false);
}

static void on_uintr_take(stats_t *stats, const model_t *model, const event_t *event)
{
    (void)model;
    arrived(stats, event->thread, stats_async_get(stats, A_UINTR_TAKE_VECTORS, event), false);
}

static void on_handler(stats_t *stats, const model_t *model, const event_t *event)
{
    (void)model;
    arrived(stats, event->thread, stats_async_get(stats, A_HANDLER_VECTORS, event), true);
}

const stats_binding_t stats_conn_bindings[] = {
    {"async.connect", on_connect}, {"async.disconnect", on_disconnect},
    {"async.request", on_request}, {"async.take", on_take},
    {"async.reply", on_reply},     {"async.answer", on_answer},
    {"async.notify", on_notify},   {"async.bell", on_bell},
    {"ntfn.signal", on_signal},    {"ntfn.receive", on_receive},
    {"uintr.wake", on_uintr_wake}, {"uintr.take", on_uintr_take},
    {"uintr.handler", on_handler}, {NULL, NULL},
};

void stats_free_conns(stats_t *stats)
{
    for (size_t i = 0; i < stats->conn_count; i++) {
        stats_free_requests(&stats->conns[i]->under_way);
        free(stats->conns[i]);
    }
    free(stats->conns);
    reftable_free(&stats->private->async->conns);
    reftable_free_values(&stats->private->async->bits);
}
