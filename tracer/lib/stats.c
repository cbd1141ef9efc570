/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reftable.h"
#include "u4trace/ids.h"

/* Fields that this sink reads, by name in the trace's own table. */
#define STATS_FIELDS(F) \
    F(ENTRY_CALL, "kernel.entry", "call") \
    F(RESULT_ERROR, "invoke.result", "error") \
    F(RESULT_TYPE, "invoke.result", "type") \
    F(RESULT_LABEL, "invoke.result", "label") \
    F(RESULT_REASON, "invoke.result", "reason") \
    F(RAISED_KIND, "fault.raised", "kind") \
    F(SIGNAL_OUTCOME, "ntfn.signal", "outcome") \
    F(EXIT_PATH, "kernel.exit", "path")

enum {
#define FIELD(name, event, field) F_##name,
    STATS_FIELDS(FIELD)
#undef FIELD
        FIELDS
};

enum { E_ENTRY, E_EXIT, E_RESULT, E_RAISED, E_UNHANDLED, E_LOOKUP, E_SIGNAL, E_RECEIVE, EVENTS };

/* A signal on its way to the thread that it woke. */
typedef struct {
    uint32_t thread_uid;
    uint32_t ntfn_uid;
    uint64_t time;
} flight_t;

struct stats_private {
    const schema_field_t *fields[FIELDS];
    uint16_t ids[EVENTS]; /* 0: not in this trace's table */
    reftable_t threads;   /* uid -> index + 1 */
    reftable_t endpoints, ntfns;
    stats_pair_t **pair_slots; /* open addressing; pair_mask + 1 of them */
    size_t pair_mask;
    flight_t *flights; /* by thread index */
    size_t flight_room;
    uint8_t entry_call[MODEL_MAX_HARTS]; /* the system call that the hart is in */
};

static const schema_field_t absent;

stats_t *stats_new(void)
{
    stats_t *stats = memory_new(1, sizeof(*stats));
    stats->private = memory_new(1, sizeof(*stats->private));
    return stats;
}

void stats_free(stats_t *stats)
{
    if (!stats) {
        return;
    }
    struct stats_private *p = stats->private;
    for (size_t i = 0; i < stats->endpoint_count; i++) {
        free(stats->endpoints[i]);
    }
    for (size_t i = 0; i < stats->pair_count; i++) {
        free(stats->pairs[i]);
    }
    for (size_t i = 0; i < stats->ntfn_count; i++) {
        free(stats->ntfns[i]);
    }
    for (size_t i = 0; i < STATS_SYSCALLS; i++) {
        free(stats->syscalls[i]);
    }
    reftable_free(&p->threads);
    reftable_free(&p->endpoints);
    reftable_free(&p->ntfns);
    free(p->pair_slots);
    free(p->flights);
    free(p);
    free(stats->threads);
    free(stats->endpoints);
    free(stats->pairs);
    free(stats->ntfns);
    free(stats->invocations);
    free(stats);
}

/* Makes room for one more pointer or structure; grows by doubling at powers of two. */
static void *one_more(void *array, size_t count, size_t size)
{
    if (count == 0 || (count & (count - 1)) == 0) {
        return memory_grow(array, count ? 2 * count : 1, size);
    }
    return array;
}

static bool on_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    static const char *const events[EVENTS] = {
        [E_ENTRY] = "kernel.entry",        [E_EXIT] = "kernel.exit",
        [E_RESULT] = "invoke.result",      [E_RAISED] = "fault.raised",
        [E_UNHANDLED] = "fault.unhandled", [E_LOOKUP] = "fault.lookup",
        [E_SIGNAL] = "ntfn.signal",        [E_RECEIVE] = "ntfn.receive",
    };
    static const struct {
        const char *event, *field;
    } fields[FIELDS] = {
#define FIELD(name, event, field) {event, field},
        STATS_FIELDS(FIELD)
#undef FIELD
    };
    (void)info;
    (void)err;
    struct stats_private *p = ((stats_t *)self)->private;
    for (size_t i = 0; i < EVENTS; i++) {
        const schema_event_t *event = schema_find_event(model->schema, events[i]);
        p->ids[i] = event ? event->id : 0;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        const schema_event_t *event = schema_find_event(model->schema, fields[i].event);
        const schema_field_t *field = event ? schema_find_field(event, fields[i].field) : NULL;
        p->fields[i] = field ? field : &absent;
    }
    return true;
}

