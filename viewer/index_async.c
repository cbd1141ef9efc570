/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections, and rings of async system calls. */
#include "index_async.h"

#include <stdlib.h>

#include "index_private.h"
#include "memory.h"

enum { MOST_STEPS = 1 << 16 /* of requests, that are looked through for one of them */ };

static uint32_t uid_of(const event_t *event)
{
    return event->thread ? event->thread->uid : 0;
}

/* ---- what is under way ---- */

static uint32_t gauge_now(const gauge_t *gauge)
{
    const level_t *last = series_last(&gauge->levels);
    return last ? (uint32_t)last->count : 0;
}

static void gauge_set(index_t *index, gauge_t *gauge, uint64_t time, uint64_t count)
{
    static const series_shape_t shape = {.words = sizeof(level_t) / sizeof(uint64_t)};
    const level_t level = {.time = time, .count = count < UINT32_MAX ? count : UINT32_MAX};
    series_append(&gauge->levels, &shape, &index->pool, &level);
    gauge->most = level.count > gauge->most ? (uint32_t)level.count : gauge->most;
}

uint32_t gauge_at(const gauge_t *gauge, uint64_t time)
{
    level_t level;
    return series_at(&gauge->levels, time, &level) ? (uint32_t)level.count : 0;
}

/* ---- connections ---- */

static conn_t *conn_of(index_t *index, enum index_field field, const event_t *event)
{
    async_t *async = &index->async;
    uint32_t number = (uint32_t)index_get(&index->fields, field, event->record);
    conn_t *conn = (conn_t *)async_conn(async, number);
    if (!conn) {
        conn = memory_new(1, sizeof(*conn));
        conn->number = number;
        async->conns =
            index_grow(async->conns, async->conn_count, &async->conn_room, sizeof(async->conns[0]));
        async->conns[async->conn_count++] = conn;
    }
    return conn;
}

static void connect_event(index_t *index, const event_t *event)
{
    conn_t *conn = conn_of(index, FIELD_CONNECT_CONN, event);
    uint32_t uid = uid_of(event);
    bool server = index_get(&index->fields, FIELD_CONNECT_SERVER, event->record);
    *(server ? &conn->server : &conn->client) = uid;
    conn->lines = (uint32_t)index_get(&index->fields, FIELD_CONNECT_LINES, event->record);
    conn->opened = conn->opened ? conn->opened : event->time;
}

bool conn_request(const conn_t *conn, uint32_t token, uint64_t time, request_t *request)
{
    uint64_t at = series_until(&conn->steps, time);
    *request = (request_t){.server = 0};
    for (unsigned n = 0; at > 0 && n < MOST_STEPS; n++) {
        request_step_t step;
        series_get(&conn->steps, --at, &step);
        if (step.token != token) {
            continue;
        }
        request->replied |= step.stage == REQUEST_REPLIED;
        if (step.stage == REQUEST_TAKEN) {
            request->taken = true;
            request->server = (uint32_t)step.server;
        } else if (step.stage == REQUEST_PUT) {
            return true;
        }
    }
    return false;
}

static void request_step(index_t *index, conn_t *conn, const event_t *event, request_stage_t stage,
                         enum index_field token)
{
    static const series_shape_t shape = {.words = sizeof(request_step_t) / sizeof(uint64_t)};
    const request_step_t step = {
        .time = event->time,
        .stage = stage,
        .token = (uint32_t)index_get(&index->fields, token, event->record),
        .server = stage == REQUEST_TAKEN ? index_executor(index, event)->current : 0,
    };
    series_append(&conn->steps, &shape, &index->pool, &step);
}

static void request_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    conn_t *conn = conn_of(index, FIELD_REQUEST_CONN, event);
    uint64_t depth = index_get(fields, FIELD_REQUEST_DEPTH, event->record);
    uint32_t key = reftable_token(index_get(fields, FIELD_REQUEST_TOKEN, event->record));
    conn->client = uid_of(event);
    gauge_set(index, &conn->depth, event->time, depth);
    if (index_get(fields, FIELD_REQUEST_SEND, event->record)) {
        conn->sends++;
        return;
    }
    conn->calls++;
    request_step(index, conn, event, REQUEST_PUT, FIELD_REQUEST_TOKEN);
    reftable_put(&conn->open, key, (void *)(uintptr_t)event->time);
    gauge_set(index, &conn->waiting, event->time, gauge_now(&conn->waiting) + 1);
}

