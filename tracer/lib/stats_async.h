/* SPDX-License-Identifier: BSD-2-Clause */
/* The statistics' part about async IPC, async system calls and coroutines; stats_async.c has what
 * its three files share. */
#ifndef TRACER_STATS_ASYNC_H
#define TRACER_STATS_ASYNC_H

#include "stats_private.h"

#define ASYNC_FIELDS(F) \
    F(RING_THREAD, "async.ring", "thread") \
    F(RING_LINES, "async.ring", "lines") \
    F(PICKUP_THREAD, "async.pickup", "thread") \
    F(PICKUP_QUEUED, "async.pickup", "queued") \
    F(PICKUP_TOKEN, "async.pickup", "token") \
    F(COMPLETE_THREAD, "async.complete", "thread") \
    F(COMPLETE_ERROR, "async.complete", "error") \
    F(COMPLETE_TOKEN, "async.complete", "token") \
    F(SUBMIT_TOKEN, "async.submit", "token") \
    F(FETCH_TOKEN, "async.fetch", "token") \
    F(CONNECT_CONN, "async.connect", "conn") \
    F(CONNECT_SERVER, "async.connect", "server") \
    F(CONNECT_BIT, "async.connect", "bit") \
    F(DISCONNECT_CONN, "async.disconnect", "conn") \
    F(REQUEST_CONN, "async.request", "conn") \
    F(REQUEST_TOKEN, "async.request", "token") \
    F(REQUEST_SEND, "async.request", "send") \
    F(REQUEST_DEPTH, "async.request", "depth") \
    F(TAKE_CONN, "async.take", "conn") \
    F(TAKE_TOKEN, "async.take", "token") \
    F(REPLY_CONN, "async.reply", "conn") \
    F(REPLY_TOKEN, "async.reply", "token") \
    F(ANSWER_CONN, "async.answer", "conn") \
    F(ANSWER_TOKEN, "async.answer", "token") \
    F(ANSWER_LATE, "async.answer", "late") \
    F(NOTIFY_CONN, "async.notify", "conn") \
    F(NOTIFY_TOLD, "async.notify", "told") \
    F(BELL_CONN, "async.bell", "conn") \
    F(SIGNAL_WOKEN, "ntfn.signal", "woken") \
    F(SIGNAL_BADGE, "ntfn.signal", "badge") \
    F(RECEIVE_BADGE, "ntfn.receive", "badge") \
    F(WAKE_THREAD, "uintr.wake", "thread") \
    F(WAKE_VECTORS, "uintr.wake", "vectors") \
    F(UINTR_TAKE_VECTORS, "uintr.take", "vectors") \
    F(HANDLER_VECTORS, "uintr.handler", "vectors") \
    F(SPAWN_CORO, "coro.spawn", "coro") \
    F(SPAWN_NAME, "coro.spawn", "name") \
    F(RUN_CORO, "coro.run", "coro") \
    F(BLOCK_CORO, "coro.block", "coro") \
    F(BLOCK_WHY, "coro.block", "why") \
    F(WAKE_CORO, "coro.wake", "coro") \
    F(END_CORO, "coro.end", "coro")

enum {
#define FIELD(name, event, field) A_##name,
    ASYNC_FIELDS(FIELD)
#undef FIELD
        ASYNC_FIELD_COUNT
};

typedef void (*stats_handler_t)(stats_t *stats, const model_t *model, const event_t *event);
typedef struct {
    const char *event;
    stats_handler_t handler;
} stats_binding_t;

struct stats_async_private {
    const schema_field_t *fields[ASYNC_FIELD_COUNT];
    stats_handler_t handlers[SCHEMA_MAX_EVENTS];
    reftable_t rings;     /* stats_async_t by thread uid */
    reftable_t conns;     /* stats_conn_t by number */
    reftable_t bits;      /* by thread uid: a list of stats_side_t for each bit */
    reftable_t executors; /* stats_coro.c's, by thread uid */
    uint64_t last;        /* time of the last of these events, ticks */
};

/* A request under way: when its steps were, in ticks; 0: not seen. */
typedef struct stats_request {
    uint64_t put, taken, done;
} stats_request_t;

/* Of those under way (NULL: none), the one of that token. NULL, or with `make` a new one. */
typedef struct stats_requests stats_requests_t;
stats_request_t *stats_request(stats_requests_t **all, uint64_t token, bool make);
void stats_forget_request(stats_requests_t *all, uint64_t token);
void stats_free_requests(stats_requests_t **all);

/* Adds the time between two steps, if both were seen. */
static inline void stats_add_step(histogram_t *h, const model_t *model, uint64_t from, uint64_t to)
{
    if (from && to >= from) {
        histogram_add(h, model_ns(model, to - from));
    }
}

static inline uint64_t stats_async_get(const stats_t *stats, unsigned field, const event_t *event)
{
    return schema_field(stats->private->async->fields[field], event->record);
}

/* stats_conn.c, stats_coro.c; the bindings end with one without an event. */
extern const stats_binding_t stats_conn_bindings[], stats_coro_bindings[];
void stats_free_conns(stats_t *stats);
void stats_end_coros(stats_t *stats, const model_t *model);
void stats_free_coros(stats_t *stats);

#endif