static uint64_t get(const stats_t *stats, unsigned field, const event_t *event)
{
    return schema_field(stats->private->fields[field], event->record);
}

static stats_thread_t *thread_row(stats_t *stats, uint32_t uid)
{
    size_t index = (size_t)reftable_get(&stats->private->threads, uid);
    if (index == 0) {
        stats->threads = one_more(stats->threads, stats->thread_count, sizeof(stats_thread_t));
        stats->threads[stats->thread_count] = (stats_thread_t){.uid = uid};
        index = ++stats->thread_count;
        reftable_put(&stats->private->threads, uid, (void *)index);
    }
    return &stats->threads[index - 1];
}

/* What the model knows of a thread, at its death or at the end. */
static void take_thread(stats_t *stats, const model_t *model, const thread_t *t)
{
    stats_thread_t *row = thread_row(stats, t->uid);
    row->ref = t->ref;
    row->priority = t->priority;
    row->idle = t->idle;
    row->dead = t->state == THREAD_DEAD;
    row->switches = t->switches;
    row->preemptions = t->preemptions;
    snprintf(row->name, sizeof(row->name), "%s", t->name);
    snprintf(row->process, sizeof(row->process), "%s",
             t->vspace || t->idle ? t->process->name : "-");
    for (unsigned i = 0; i < THREAD_STATES; i++) {
        row->time_in[i] = model_ns(model, thread_time_in(model, t, (thread_state_t)i));
    }
}

static stats_endpoint_t *endpoint_row(stats_t *stats, const object_t *object)
{
    stats_endpoint_t *row = reftable_get(&stats->private->endpoints, object->uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->ref = object->ref;
        row->uid = object->uid;
        stats->endpoints = one_more(stats->endpoints, stats->endpoint_count, sizeof(row));
        stats->endpoints[stats->endpoint_count++] = row;
        reftable_put(&stats->private->endpoints, object->uid, row);
    }
    return row;
}

static stats_ntfn_t *ntfn_row(stats_t *stats, uint32_t uid, uint32_t ref)
{
    stats_ntfn_t *row = reftable_get(&stats->private->ntfns, uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->ref = ref;
        row->uid = uid;
        stats->ntfns = one_more(stats->ntfns, stats->ntfn_count, sizeof(row));
        stats->ntfns[stats->ntfn_count++] = row;
        reftable_put(&stats->private->ntfns, uid, row);
    }
    return row;
}

static size_t pair_hash(uint32_t client, uint32_t server, uint32_t endpoint)
{
    return (client * 0x9e3779b1u ^ server * 0x85ebca6bu ^ endpoint * 0xc2b2ae35u) >> 5;
}

static void grow_pairs(struct stats_private *p, stats_pair_t **pairs, size_t count)
{
    size_t slots = p->pair_slots ? 2 * (p->pair_mask + 1) : 64;
    free(p->pair_slots);
    p->pair_slots = memory_new(slots, sizeof(p->pair_slots[0]));
    p->pair_mask = slots - 1;
    for (size_t k = 0; k < count; k++) {
        size_t i = pair_hash(pairs[k]->client_uid, pairs[k]->server_uid, pairs[k]->endpoint);
        while (p->pair_slots[i & p->pair_mask]) {
            i++;
        }
        p->pair_slots[i & p->pair_mask] = pairs[k];
    }
}

