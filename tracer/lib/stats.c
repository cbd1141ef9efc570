/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/stats.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "stats_private.h"
#include "trace/ids.h"

enum {
    IMPOSED_EFFECTS = EFFECT_SWITCH | EFFECT_UNEXPLAINED | EFFECT_CALL_RECEIVED |
                      EFFECT_CALL_REPLIED | EFFECT_CALL_ENDED,
    IPC_EFFECTS = EFFECT_CALL_BEGUN | EFFECT_CALL_RECEIVED | EFFECT_CALL_REPLIED |
                  EFFECT_CALL_DONE | EFFECT_CALL_ENDED,
};

static bool on_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    static const char *const events[EVENTS] = {
        [E_ENTRY] = "kernel.entry",
        [E_EXIT] = "kernel.exit",
        [E_RESULT] = "invoke.result",
        [E_RAISED] = "fault.raised",
        [E_UNHANDLED] = "fault.unhandled",
        [E_LOOKUP] = "fault.lookup",
        [E_SIGNAL] = "ntfn.signal",
        [E_RECEIVE] = "ntfn.receive",
        [E_MAKE] = "cap.make",
        [E_CAP_DELETE] = "cap.delete",
        [E_SC_CONFIGURE] = "sched.sc_configure",
        [E_SC_BIND] = "sched.sc_bind",
        [E_SC_DONATE] = "sched.sc_donate",
        [E_SC_CHARGE] = "sched.sc_charge",
        [E_SC_POSTPONE] = "sched.sc_postpone",
        [E_SC_RELEASE] = "sched.sc_release",
    };
#define FIELD(name, event, field) {event, field},
    static const schema_field_name_t fields[FIELDS] = {STATS_FIELDS(FIELD)};
#undef FIELD
    (void)info;
    (void)err;
    struct stats_private *p = ((stats_t *)self)->private;
    for (size_t i = 0; i < EVENTS; i++) {
        const schema_event_t *event = schema_find_event(model->schema, events[i]);
        p->ids[i] = event ? event->id : 0;
    }
    schema_find_fields(model->schema, fields, FIELDS, p->fields);
    stats_begin_async(self, model);
    return true;
}

/* What the model knows of a thread, at its death or at the end. */
static void take_thread(stats_t *stats, const model_t *model, const thread_t *t)
{
    stats_thread_t *row = stats_thread_row(stats, t->uid);
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
    stats_ntfn_t *row = stats_ntfn_row(stats, event->object->uid, event->object->ref);
    if (event->record->event == stats->private->ids[E_RECEIVE]) {
        row->received++;
        if (event->cause.ring != EVENT_NONE && event->time >= event->cause.time) {
            histogram_add(&row->latency, model_ns(model, event->time - event->cause.time));
        }
        return;
    }
    uint64_t outcome = stats_get(stats, F_SIGNAL_OUTCOME, event);
    row->signals++;
    row->merged += outcome == TRACE_SIGNAL_OUTCOME_MERGED;
    row->woke += outcome == TRACE_SIGNAL_OUTCOME_WOKE || outcome == TRACE_SIGNAL_OUTCOME_WOKE_BOUND;
}

static void on_result(stats_t *stats, const event_t *event)
{
    stats_invocation_t key = {
        .label = stats_get(stats, F_RESULT_LABEL, event),
        .type = (uint32_t)stats_get(stats, F_RESULT_TYPE, event),
        .error = (uint32_t)stats_get(stats, F_RESULT_ERROR, event),
        .reason = (uint32_t)stats_get(stats, F_RESULT_REASON, event),
    };
    key.reason = key.error ? key.reason : 0;
    stats_add_invocation(stats, key);
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
        call = (uint8_t)stats_get(stats, F_ENTRY_CALL, event);
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
        p->paths[event->hart] = (stats_path_t){0};
        return;
    }
    if (event->cause.ring != EVENT_NONE) {
        histogram_add(&row->kernel, model_ns(model, event->waited));
        stats_add_section(stats,
                          (stats_section_t){.ns = model_ns(model, event->waited),
                                            .time = model_ns(model, event->time),
                                            .thread_uid = event->thread ? event->thread->uid : 0,
                                            .kind = hart->entry_kind,
                                            .call = call});
    }
    if (hart->entry_kind == TRACE_ENTRY_KIND_SYSCALL) {
        bool fast = stats_get(stats, F_EXIT_PATH, event) == TRACE_EXIT_PATH_FAST;
        uint64_t why = stats_get(stats, F_EXIT_WHY, event) % STATS_SLOW_REASONS;
        ++*(fast ? &stats->fast_exits : &stats->slow_exits[why]);
        stats_on_path(stats, event->hart, fast, (unsigned)why);
    }
}

static void on_uintr(stats_t *stats, const model_t *model, const event_t *event)
{
    for (unsigned i = 0; i < model->uintr.arrived_count; i++) {
        uint64_t sent = model->uintr.arrived[i].cause.time;
        if (event->time >= sent) {
            histogram_add(&stats->uintr_latency, model_ns(model, event->time - sent));
        }
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
    stats->events += !event->again;
    stats->per_event[id % SCHEMA_MAX_EVENTS]++;
    if (event->effects & IPC_EFFECTS) {
        stats_on_ipc(stats, model, event);
    }
    if (event->effects & (EFFECT_WOKEN | EFFECT_SWITCH)) {
        on_flight(stats, model, event);
    }
    if (event->effects & IMPOSED_EFFECTS || stats->events == 1) {
        stats_on_imposed(stats, model, event);
    }
    if (event->effects & (EFFECT_SWITCH | EFFECT_UNEXPLAINED) ||
        (id && id >= ids[E_SC_CONFIGURE] && id <= ids[E_SC_RELEASE])) {
        stats_on_time(stats, model, event);
    }
    if (event->effects & EFFECT_UINTR_ARRIVED) {
        on_uintr(stats, model, event);
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
        stats_on_async(stats, model, event);
    } else if (id == ids[E_RESULT]) {
        on_result(stats, event);
    } else if (id == ids[E_MAKE]) {
        stats_on_cap_made(stats, model, event);
    } else if (id == ids[E_CAP_DELETE]) {
        stats_on_cap_deleted(stats, model, event);
    } else if (id == ids[E_RAISED]) {
        stats->faults[stats_get(stats, F_RAISED_KIND, event) % STATS_FAULTS]++;
    } else {
        stats_on_async(stats, model, event);
    }
    stats->unhandled += id == ids[E_UNHANDLED];
    stats->lookups += id == ids[E_LOOKUP];
    return true;
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    (void)info;
    (void)err;
    stats_t *stats = self;
    stats_end_imposed(stats, model);
    stats_end_caps(stats);
    stats_end_async(stats, model);
    for (const thread_t *t = model->threads; t; t = t->next) {
        take_thread(stats, model, t);
    }
    stats_end_time(stats, model);
    stats_sort(stats);
    return true;
}

const sink_ops_t stats_sink = {
    .name = "stats",
    .begin = on_begin,
    .event = on_event,
    .end = on_end,
};
