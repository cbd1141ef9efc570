/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counter tracks. What changes with every event (ready threads, capabilities) is sampled, so
 * that its cost is bounded; what is rare (losses, a program's own counters) is written as it is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "abi/sel4/types.h"
#include "memory.h"
#include "perfetto_sink.h"

enum {
    RATE_PERIODS = 10, /* events/s: over this many sampling periods */
    FIGURES = COUNTER_CAPS + MODEL_CAP_TYPES + PX_USER_COUNTERS, /* rank of the first */
};

void px_figure(px_t *s, uint64_t track, uint64_t value)
{
    pf_event_t e = px_event(s, EVENT_COUNTER, track);
    e.p = pb_uint(e.p, F_EVENT_COUNTER, value);
    pf_done(&e);
}

static void put_value(px_t *s, px_counter_t *counter, uint64_t value)
{
    px_figure(s, counter->track, value);
    counter->written = value;
    counter->ever = true;
}

static void put_changed(px_t *s, unsigned index, const char *name, const char *unit, uint64_t value)
{
    px_counter_t *counter = &s->counters.values[index];
    if (counter->ever && counter->written == value) {
        return;
    }
    if (!counter->ever) {
        counter->track = px_counter_track(s, name, unit, index);
    }
    put_value(s, counter, value);
}

static void sample_caps(px_t *s, const model_t *model)
{
    const schema_field_t *field = s->fields[FIELD_DELETE_TYPE];
    for (unsigned type = 0; type < MODEL_CAP_TYPES; type++) {
        if (model->caps_made[type] == 0) {
            continue;
        }
        pf_name_t *text = px_enum_text(s, field, type);
        char name[64];
        snprintf(name, sizeof(name), "capabilities: %s", text ? text->text : "unknown");
        /* Those made before the trace began are not known, so it may seem to be below zero. */
        uint64_t made = model->caps_made[type], deleted = model->caps_deleted[type];
        put_changed(s, COUNTER_CAPS + type, name, "", made > deleted ? made - deleted : 0);
    }
}

void px_counters_sample(px_t *s, const model_t *model)
{
    px_counters_t *c = &s->counters;
    c->next_sample = s->now + c->period;
    put_changed(s, COUNTER_READY, "ready threads", "", c->ready);
    if (s->now - c->rate_since >= RATE_PERIODS * c->period) {
        uint64_t units = s->now - c->rate_since, events = model->events - c->rate_events;
        put_changed(s, COUNTER_RATE, "events per second", "",
                    (uint64_t)((double)events * 1e9 / ((double)units * s->pf.unit_ns)));
        c->rate_since = s->now;
        c->rate_events = model->events;
    }
    if (c->untyped_seen) {
        put_changed(s, COUNTER_FREE, "free Untyped memory", "bytes", c->free_bytes);
    }
    sample_caps(s, model);
}

void px_counter_lost(px_t *s, uint64_t lost)
{
    s->counters.lost += lost;
    put_changed(s, COUNTER_LOST, "events lost", "", s->counters.lost);
}

/* ---- free Untyped memory: of those Untypeds of which an event has told ---- */

static px_untyped_t **untyped(px_t *s, uint32_t ref)
{
    px_untyped_t **link = &s->counters.untypeds[ref / 16 % PX_OBJECT_BUCKETS];
    while (*link && (*link)->ref != ref) {
        link = &(*link)->next;
    }
    return link;
}

static void set_free(px_t *s, uint32_t ref, uint64_t bytes)
{
    px_untyped_t **link = untyped(s, ref);
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
        (*link)->ref = ref;
    }
    s->counters.free_bytes += bytes - (*link)->free;
    (*link)->free = bytes;
    s->counters.untyped_seen = true;
}

void px_on_retype(px_t *s, const model_t *model, const event_t *event)
{
    set_free(s, (uint32_t)px_get(s, FIELD_RETYPE_UNTYPED, event),
             px_get(s, FIELD_RETYPE_FREE, event) << 10);
    if (px_get(s, FIELD_RETYPE_TYPE, event) == seL4_UntypedObject) {
        uint64_t bits = px_get(s, FIELD_RETYPE_BITS, event) & 63;
        uint64_t count = px_get(s, FIELD_RETYPE_COUNT, event);
        uint64_t first = px_get(s, FIELD_RETYPE_FIRST, event);
        for (uint64_t i = 0; i < count && i < 256; i++) {
            set_free(s, (uint32_t)(first + (i << bits)), 1ull << bits);
        }
    }
    px_on_generic(s, model, event);
}