static stats_pair_t *pair_row(stats_t *stats, const call_t *call)
{
    struct stats_private *p = stats->private;
    if (!p->pair_slots || 2 * stats->pair_count > p->pair_mask) {
        grow_pairs(p, stats->pairs, stats->pair_count);
    }
    size_t i = pair_hash(call->client_uid, call->server_uid, call->endpoint);
    stats_pair_t *row;
    while ((row = p->pair_slots[i & p->pair_mask])) {
        if (row->client_uid == call->client_uid && row->server_uid == call->server_uid &&
            row->endpoint == call->endpoint) {
            return row;
        }
        i++;
    }
    row = memory_new(1, sizeof(*row));
    row->client_uid = call->client_uid;
    row->server_uid = call->server_uid;
    row->endpoint = call->endpoint;
    stats->pairs = one_more(stats->pairs, stats->pair_count, sizeof(row));
    stats->pairs[stats->pair_count++] = row;
    p->pair_slots[i & p->pair_mask] = row;
    return row;
}

static void add_latency(const model_t *model, stats_latency_t *to, const call_t *call)
{
    if (!call->received) {
        to->cancelled++;
        return;
    }
    if (!call->certain || call->received < call->begun || call->done < call->received) {
        return;
    }
    bool replied = call->replied >= call->received;
    bool call_like = call->kind != TRACE_IPC_KIND_SEND && call->kind != TRACE_IPC_KIND_NBSEND &&
                     call->kind != TRACE_IPC_KIND_NBSENDRECV;
    if (call_like && !replied) {
        to->cancelled++;
        return;
    }
    histogram_add(&to->total, model_ns(model, call->done - call->begun));
    histogram_add(&to->wait, model_ns(model, call->received - call->begun));
    if (call_like) {
        histogram_add(&to->run, model_ns(model, call->replied - call->received));
        histogram_add(&to->reply, model_ns(model, call->done - call->replied));
    }
}

static void on_ipc(stats_t *stats, const model_t *model, const event_t *event)
{
    const call_t *call = event->call;
    if (event->effects & EFFECT_CALL_RECEIVED && call) {
        stats->kinds[call->kind % STATS_IPC_KINDS].count++;
        if (event->object) {
            endpoint_row(stats, event->object)->latency.count++;
        }
        stats_pair_t *pair = pair_row(stats, call);
        pair->latency.count++;
        snprintf(pair->client, sizeof(pair->client), "%s", call->client->name);
        snprintf(pair->server, sizeof(pair->server), "%s", call->server ? call->server->name : "?");
        thread_row(stats, call->client_uid)->calls++;
        if (call->server_uid) {
            thread_row(stats, call->server_uid)->served++;
        }
    }
    if (event->effects & EFFECT_CALL_REPLIED && call) {
        stats
            ->kinds[call->kind == TRACE_IPC_KIND_CALL ? TRACE_IPC_KIND_REPLY
                                                      : TRACE_IPC_KIND_FAULT_REPLY]
            .count++;
    }
    if (event->effects & (EFFECT_CALL_DONE | EFFECT_CALL_ENDED) && event->done) {
        const call_t *done = event->done;
        const object_t *object = model_object(model, done->endpoint);
        add_latency(model, &stats->kinds[done->kind % STATS_IPC_KINDS], done);
        if (object) {
            add_latency(model, &endpoint_row(stats, object)->latency, done);
        }
        if (done->server_uid) {
            add_latency(model, &pair_row(stats, done)->latency, done);
        }
    }
}

