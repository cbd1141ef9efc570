/* SPDX-License-Identifier: BSD-2-Clause */
/* Coroutines, connections and rings of system calls: who waits for whom, as of the cursor. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "memory.h"
#include "trace/ids.h"
#include "u4trace/format.h"
#include "u4trace/labels.h"
#include "views.h"

enum {
    COLUMN_WHAT,
    COLUMN_STATE,
    COLUMN_WAITS,
    COLUMN_SINCE,
    COLUMN_COUNT,
    COLUMN_P50,
    COLUMN_P99,
    COLUMN_MAX,
    COLUMN_RAN,
    COLUMN_DEPTH
};

static const column_t columns[] = {
    [COLUMN_WHAT] = {.title = "COROUTINE, CONNECTION, RING", .width = 28, .sorts = true},
    [COLUMN_STATE] = {.title = "STATE", .width = 8, .sorts = true},
    [COLUMN_WAITS] = {.title = "WAITS FOR", .width = 0, .need = 60},
    [COLUMN_SINCE] = {.title = "SINCE", .width = 8, .right = true, .need = 70, .sorts = true},
    [COLUMN_COUNT] = {.title = "COUNT", .width = 8, .right = true, .need = 76, .sorts = true},
    [COLUMN_P50] = {.title = "p50", .width = 8, .right = true, .need = 120, .sorts = true},
    [COLUMN_P99] = {.title = "p99", .width = 8, .right = true, .need = 120, .sorts = true},
    [COLUMN_MAX] = {.title = "MAX", .width = 8, .right = true, .need = 110, .sorts = true},
    [COLUMN_RAN] = {.title = "RAN", .width = 8, .right = true, .need = 130, .sorts = true},
    [COLUMN_DEPTH] = {.title = "DEPTH", .width = 9, .right = true, .need = 130, .sorts = true},
};

/* A row is one of three things. */
typedef struct {
    const coro_t *coro;
    const conn_t *conn;
    const callring_t *ring;
} item_t;

/* Coroutines that live at the cursor, or all; then connections, then rings. */
static uint64_t rows(app_t *app)
{
    const async_t *async = &app->index->async;
    if (app->living_room < async->coro_count) {
        app->living_room = async->coro_count * 2;
        app->living = memory_grow(app->living, app->living_room, sizeof(app->living[0]));
    }
    app->living_count = 0;
    for (size_t i = 0; i < async->coro_count; i++) {
        coro_step_t step;
        bool there = coro_step(async->coros[i], app->cursor.time, &step);
        if (app->timeline.all || (there && step.state != CORO_ENDED)) {
            app->living[app->living_count++] = (uint32_t)i;
        }
    }
    return app->living_count + async->conn_count + async->ring_count;
}

static item_t item_at(const app_t *app, uint64_t row)
{
    const async_t *async = &app->index->async;
    if (row < app->living_count) {
        return (item_t){.coro = async->coros[app->living[row]]};
    }
    row -= app->living_count;
    if (row < async->conn_count) {
        return (item_t){.conn = async->conns[row]};
    }
    row -= async->conn_count;
    return (item_t){.ring = row < async->ring_count ? async->rings[row] : NULL};
}

/* ---- what a row says ---- */

static void coro_name(const app_t *app, const coro_t *coro, char *text, size_t size)
{
    const char *thread = index_name(app->index, coro->thread);
    if (coro->name[0]) {
        snprintf(text, size, "%s.%s %u", thread, coro->name, coro->number & 0xffff);
    } else {
        snprintf(text, size, "%s.%u", thread, coro->number & 0xffff);
    }
}

static void what_text(const app_t *app, const item_t *item, char *text, size_t size)
{
    if (item->coro) {
        coro_name(app, item->coro, text, size);
    } else if (item->conn) {
        snprintf(text, size, "%s > %s", index_name(app->index, item->conn->client),
                 index_name(app->index, item->conn->server));
    } else {
        snprintf(text, size, "%s > kernel", index_name(app->index, item->ring->thread));
    }
}