void px_on_reset(px_t *s, const model_t *model, const event_t *event)
{
    set_free(s, (uint32_t)px_get(s, FIELD_RESET_UNTYPED, event),
             1ull << (px_get(s, FIELD_RESET_BITS, event) & 63));
    px_on_generic(s, model, event);
}

void px_on_cap_delete(px_t *s, const model_t *model, const event_t *event)
{
    uint64_t type = px_get(s, FIELD_DELETE_TYPE, event);
    uint32_t ref = (uint32_t)px_get(s, FIELD_DELETE_OBJECT, event);
    px_on_generic(s, model, event);
    if (!px_get(s, FIELD_DELETE_FINAL, event)) {
        return;
    }
    if (type == TRACE_CAPTYPE_ENDPOINT || type == TRACE_CAPTYPE_NOTIFICATION) {
        px_object_gone(s, ref);
    }
    if (type == TRACE_CAPTYPE_SCHED_CONTEXT) {
        px_sc_gone(s, ref);
    }
    px_untyped_t **link = type == TRACE_CAPTYPE_UNTYPED ? untyped(s, ref) : NULL;
    if (link && *link) {
        px_untyped_t *gone = *link;
        *link = gone->next;
        s->counters.free_bytes -= gone->free;
        free(gone);
    }
}

/* ---- counters of user programs ---- */

void px_on_user_counter(px_t *s, const model_t *model, const event_t *event)
{
    uint64_t id = px_get(s, FIELD_COUNTER_ID, event);
    if (id >= PX_USER_COUNTERS) {
        px_on_generic(s, model, event);
        return;
    }
    px_counter_t *counter = &s->counters.user[id];
    if (!counter->ever) {
        char name[32];
        snprintf(name, sizeof(name), "user counter %u", (unsigned)id);
        counter->track =
            px_counter_track(s, name, "", COUNTER_CAPS + MODEL_CAP_TYPES + (unsigned)id);
    }
    put_value(s, counter, px_get(s, FIELD_COUNTER_VALUE, event));
}

/* ---- fields that the event table calls counters ---- */

static px_figure_t *figure(px_t *s, const event_t *event, unsigned field, uint64_t key)
{
    px_counters_t *c = &s->counters;
    uint8_t id = (uint8_t)event->record->event;
    px_figure_t **bucket = &c->figures[(key / 16 + id + field) % 64], *f = *bucket;
    while (f && (f->key != key || f->event != id || f->field != field)) {
        f = f->next;
    }
    if (!f) {
        char name[96];
        int n = snprintf(name, sizeof(name), "%s %s", event->type->full_name,
                         event->type->fields[field].name);
        if (key != 0) {
            snprintf(name + n, sizeof(name) - (size_t)n, " %llx", (unsigned long long)key);
        }
        f = memory_new(1, sizeof(*f));
        *f = (px_figure_t){.key = key, .event = id, .field = (uint8_t)field, .next = *bucket};
        f->track = px_counter_track(s, name, "", FIGURES + c->figure_count++);
        *bucket = f;
    }
    return f;
}

/* An event with counters: a track for each, and for each thing that has one. */
void px_on_figures(px_t *s, const model_t *model, const event_t *event)
{
    const schema_event_t *type = event->type;
    uint64_t key = 0;
    for (unsigned i = 0; i < type->field_count && key == 0; i++) {
        if (type->fields[i].type != FIELD_COUNTER && type->fields[i].type != FIELD_STR) {
            key = schema_field(&type->fields[i], event->record);
        }
    }
    for (unsigned i = 0; i < type->field_count; i++) {
        if (type->fields[i].type == FIELD_COUNTER) {
            px_figure(s, figure(s, event, i, key)->track,
                      schema_field(&type->fields[i], event->record));
        }
    }
    px_on_generic(s, model, event);
}

void px_counters_free(px_t *s)
{
    for (size_t i = 0; i < 64; i++) {
        for (px_figure_t *next, *f = s->counters.figures[i]; f; f = next) {
            next = f->next;
            free(f);
        }
    }
    for (size_t i = 0; i < PX_OBJECT_BUCKETS; i++) {
        for (px_untyped_t *next, *u = s->counters.untypeds[i]; u; u = next) {
            next = u->next;
            free(u);
        }
    }
}