/* A signal's way: signal, wake, the woken thread runs. */
static void on_flight(stats_t *stats, const model_t *model, const event_t *event)
{
    struct stats_private *p = stats->private;
    const thread_t *t = event->other;
    if (!t || !(event->effects & (EFFECT_WOKEN | EFFECT_SWITCH))) {
        return;
    }
    if (t->index >= p->flight_room) {
        size_t room = 2 * (size_t)t->index + 16;
        p->flights = memory_grow(p->flights, room, sizeof(flight_t));
        memset(p->flights + p->flight_room, 0, (room - p->flight_room) * sizeof(flight_t));
        p->flight_room = room;
    }
    flight_t *flight = &p->flights[t->index];
    if (event->effects & EFFECT_WOKEN) {
        const object_t *ntfn =
            event->cause.ring != EVENT_NONE && event->cause.id == p->ids[E_SIGNAL] ? event->object
                                                                                   : NULL;
        *flight = (flight_t){.thread_uid = ntfn ? t->uid : 0,
                             .ntfn_uid = ntfn ? ntfn->uid : 0,
                             .time = event->cause.time};
    } else if (flight->thread_uid == t->uid) {
        stats_ntfn_t *row = reftable_get(&p->ntfns, flight->ntfn_uid);
        if (row && event->time >= flight->time) {
            histogram_add(&row->latency, model_ns(model, event->time - flight->time));
        }
        flight->thread_uid = 0;
    }
}

static void on_ntfn(stats_t *stats, const model_t *model, const event_t *event)
{
    if (!event->object) {
        return;
    }
    stats_ntfn_t *row = ntfn_row(stats, event->object->uid, event->object->ref);
    if (event->record->event == stats->private->ids[E_RECEIVE]) {
        row->received++;
        if (event->cause.ring != EVENT_NONE && event->time >= event->cause.time) {
            histogram_add(&row->latency, model_ns(model, event->time - event->cause.time));
        }
        return;
    }
    uint64_t outcome = get(stats, F_SIGNAL_OUTCOME, event);
    row->signals++;
    row->merged += outcome == TRACE_SIGNAL_OUTCOME_MERGED;
    row->woke += outcome == TRACE_SIGNAL_OUTCOME_WOKE || outcome == TRACE_SIGNAL_OUTCOME_WOKE_BOUND;
}

static void on_result(stats_t *stats, const event_t *event)
{
    stats_invocation_t key = {
        .label = get(stats, F_RESULT_LABEL, event),
        .type = (uint32_t)get(stats, F_RESULT_TYPE, event),
        .error = (uint32_t)get(stats, F_RESULT_ERROR, event),
        .reason = (uint32_t)get(stats, F_RESULT_REASON, event),
    };
    key.reason = key.error ? key.reason : 0;
    for (size_t i = 0; i < stats->invocation_count; i++) {
        stats_invocation_t *row = &stats->invocations[i];
        if (row->label == key.label && row->type == key.type && row->error == key.error &&
            row->reason == key.reason) {
            row->count++;
            return;
        }
    }
    enum { MAX_ROWS = 4096 }; /* more kinds of failure than there are is a damaged trace */
    if (stats->invocation_count < MAX_ROWS) {
        key.count = 1;
        stats->invocations =
            one_more(stats->invocations, stats->invocation_count, sizeof(stats_invocation_t));
        stats->invocations[stats->invocation_count++] = key;
    }
}