static const char *const coro_states[] = {[CORO_READY] = "ready",
                                          [CORO_RUNNING] = "running",
                                          [CORO_WAITING] = "waits",
                                          [CORO_ENDED] = "ended"};

static style_t coro_style(coro_state_t state)
{
    static const style_t styles[] = {[CORO_READY] = STYLE_READY,
                                     [CORO_RUNNING] = STYLE_RUNNING,
                                     [CORO_WAITING] = STYLE_REPLY,
                                     [CORO_ENDED] = STYLE_IDLE};
    return styles[state];
}

static style_t state_text(const app_t *app, const item_t *item, char *text, size_t size)
{
    uint64_t now = app->cursor.time;
    if (item->coro) {
        coro_step_t step;
        bool there = coro_step(item->coro, now, &step);
        snprintf(text, size, "%s", there ? coro_states[step.state] : "not yet");
        return there ? coro_style(step.state) : STYLE_IDLE;
    }
    if (item->conn) {
        bool closed = item->conn->closed && item->conn->closed <= now;
        snprintf(text, size, "%s",
                 closed                     ? "closed"
                 : item->conn->opened > now ? "not yet"
                                            : "open");
        return closed ? STYLE_IDLE : STYLE_SENDING;
    }
    bool busy = gauge_at(&item->ring->depth, now) > 0;
    snprintf(text, size, "%s", item->ring->broken ? "BROKEN" : busy ? "busy" : "idle");
    return item->ring->broken ? STYLE_WARNING : busy ? STYLE_RUNNING : STYLE_IDLE;
}

/* The coroutine that has the request, or the thread that has not taken it yet. */
static void server_text(const app_t *app, const conn_t *conn, uint32_t token, char *text,
                        size_t size)
{
    uint64_t now = app->cursor.time;
    request_t request;
    const char *server = index_name(app->index, conn->server);
    bool taken = conn_request(conn, token, now, &request) && request.taken;
    const coro_t *who = taken ? async_coro(&app->index->async, conn->server, request.server) : NULL;
    if (request.replied) {
        snprintf(text, size, "answer of %s, which is in the ring", server);
    } else if (who) {
        char name[64];
        coro_name(app, who, name, sizeof(name));
        snprintf(text, size, "answer of %s", name);
    } else {
        snprintf(text, size, "answer of %s%s", server, taken ? "" : ", which has not looked yet");
    }
}

/* What it waits for, by name where that is known; else the reason in the table's words. */
static void coro_waits(const app_t *app, const coro_t *coro, const coro_step_t *step, char *text,
                       size_t size)
{
    const async_t *async = &app->index->async;
    const schema_field_t *why = app->index->fields.fields[FIELD_WAIT_WHY];
    const char *reason = why->values ? schema_value_text(why->values, step->why) : "?";
    const conn_t *conn = async_conn(async, (uint32_t)step->object);
    const coro_t *other = async_coro(async, coro->thread, (uint32_t)step->object);
    char name[64];
    if (step->why == TRACE_CORO_WAIT_JOIN && other) {
        coro_name(app, other, name, sizeof(name));
        snprintf(text, size, "end of %s", name);
    } else if (step->why == TRACE_CORO_WAIT_CALL && conn) {
        server_text(app, conn, (uint32_t)step->token, text, size);
    } else if (step->why == TRACE_CORO_WAIT_ROOM && conn) {
        snprintf(
            text, size, "room in the ring to %s",
            index_name(app->index, conn->server == coro->thread ? conn->client : conn->server));
    } else if (step->why == TRACE_CORO_WAIT_SYSCALL) {
        snprintf(text, size, "answer of the kernel");
    } else if (step->why == TRACE_CORO_WAIT_RECV) {
        snprintf(text, size, "a request");
    } else {
        snprintf(text, size, "%s", reason);
    }
}