static void take_event(index_t *index, const event_t *event)
{
    conn_t *conn = conn_of(index, FIELD_TAKE_CONN, event);
    uint64_t depth = index_get(&index->fields, FIELD_TAKE_DEPTH, event->record);
    conn->server = uid_of(event);
    gauge_set(index, &conn->depth, event->time, depth);
    request_step(index, conn, event, REQUEST_TAKEN, FIELD_TAKE_TOKEN);
}

static void reply_event(index_t *index, const event_t *event)
{
    conn_t *conn = conn_of(index, FIELD_REPLY_CONN, event);
    conn->server = uid_of(event);
    request_step(index, conn, event, REQUEST_REPLIED, FIELD_REPLY_TOKEN);
}

static void answer_event(index_t *index, const event_t *event, uint64_t row)
{
    conn_t *conn = conn_of(index, FIELD_ANSWER_CONN, event);
    uint32_t key = reftable_token(index_get(&index->fields, FIELD_ANSWER_TOKEN, event->record));
    uint64_t put = (uint64_t)(uintptr_t)reftable_get(&conn->open, key);
    conn->client = uid_of(event);
    if (put) {
        uint64_t took = index_ns_between(index->model, put, event->time);
        reftable_remove(&conn->open, key);
        request_step(index, conn, event, REQUEST_ANSWERED, FIELD_ANSWER_TOKEN);
        conn->worst_row = took >= conn->latency.max ? row : conn->worst_row;
        histogram_add(&conn->latency, took);
        gauge_set(index, &conn->waiting, event->time, gauge_now(&conn->waiting) - 1);
    }
}

/* ---- rings of system calls ---- */

static callring_t *ring_of_thread(index_t *index, uint32_t uid)
{
    async_t *async = &index->async;
    for (size_t i = 0; i < async->ring_count; i++) {
        if (async->rings[i]->thread == uid) {
            return async->rings[i];
        }
    }
    callring_t *ring = memory_new(1, sizeof(*ring));
    ring->thread = uid;
    async->rings =
        index_grow(async->rings, async->ring_count, &async->ring_room, sizeof(async->rings[0]));
    async->rings[async->ring_count++] = ring;
    return ring;
}

static callring_t *ring_of(index_t *index, enum index_field field, const event_t *event)
{
    uint32_t ref = (uint32_t)index_get(&index->fields, field, event->record);
    const thread_t *thread = model_thread(index->model, ref);
    return ring_of_thread(index, thread ? thread->uid : 0);
}

static void count_latency(const index_t *index, callring_t *ring, uint64_t begun, uint64_t done,
                          uint64_t row)
{
    uint64_t took = index_ns_between(index->model, begun, done);
    ring->worst_row = took >= ring->latency.max ? row : ring->worst_row;
    histogram_add(&ring->latency, took);
}

static void submit_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    callring_t *ring = ring_of_thread(index, uid_of(event));
    uint32_t key = reftable_token(index_get(fields, FIELD_SUBMIT_TOKEN, event->record));
    ring->submits = true;
    ring->label = (uint32_t)index_get(fields, FIELD_SUBMIT_LABEL, event->record);
    reftable_put(&ring->begun, key, (void *)(uintptr_t)event->time);
    gauge_set(index, &ring->depth, event->time,
              index_get(fields, FIELD_SUBMIT_DEPTH, event->record));
}

static void fetch_event(index_t *index, const event_t *event, uint64_t row)
{
    callring_t *ring = ring_of_thread(index, uid_of(event));
    uint32_t key = reftable_token(index_get(&index->fields, FIELD_FETCH_TOKEN, event->record));
    uint64_t begun = (uint64_t)(uintptr_t)reftable_get(&ring->begun, key);
    if (begun) {
        count_latency(index, ring, begun, event->time, row);
        reftable_remove(&ring->begun, key);
    }
}

static void callring_event(index_t *index, const event_t *event)
{
    callring_t *ring = ring_of(index, FIELD_CALLRING_THREAD, event);
    uint32_t lines = (uint32_t)index_get(&index->fields, FIELD_CALLRING_LINES, event->record);
    ring->broken = lines == 0;
    ring->lines = lines ? lines : ring->lines;
    ring->picked_up = 0;
    gauge_set(index, &ring->depth, event->time, 0);
}

