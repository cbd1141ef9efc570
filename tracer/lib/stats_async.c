/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Async system calls in the statistics: how deep the rings are, and how long answers take, from
 * the submitter's putting it into the ring to its coroutine's having the answer. What only the
 * program's own events tell is missing if it has no trace ring.
 */
#include "stats_async.h"

#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

/* ---- requests under way ---- */

struct stats_requests {
    reftable_t by_token;
};

stats_request_t *stats_request(stats_requests_t **all, uint64_t token, bool make)
{
    stats_request_t *request = *all ? reftable_get(&(*all)->by_token, reftable_token(token)) : NULL;
    if (!request && make) {
        *all = *all ? *all : memory_new(1, sizeof(**all));
        request = memory_new(1, sizeof(*request));
        reftable_put(&(*all)->by_token, reftable_token(token), request);
    }
    return request;
}

void stats_forget_request(stats_requests_t *all, uint64_t token)
{
    free(reftable_get(&all->by_token, reftable_token(token)));
    reftable_remove(&all->by_token, reftable_token(token));
}

void stats_free_requests(stats_requests_t **all)
{
    if (*all) {
        reftable_free_values(&(*all)->by_token);
    }
    free(*all);
    *all = NULL;
}

/* ---- rings ---- */

static stats_async_t *row_of(stats_t *stats, const thread_t *thread)
{
    struct stats_async_private *p = stats->private->async;
    stats_async_t *row = reftable_get(&p->rings, thread->uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->thread_uid = thread->uid;
        stats->async = stats_one_more(stats->async, stats->async_count, sizeof(row));
        stats->async[stats->async_count++] = row;
        reftable_put(&p->rings, thread->uid, row);
    }
    snprintf(row->thread, sizeof(row->thread), "%s", thread->name);
    return row;
}

/* The row of the thread that a field of a kernel's event names, NULL if it is not known. */
static stats_async_t *row_named(stats_t *stats, const model_t *model, unsigned field,
                                const event_t *event)
{
    const thread_t *thread = model_thread(model, (uint32_t)stats_async_get(stats, field, event));
    return thread ? row_of(stats, thread) : NULL;
}

static void on_ring(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_async_t *row = row_named(stats, model, A_RING_THREAD, event);
    if (row) {
        ++*(stats_async_get(stats, A_RING_LINES, event) ? &row->rings : &row->broken);
    }
}

static void on_submit(stats_t *stats, const model_t *model, const event_t *event)
{
    (void)model;
    if (event->thread) {
        stats_async_t *row = row_of(stats, event->thread);
        uint64_t token = stats_async_get(stats, A_SUBMIT_TOKEN, event);
        row->submitted++;
        *stats_request(&row->under_way, token, true) = (stats_request_t){.put = event->time};
    }
}

static void on_pickup(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_async_t *row = row_named(stats, model, A_PICKUP_THREAD, event);
    if (!row) {
        return;
    }
    uint64_t queued = stats_async_get(stats, A_PICKUP_QUEUED, event);
    stats_request_t *request =
        stats_request(&row->under_way, stats_async_get(stats, A_PICKUP_TOKEN, event), true);
    row->taken++;
    row->deepest = queued > row->deepest ? queued : row->deepest;
    stats_add_step(&row->wait, model, request->put, event->time);
    request->taken = event->time;
}

static void on_complete(stats_t *stats, const model_t *model, const event_t *event)
{
    stats_async_t *row = row_named(stats, model, A_COMPLETE_THREAD, event);
    if (!row) {
        return;
    }
    uint64_t token = stats_async_get(stats, A_COMPLETE_TOKEN, event);
    stats_request_t *request = stats_request(&row->under_way, token, false);
    row->answered++;
    row->failed += stats_async_get(stats, A_COMPLETE_ERROR, event) != 0;
    if (request) {
        stats_add_step(&row->latency, model, request->taken, event->time);
        request->done = event->time;
    }
    if (request && !request->put) { /* nobody tells when it is fetched */
        stats_forget_request(row->under_way, token);
    }
}

static void on_fetch(stats_t *stats, const model_t *model, const event_t *event)
{
    if (!event->thread) {
        return;
    }
    stats_async_t *row = row_of(stats, event->thread);
    uint64_t token = stats_async_get(stats, A_FETCH_TOKEN, event);
    const stats_request_t *request = stats_request(&row->under_way, token, false);
    if (request) {
        stats_add_step(&row->back, model, request->done, event->time);
        stats_add_step(&row->total, model, request->put, event->time);
        stats_forget_request(row->under_way, token);
    }
}

/* ---- the part as a whole ---- */

static void bind(struct stats_async_private *p, const model_t *model, const stats_binding_t *b)
{
    for (; b->event; b++) {
        const schema_event_t *event = schema_find_event(model->schema, b->event);
        if (event && event->id < SCHEMA_MAX_EVENTS) {
            p->handlers[event->id] = b->handler;
        }
    }
}

void stats_begin_async(stats_t *stats, const model_t *model)
{
#define FIELD(name, event, field) {event, field},
    static const schema_field_name_t fields[ASYNC_FIELD_COUNT] = {ASYNC_FIELDS(FIELD)};
#undef FIELD
    static const stats_binding_t bindings[] = {
        {"async.ring", on_ring},         {"async.submit", on_submit}, {"async.pickup", on_pickup},
        {"async.complete", on_complete}, {"async.fetch", on_fetch},   {NULL, NULL},
    };
    struct stats_async_private *p = memory_new(1, sizeof(*p));
    stats->private->async = p;
    schema_find_fields(model->schema, fields, ASYNC_FIELD_COUNT, p->fields);
    bind(p, model, bindings);
    bind(p, model, stats_conn_bindings);
    bind(p, model, stats_coro_bindings);
}

void stats_on_async(stats_t *stats, const model_t *model, const event_t *event)
{
    struct stats_async_private *p = stats->private->async;
    stats_handler_t handler = p->handlers[event->record->event % SCHEMA_MAX_EVENTS];
    if (handler) {
        p->last = event->time > p->last ? event->time : p->last;
        handler(stats, model, event);
    }
}

void stats_end_async(stats_t *stats, const model_t *model)
{
    stats_end_coros(stats, model);
}

void stats_free_async(stats_t *stats)
{
    if (!stats->private->async) { /* no trace was begun */
        return;
    }
    for (size_t i = 0; i < stats->async_count; i++) {
        stats_free_requests(&stats->async[i]->under_way);
        free(stats->async[i]);
    }
    free(stats->async);
    stats_free_conns(stats);
    stats_free_coros(stats);
    reftable_free(&stats->private->async->rings);
    free(stats->private->async);
}