/* Who waits for an answer over a connection, by name. */
static void conn_waits(const app_t *app, const conn_t *conn, char *text, size_t size)
{
    const async_t *async = &app->index->async;
    uint32_t count = gauge_at(&conn->waiting, app->cursor.time);
    int at = snprintf(text, size, "%u without an answer", count);
    for (size_t i = 0; i < async->coro_count && (size_t)at + 2 < size && count; i++) {
        const coro_t *coro = async->coros[i];
        coro_step_t step;
        if (coro_step(coro, app->cursor.time, &step) && step.state == CORO_WAITING &&
            step.why == TRACE_CORO_WAIT_CALL && step.object == conn->number &&
            coro->thread == conn->client) {
            at += snprintf(text + at, size - (size_t)at, ", %s %u", coro->name,
                           coro->number & 0xffff);
        }
    }
}

static void waits_text(const app_t *app, const item_t *item, char *text, size_t size)
{
    if (item->coro) {
        coro_step_t step;
        if (coro_step(item->coro, app->cursor.time, &step) && step.state == CORO_WAITING) {
            coro_waits(app, item->coro, &step, text, size);
        }
    } else if (item->conn) {
        conn_waits(app, item->conn, text, size);
    } else {
        uint32_t depth = gauge_at(&item->ring->depth, app->cursor.time);
        const char *end = text + size - 1;
        char *at = format_uint(text, end, depth);
        at = format_text(at, end, " under way");
        if (item->ring->label) {
            at = format_text(at, end, ", last ");
            at = format_text(at, end, label_name(app->index->model->abi, item->ring->label));
        }
        *at = 0;
    }
}

static const histogram_t *latency_of(const item_t *item)
{
    return item->conn ? &item->conn->latency : item->ring ? &item->ring->latency : NULL;
}

static uint64_t count_of(const item_t *item)
{
    return item->coro   ? item->coro->runs
           : item->conn ? item->conn->calls + item->conn->sends
           : item->ring ? item->ring->calls
                        : 0;
}

static void percent_text(const item_t *item, double percent, char *text, size_t size)
{
    const histogram_t *latency = latency_of(item);
    if (latency && latency->count) {
        ns_text(histogram_percentile(latency, percent), text, size);
    } else {
        snprintf(text, size, "-");
    }
}

static const gauge_t *depth_of(const item_t *item)
{
    return item->conn ? &item->conn->depth : item->ring ? &item->ring->depth : NULL;
}

static void depth_text(const app_t *app, const item_t *item, char *text, size_t size)
{
    const gauge_t *gauge = depth_of(item);
    uint32_t lines = item->conn ? item->conn->lines : item->ring ? item->ring->lines : 0;
    if (gauge) {
        snprintf(text, size, "%u/%u", gauge_at(gauge, app->cursor.time), lines);
    } else {
        snprintf(text, size, "-");
    }
}

static uint64_t since_of(const app_t *app, const item_t *item)
{
    uint64_t now = app->cursor.time, begun = now;
    if (item->coro) {
        coro_step_t step;
        begun = coro_step(item->coro, now, &step) ? step.time : now;
    } else if (item->conn && item->conn->opened) {
        begun = item->conn->opened;
    }
    return now > begun ? now - begun : 0;
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    item_t item = item_at(app, row);
    if (!item.coro && !item.conn && !item.ring) {
        return STYLE_NORMAL;
    }
    switch (column) {
    case COLUMN_WHAT: what_text(app, &item, text, size); return STYLE_NORMAL;
    case COLUMN_STATE: return state_text(app, &item, text, size);
    case COLUMN_WAITS: waits_text(app, &item, text, size); return STYLE_NORMAL;
    case COLUMN_SINCE:
        if (item.ring) {
            snprintf(text, size, "-");
        } else {
            duration_text(app, since_of(app, &item), text, size);
        }
        break;
    case COLUMN_COUNT: count_text(count_of(&item), text, size); break;
    case COLUMN_P50: percent_text(&item, 50, text, size); break;
    case COLUMN_P99: percent_text(&item, 99, text, size); break;
    case COLUMN_MAX: percent_text(&item, 100, text, size); break;
    case COLUMN_RAN:
        if (item.coro) {
            duration_text(app, coro_busy(item.coro, app->cursor.time), text, size);
        } else {
            snprintf(text, size, "-");
        }
        break;
    default: depth_text(app, &item, text, size); break;
    }
    return STYLE_DIM;
}