static void on_kernel(stats_t *stats, const model_t *model, const event_t *event)
{
    struct stats_private *p = stats->private;
    if (event->hart >= MODEL_MAX_HARTS) {
        return;
    }
    const hart_t *hart = &model->harts[event->hart];
    uint8_t call = p->entry_call[event->hart];
    if (event->record->event == p->ids[E_ENTRY]) {
        call = (uint8_t)get(stats, F_ENTRY_CALL, event);
        p->entry_call[event->hart] = call;
    }
    stats_entry_t *row = hart->entry_kind == TRACE_ENTRY_KIND_INTERRUPT   ? &stats->interrupts
                         : hart->entry_kind == TRACE_ENTRY_KIND_EXCEPTION ? &stats->exceptions
                                                                          : stats->syscalls[call];
    if (!row) {
        row = stats->syscalls[call] = memory_new(1, sizeof(*row));
    }
    if (event->record->event == p->ids[E_ENTRY]) {
        row->count++;
    } else if (event->cause.ring != EVENT_NONE) {
        histogram_add(&row->kernel, model_ns(model, event->waited));
    }
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    (void)err;
    stats_t *stats = self;
    const uint16_t *ids = stats->private->ids;
    uint16_t id = event->record->event;
    uint64_t now = model_ns(model, event->time);
    stats->first_time = stats->events == 0 ? now : stats->first_time;
    stats->last_time = now > stats->last_time ? now : stats->last_time;
    stats->events++;
    stats->per_event[id % TRACE_MAX_EVENTS]++;
    if (event->effects &
        (EFFECT_CALL_RECEIVED | EFFECT_CALL_REPLIED | EFFECT_CALL_DONE | EFFECT_CALL_ENDED)) {
        on_ipc(stats, model, event);
    }
    if (event->effects & (EFFECT_WOKEN | EFFECT_SWITCH)) {
        on_flight(stats, model, event);
    }
    if (event->effects & EFFECT_THREAD_GONE) {
        take_thread(stats, model, event->gone);
    }
    if (id == 0) {
        return true;
    }
    if (id == ids[E_ENTRY] || id == ids[E_EXIT]) {
        on_kernel(stats, model, event);
    } else if (id == ids[E_SIGNAL] || id == ids[E_RECEIVE]) {
        on_ntfn(stats, model, event);
    } else if (id == ids[E_RESULT]) {
        on_result(stats, event);
    } else if (id == ids[E_RAISED]) {
        stats->faults[get(stats, F_RAISED_KIND, event) % STATS_FAULTS]++;
    }
    stats->unhandled += id == ids[E_UNHANDLED];
    stats->lookups += id == ids[E_LOOKUP];
    return true;
}

static int by_running(const void *a, const void *b)
{
    const stats_thread_t *x = a, *y = b;
    uint64_t rx = x->time_in[THREAD_RUNNING], ry = y->time_in[THREAD_RUNNING];
    if (x->idle != y->idle) {
        return x->idle - y->idle;
    }
    return rx != ry ? (rx < ry) - (rx > ry) : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_endpoint_count(const void *a, const void *b)
{
    const stats_endpoint_t *x = *(stats_endpoint_t *const *)a, *y = *(stats_endpoint_t *const *)b;
    return x->latency.count != y->latency.count ? (x->latency.count < y->latency.count) * 2 - 1
                                                : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_pair_count(const void *a, const void *b)
{
    const stats_pair_t *x = *(stats_pair_t *const *)a, *y = *(stats_pair_t *const *)b;
    return x->latency.count != y->latency.count
               ? (x->latency.count < y->latency.count) * 2 - 1
               : (x->client_uid > y->client_uid) - (x->client_uid < y->client_uid);
}

static int by_signals(const void *a, const void *b)
{
    const stats_ntfn_t *x = *(stats_ntfn_t *const *)a, *y = *(stats_ntfn_t *const *)b;
    return x->signals != y->signals ? (x->signals < y->signals) * 2 - 1
                                    : (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_invocations(const void *a, const void *b)
{
    const stats_invocation_t *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) * 2 - 1
                                : (x->label > y->label) - (x->label < y->label);
}

static void sort(void *array, size_t count, size_t size, int (*order)(const void *, const void *))
{
    if (count > 1) {
        qsort(array, count, size, order);
    }
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    (void)info;
    (void)err;
    stats_t *stats = self;
    for (const thread_t *t = model->threads; t; t = t->next) {
        take_thread(stats, model, t);
    }
    sort(stats->threads, stats->thread_count, sizeof(stats_thread_t), by_running);
    sort(stats->endpoints, stats->endpoint_count, sizeof(void *), by_endpoint_count);
    sort(stats->pairs, stats->pair_count, sizeof(void *), by_pair_count);
    sort(stats->ntfns, stats->ntfn_count, sizeof(void *), by_signals);
    sort(stats->invocations, stats->invocation_count, sizeof(stats_invocation_t), by_invocations);
    return true;
}

const sink_ops_t stats_sink = {
    .name = "stats",
    .begin = on_begin,
    .event = on_event,
    .end = on_end,
};