static void pickup_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    callring_t *ring = ring_of(index, FIELD_PICKUP_THREAD, event);
    ring->picked_up = event->time;
    ring->token = (uint32_t)index_get(fields, FIELD_PICKUP_TOKEN, event->record);
    ring->label = (uint32_t)index_get(fields, FIELD_PICKUP_LABEL, event->record);
    gauge_set(index, &ring->depth, event->time,
              index_get(fields, FIELD_PICKUP_QUEUED, event->record));
}

static void complete_event(index_t *index, const event_t *event, uint64_t row)
{
    const index_fields_t *fields = &index->fields;
    callring_t *ring = ring_of(index, FIELD_COMPLETE_THREAD, event);
    ring->calls++;
    ring->failed += index_get(fields, FIELD_COMPLETE_ERROR, event->record) != 0;
    bool same = ring->token == index_get(fields, FIELD_COMPLETE_TOKEN, event->record);
    if (ring->picked_up && same && !ring->submits) {
        count_latency(index, ring, ring->picked_up, event->time, row);
    }
    ring->picked_up = 0;
    gauge_set(index, &ring->depth, event->time, 0); /* until the next pick-up tells */
}

void index_async_event(index_t *index, const event_t *event, uint64_t row)
{
    unsigned id = index_id(&index->fields, event->record);
    switch (id) {
    case TRACE_CORO_SPAWN:
    case TRACE_CORO_RUN:
    case TRACE_CORO_BLOCK:
    case TRACE_CORO_WAKE:
    case TRACE_CORO_END: index_coro_event(index, id, event); break;
    case TRACE_ASYNC_CONNECT: connect_event(index, event); break;
    case TRACE_ASYNC_DISCONNECT:
        conn_of(index, FIELD_DISCONNECT_CONN, event)->closed = event->time;
        break;
    case TRACE_ASYNC_REQUEST: request_event(index, event); break;
    case TRACE_ASYNC_TAKE: take_event(index, event); break;
    case TRACE_ASYNC_REPLY: reply_event(index, event); break;
    case TRACE_ASYNC_ANSWER: answer_event(index, event, row); break;
    case TRACE_ASYNC_SUBMIT: submit_event(index, event); break;
    case TRACE_ASYNC_FETCH: fetch_event(index, event, row); break;
    case TRACE_ASYNC_RING: callring_event(index, event); break;
    case TRACE_ASYNC_PICKUP: pickup_event(index, event); break;
    case TRACE_ASYNC_COMPLETE: complete_event(index, event, row); break;
    default: break;
    }
}

/* ---- for the view ---- */

const conn_t *async_conn(const async_t *async, uint32_t number)
{
    for (size_t i = 0; i < async->conn_count; i++) {
        if (async->conns[i]->number == number) {
            return async->conns[i];
        }
    }
    return NULL;
}

uint64_t async_memory(const async_t *async)
{
    uint64_t bytes = async->coro_count * sizeof(coro_t) + async->conn_count * sizeof(conn_t) +
                     async->ring_count * sizeof(callring_t);
    for (size_t i = 0; i < async->coro_count; i++) {
        bytes += series_memory(&async->coros[i]->steps);
    }
    for (size_t i = 0; i < async->conn_count; i++) {
        const conn_t *conn = async->conns[i];
        bytes += series_memory(&conn->waiting.levels) + series_memory(&conn->depth.levels) +
                 series_memory(&conn->steps);
    }
    for (size_t i = 0; i < async->ring_count; i++) {
        bytes += series_memory(&async->rings[i]->depth.levels);
    }
    return bytes;
}

void async_free(async_t *async)
{
    for (size_t i = 0; i < async->executor_count; i++) {
        free(async->executors[i]->coros);
        free(async->executors[i]);
    }
    for (size_t i = 0; i < async->coro_count; i++) {
        series_free(&async->coros[i]->steps);
        free(async->coros[i]);
    }
    for (size_t i = 0; i < async->conn_count; i++) {
        conn_t *conn = async->conns[i];
        series_free(&conn->waiting.levels);
        series_free(&conn->depth.levels);
        series_free(&conn->steps);
        reftable_free(&conn->open);
        free(conn);
    }
    for (size_t i = 0; i < async->ring_count; i++) {
        series_free(&async->rings[i]->depth.levels);
        reftable_free(&async->rings[i]->begun);
        free(async->rings[i]);
    }
    index_drop(async->executors, async->executor_room, sizeof(async->executors[0]));
    index_drop(async->coros, async->coro_room, sizeof(async->coros[0]));
    index_drop(async->conns, async->conn_room, sizeof(async->conns[0]));
    index_drop(async->rings, async->ring_room, sizeof(async->rings[0]));
}
