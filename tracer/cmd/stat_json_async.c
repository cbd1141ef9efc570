/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 stat --json: connections, coroutines, async system calls. */
#include "stat_json.h"

json_t *stat_json_async_calls(const stats_t *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->async_count; i++) {
        const stats_async_t *row = stats->async[i];
        json_t *one = json_object();
        stat_set_text(one, "thread", row->thread);
        stat_set(one, "rings", row->rings);
        stat_set(one, "broken", row->broken);
        stat_set(one, "submitted", row->submitted);
        stat_set(one, "taken", row->taken);
        stat_set(one, "answered", row->answered);
        stat_set(one, "failed", row->failed);
        stat_set(one, "deepest", row->deepest);
        json_object_set_new(one, "total_ns", stat_json_histogram(&row->total));
        json_object_set_new(one, "wait_ns", stat_json_histogram(&row->wait));
        json_object_set_new(one, "latency_ns", stat_json_histogram(&row->latency));
        json_object_set_new(one, "back_ns", stat_json_histogram(&row->back));
        json_array_append_new(array, one);
    }
    return array;
}

/* How often all that came to a whole, of calls or seconds; null if there was nothing of that. */
static json_t *rates(const stats_side_t *side, double whole)
{
    if (whole <= 0) {
        return json_null();
    }
    json_t *object = json_object();
    json_object_set_new(object, "notified", json_real((double)side->notified / whole));
    json_object_set_new(object, "traps", json_real((double)stats_traps(side) / whole));
    json_object_set_new(object, "interrupted", json_real((double)side->interrupted / whole));
    return object;
}

static json_t *side(const stats_t *stats, const stats_conn_t *conn, unsigned which)
{
    const stats_side_t *side = &conn->sides[which];
    json_t *object = json_object();
    stat_set(object, "thread_uid", side->uid);
    stat_set_text(object, "thread", side->name);
    stat_set(object, "notified", side->notified);
    stat_set(object, "notified_by_trap", side->alone);
    stat_set(object, "avoided", side->avoided);
    stat_set(object, "woken", side->woken);
    stat_set(object, "traps", stats_traps(side));
    stat_set(object, "interrupted", side->interrupted);
    json_object_set_new(object, "per_call", rates(side, (double)(conn->calls + conn->sends)));
    json_object_set_new(object, "per_second", rates(side, stat_seconds(stats)));
    return object;
}

json_t *stat_json_connections(const stats_t *stats)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->conn_count; i++) {
        const stats_conn_t *conn = stats->conns[i];
        json_t *one = json_object();
        stat_set(one, "connection", conn->number);
        json_object_set_new(one, "client", side(stats, conn, STATS_CLIENT));
        json_object_set_new(one, "server", side(stats, conn, STATS_SERVER));
        stat_set(one, "calls", conn->calls);
        stat_set(one, "sends", conn->sends);
        stat_set(one, "answered", conn->answered);
        stat_set(one, "late", conn->late);
        stat_set(one, "deepest", conn->deepest);
        json_object_set_new(one, "total_ns", stat_json_histogram(&conn->total));
        json_object_set_new(one, "ring_ns", stat_json_histogram(&conn->ring));
        json_object_set_new(one, "serve_ns", stat_json_histogram(&conn->serve));
        json_object_set_new(one, "back_ns", stat_json_histogram(&conn->back));
        json_array_append_new(array, one);
    }
    return array;
}

/* By what they wait for: those that are not 0. */
static json_t *by_wait(const model_t *model, const uint64_t values[STATS_CORO_WAITS])
{
    json_t *object = json_object();
    for (unsigned why = 0; why < STATS_CORO_WAITS; why++) {
        if (values[why]) {
            stat_set(object, stat_value_name(model, "coro_wait", why), values[why]);
        }
    }
    return object;
}

json_t *stat_json_coroutines(const stats_t *stats, const model_t *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < stats->coro_count; i++) {
        const stats_coros_t *row = stats->coros[i];
        json_t *one = json_object();
        stat_set(one, "thread_uid", row->thread_uid);
        stat_set_text(one, "thread", row->thread);
        stat_set_text(one, "name", row->name);
        stat_set(one, "count", row->seen);
        stat_set(one, "alive", row->alive);
        stat_set(one, "most", row->most);
        stat_set(one, "runs", row->runs);
        stat_set(one, "ran_ns", row->ran);
        stat_set(one, "ready_ns", row->ready);
        json_object_set_new(one, "waits", by_wait(model, row->waits));
        json_object_set_new(one, "waited_ns", by_wait(model, row->waited));
        json_object_set_new(one, "waiting", by_wait(model, row->waiting));
        json_array_append_new(array, one);
    }
    return array;
}
