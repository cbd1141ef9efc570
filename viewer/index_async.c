/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections, and rings of async system calls. */
#include "index_async.h"

#include <stdlib.h>

#include "index_private.h"
#include "memory.h"

enum { MOST_PENDING = 1 << 14 /* requests under way that are looked through */ };

static uint32_t uid_of(const event_t *event)
{
    return event->thread ? event->thread->uid : 0;
}

/* ---- what is under way ---- */

static void gauge_set(gauge_t *gauge, uint64_t time, uint64_t count)
{
    uint32_t value = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    gauge->levels = index_grow(gauge->levels, gauge->count, &gauge->room, sizeof(gauge->levels[0]));
    gauge->levels[gauge->count++] = (level_t){.time = time, .count = value};
    gauge->most = value > gauge->most ? value : gauge->most;
}

static uint32_t gauge_now(const gauge_t *gauge)
{
    return gauge->count ? gauge->levels[gauge->count - 1].count : 0;
}

uint32_t gauge_at(const gauge_t *gauge, uint64_t time)
{
    size_t low = 0, high = gauge->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (gauge->levels[middle].time <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low ? gauge->levels[low - 1].count : 0;
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

const request_t *conn_request(const conn_t *conn, uint32_t token, uint64_t time)
{
    size_t low = 0, high = conn->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (conn->requests[middle].put <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t n = 0; low > 0 && n < MOST_PENDING; n++) {
        if (conn->requests[--low].token == token) {
            return &conn->requests[low];
        }
    }
    return NULL;
}

static request_t *pending(const conn_t *conn, uint64_t token)
{
    return (request_t *)conn_request(conn, (uint32_t)token, UINT64_MAX);
}

static void request_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    conn_t *conn = conn_of(index, FIELD_REQUEST_CONN, event);
    conn->client = uid_of(event);
    gauge_set(&conn->depth, event->time, index_get(fields, FIELD_REQUEST_DEPTH, event->record));
    if (index_get(fields, FIELD_REQUEST_SEND, event->record)) {
        conn->sends++;
        return;
    }
    conn->requests =
        index_grow(conn->requests, conn->count, &conn->room, sizeof(conn->requests[0]));
    conn->requests[conn->count++] = (request_t){
        .put = event->time,
        .token = (uint32_t)index_get(fields, FIELD_REQUEST_TOKEN, event->record),
    };
    gauge_set(&conn->waiting, event->time, gauge_now(&conn->waiting) + 1);
}

static void take_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    conn_t *conn = conn_of(index, FIELD_TAKE_CONN, event);
    request_t *request = pending(conn, index_get(fields, FIELD_TAKE_TOKEN, event->record));
    conn->server = uid_of(event);
    gauge_set(&conn->depth, event->time, index_get(fields, FIELD_TAKE_DEPTH, event->record));
    if (request && !request->taken) {
        request->taken = event->time;
        request->server = index_executor(index, event)->current;
    }
}

static void reply_event(index_t *index, const event_t *event)
{
    conn_t *conn = conn_of(index, FIELD_REPLY_CONN, event);
    request_t *request = pending(conn, index_get(&index->fields, FIELD_REPLY_TOKEN, event->record));
    conn->server = uid_of(event);
    if (request && !request->replied) {
        request->replied = event->time;
    }
}

static void answer_event(index_t *index, const event_t *event, uint64_t row)
{
    conn_t *conn = conn_of(index, FIELD_ANSWER_CONN, event);
    request_t *request =
        pending(conn, index_get(&index->fields, FIELD_ANSWER_TOKEN, event->record));
    conn->client = uid_of(event);
    if (request && !request->answered) {
        uint64_t took = index_ns_between(index->model, request->put, event->time);
        request->answered = event->time;
        conn->worst_row = took >= conn->latency.max ? row : conn->worst_row;
        histogram_add(&conn->latency, took);
        gauge_set(&conn->waiting, event->time, gauge_now(&conn->waiting) - 1);
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

/* Never 0. */
static uint32_t token_key(uint64_t token)
{
    return (uint32_t)token ? (uint32_t)token : UINT32_MAX;
}

static void submit_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    callring_t *ring = ring_of_thread(index, uid_of(event));
    uint32_t key = token_key(index_get(fields, FIELD_SUBMIT_TOKEN, event->record));
    ring->submits = true;
    ring->label = (uint32_t)index_get(fields, FIELD_SUBMIT_LABEL, event->record);
    reftable_put(&ring->begun, key, (void *)(uintptr_t)event->time);
    gauge_set(&ring->depth, event->time, index_get(fields, FIELD_SUBMIT_DEPTH, event->record));
}

static void fetch_event(index_t *index, const event_t *event, uint64_t row)
{
    callring_t *ring = ring_of_thread(index, uid_of(event));
    uint32_t key = token_key(index_get(&index->fields, FIELD_FETCH_TOKEN, event->record));
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
    gauge_set(&ring->depth, event->time, 0);
}

static void pickup_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    callring_t *ring = ring_of(index, FIELD_PICKUP_THREAD, event);
    ring->picked_up = event->time;
    ring->token = (uint32_t)index_get(fields, FIELD_PICKUP_TOKEN, event->record);
    ring->label = (uint32_t)index_get(fields, FIELD_PICKUP_LABEL, event->record);
    gauge_set(&ring->depth, event->time, index_get(fields, FIELD_PICKUP_QUEUED, event->record));
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
    gauge_set(&ring->depth, event->time, 0); /* until the next pick-up tells */
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
        bytes += async->coros[i]->room * sizeof(coro_step_t);
    }
    for (size_t i = 0; i < async->conn_count; i++) {
        const conn_t *conn = async->conns[i];
        bytes += (conn->waiting.room + conn->depth.room) * sizeof(level_t) +
                 conn->room * sizeof(request_t);
    }
    for (size_t i = 0; i < async->ring_count; i++) {
        bytes += async->rings[i]->depth.room * sizeof(level_t);
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
        index_drop(async->coros[i]->steps, async->coros[i]->room, sizeof(coro_step_t));
        free(async->coros[i]);
    }
    for (size_t i = 0; i < async->conn_count; i++) {
        conn_t *conn = async->conns[i];
        index_drop(conn->waiting.levels, conn->waiting.room, sizeof(level_t));
        index_drop(conn->depth.levels, conn->depth.room, sizeof(level_t));
        index_drop(conn->requests, conn->room, sizeof(request_t));
        free(conn);
    }
    for (size_t i = 0; i < async->ring_count; i++) {
        index_drop(async->rings[i]->depth.levels, async->rings[i]->depth.room, sizeof(level_t));
        reftable_free(&async->rings[i]->begun);
        free(async->rings[i]);
    }
    index_drop(async->executors, async->executor_room, sizeof(async->executors[0]));
    index_drop(async->coros, async->coro_room, sizeof(async->coros[0]));
    index_drop(async->conns, async->conn_room, sizeof(async->conns[0]));
    index_drop(async->rings, async->ring_room, sizeof(async->rings[0]));
}