static double sort_key(app_t *app, uint64_t row, unsigned column)
{
    item_t item = item_at(app, row);
    const histogram_t *latency = latency_of(&item);
    coro_step_t step;
    bool there = item.coro && coro_step(item.coro, app->cursor.time, &step);
    const gauge_t *gauge = depth_of(&item);
    switch (column) {
    case COLUMN_STATE: return there ? (double)step.state : -1;
    case COLUMN_SINCE: return (double)since_of(app, &item);
    case COLUMN_COUNT: return (double)count_of(&item);
    case COLUMN_P50: return latency ? (double)histogram_percentile(latency, 50) : -1;
    case COLUMN_P99: return latency ? (double)histogram_percentile(latency, 99) : -1;
    case COLUMN_MAX: return latency ? (double)latency->max : -1;
    case COLUMN_RAN: return item.coro ? (double)coro_busy(item.coro, app->cursor.time) : -1;
    case COLUMN_DEPTH: return gauge ? (double)gauge_at(gauge, app->cursor.time) : -1;
    default: return -(double)row;
    }
}

static const void *subject(const app_t *app, uint64_t row)
{
    item_t item = item_at(app, row);
    return item.coro ? (const void *)item.coro : item.conn ? (const void *)item.conn : item.ring;
}

/* A coroutine: what brought it into its state. Else the end of the slowest. */
static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    item_t item = item_at(app, row);
    const spool_t *spool = &app->index->spool;
    coro_step_t step;
    if (item.coro && coro_step(item.coro, app->cursor.time, &step)) {
        *time = step.time;
        *event = spool_find(spool, step.time);
        while (*event + 1 < spool->count && spool_time(spool, *event + 1) == step.time &&
               spool_row(spool, *event).thread != item.coro->thread) {
            (*event)++;
        }
        return true;
    }
    const histogram_t *latency = latency_of(&item);
    if (!latency || !latency->count) {
        return false;
    }
    *event = item.conn ? item.conn->worst_row : item.ring->worst_row;
    *time = spool_time(spool, *event);
    return true;
}

static bool key(app_t *app, int key_)
{
    if (key_ != 'o') {
        return false;
    }
    app->timeline.all = !app->timeline.all;
    app_say(app, app->timeline.all ? "all coroutines" : "coroutines that live at the cursor");
    return true;
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
    .place = place,
    .sort_key = sort_key,
    .subject = subject,
    .sort = COLUMN_WHAT,
};

static const help_t help[] = {
    {"s r", "sort by the next column, the other way round"},
    {"o", "all coroutines, or those that live at the cursor"},
    {"Enter", "a coroutine: to what brought it into its state; else the end of the slowest"},
    {"", "thread.name N: a coroutine, its place in the thread's executor; COUNT: its turns."},
    {"", "client > server: a connection; thread > kernel: a ring of async system calls; COUNT:"},
    {"", "requests; latencies from there to the answer; DEPTH: lines in the ring, of how many."},
    {NULL, NULL},
};

const view_t view_async = {
    .name = "Async",
    .summary = "coroutines, connections, rings of system calls, as of the cursor",
    .help = help,
    .bar = "s Sort|r Reverse|o All|Enter Cause|/ Search|? Help|q Quit",
    .table = &table,
    .key = key,
};
