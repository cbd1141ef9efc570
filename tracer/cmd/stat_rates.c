/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * u4 stat --every: what happens per second, a line for each interval of the guest's time, as it
 * goes on. Intervals in which nothing was recorded have no line.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "stat.h"
#include "u4trace/format.h"

typedef enum {
    R_EVENTS,
    R_CALLS,
    R_SENDS,
    R_SIGNALS,
    R_SWITCHES,
    R_ENTRIES,
    R_IRQS,
    R_CAPS,
    R_FAILED,
    R_FAULTS,
    RATES
} rate_t;

static const table_column_t columns[] = {
    {"TIME", 12, false, 0},      {"events/s", 12, false, 0},  {"calls/s", 10, false, 0},
    {"sends/s", 10, false, 5},   {"signals/s", 10, false, 3}, {"switches/s", 10, false, 1},
    {"entries/s", 10, false, 4}, {"irqs/s", 8, false, 6},     {"caps/s", 8, false, 7},
    {"failed/s", 8, false, 8},   {"faults/s", 8, false, 9},   {"busy %", 6, false, 2},
    {"lost", 10, false, 0},
};
static const char *const keys[RATES] = {"events",  "calls", "sends", "signals", "switches",
                                        "entries", "irqs",  "caps",  "failed",  "faults"};

struct stat_rates {
    table_t table;
    uint64_t interval_ns;
    bool json;
    bool begun;
    uint64_t origin, until; /* ticks: the trace's beginning, the interval's end */
    uint64_t interval;      /* ticks */
    uint64_t counts[RATES];
    uint64_t lost;
    uint64_t idle[MODEL_MAX_HARTS]; /* idle time of each hart at the interval's beginning */
    uint64_t since;                 /* when that was */
    uint16_t transfer, signal, entry, raised, make, result, fault; /* event ids; 0: none */
    const schema_field_t *error;
};

stat_rates_t *stat_rates_new(uint64_t interval_ns, unsigned width, bool json)
{
    stat_rates_t *r = memory_new(1, sizeof(*r));
    r->interval_ns = interval_ns;
    r->json = json;
    table_init(&r->table, columns, sizeof(columns) / sizeof(columns[0]), width);
    return r;
}

void stat_rates_free(stat_rates_t *rates)
{
    free(rates);
}

static uint16_t id_of(const model_t *model, const char *name)
{
    const schema_event_t *event = schema_find_event(model->schema, name);
    return event ? event->id : 0;
}

static bool on_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    stat_rates_t *r = self;
    (void)info;
    (void)err;
    r->signal = id_of(model, "ntfn.signal");
    r->entry = id_of(model, "kernel.entry");
    r->raised = id_of(model, "irq.raised");
    r->make = id_of(model, "cap.make");
    r->result = id_of(model, "invoke.result");
    r->fault = id_of(model, "fault.raised");
    const schema_event_t *result = schema_find_event(model->schema, "invoke.result");
    r->error = result ? schema_find_field(result, "error") : NULL;
    unsigned __int128 ticks = (unsigned __int128)r->interval_ns * model->timebase_hz / 1000000000;
    r->interval = ticks == 0 ? 1 : ticks > UINT64_MAX / 2 ? UINT64_MAX / 2 : (uint64_t)ticks;
    return true;
}

static uint64_t idle_until(const hart_t *hart, uint64_t now)
{
    bool idle = hart->current && hart->current->idle && now > hart->since;
    return hart->idle_time + (idle ? now - hart->since : 0);
}

/* How much of the harts' time was not idle since the interval began; in 1/10 %. */
static uint64_t busy_share(stat_rates_t *r, const model_t *model, uint64_t now)
{
    uint64_t idle = 0, whole = (now - r->since) * model->hart_count;
    for (uint32_t i = 0; i < model->hart_count; i++) {
        uint64_t sum = idle_until(&model->harts[i], now);
        idle += sum - r->idle[i];
        r->idle[i] = sum;
    }
    r->since = now;
    return whole > idle ? (whole - idle) * 1000 / whole : 0;
}

static void print_json(const stat_rates_t *r, uint64_t at_ns, double seconds, uint64_t busy)
{
    json_t *row = json_object();
    json_object_set_new(row, "time_ns", json_integer((json_int_t)at_ns));
    for (size_t i = 0; i < RATES; i++) {
        json_object_set_new(row, keys[i], json_real((double)r->counts[i] / seconds));
    }
    json_object_set_new(row, "busy", json_real((double)busy / 1000));
    json_object_set_new(row, "lost", json_integer((json_int_t)r->lost));
    json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(row);
}

static void print_row(stat_rates_t *r, const model_t *model, uint64_t end)
{
    double seconds = (double)(end - (r->until - r->interval)) / (double)model->timebase_hz;
    uint64_t at = model_ns(model, end - r->origin), busy = busy_share(r, model, end);
    if ((!r->counts[R_EVENTS] && !r->lost) || seconds <= 0) {
        return;
    }
    if (r->json) {
        print_json(r, at, seconds, busy);
    } else {
        table_time(&r->table, at, true);
        for (size_t i = 0; i < RATES; i++) {
            table_count(&r->table, (uint64_t)((double)r->counts[i] / seconds + 0.5));
        }
        table_percent(&r->table, busy, 1000);
        table_count(&r->table, r->lost);
    }
    memset(r->counts, 0, sizeof(r->counts));
    r->lost = 0;
}

static void count(stat_rates_t *r, const event_t *event)
{
    uint16_t id = event->record->event;
    r->counts[R_EVENTS] += !event->again;
    if (event->effects & EFFECT_CALL_RECEIVED) {
        bool sent = event->done && event->effects & EFFECT_CALL_DONE;
        r->counts[sent ? R_SENDS : R_CALLS]++;
    }
    r->counts[R_SWITCHES] += (event->effects & EFFECT_SWITCH) != 0;
    r->counts[R_SIGNALS] += id && id == r->signal;
    r->counts[R_ENTRIES] += id && id == r->entry;
    r->counts[R_IRQS] += id && id == r->raised;
    r->counts[R_CAPS] += id && id == r->make;
    r->counts[R_FAULTS] += id && id == r->fault;
    r->counts[R_FAILED] += id && id == r->result && schema_field(r->error, event->record) != 0;
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    stat_rates_t *r = self;
    (void)err;
    if (!r->begun) {
        r->begun = true;
        r->origin = model->first_time;
        r->since = event->time;
        r->until = r->origin + ((event->time - r->origin) / r->interval + 1) * r->interval;
    }
    if (event->time >= r->until) {
        print_row(r, model, r->until);
        r->until += ((event->time - r->until) / r->interval + 1) * r->interval;
    }
    count(r, event);
    return true;
}

static void on_loss(void *self, const model_t *model, const loss_t *loss)
{
    (void)model;
    ((stat_rates_t *)self)->lost += loss->count;
}

static void on_idle(void *self, const model_t *model)
{
    (void)self;
    (void)model;
    fflush(stdout);
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    stat_rates_t *r = self;
    (void)info;
    if (r->begun && model->time > r->until - r->interval) {
        print_row(r, model, model->time < r->until ? model->time : r->until);
    }
    return (fflush(stdout) == 0 && !ferror(stdout)) ||
           u4_fail(err, "standard output: cannot write");
}

const sink_ops_t stat_rates_sink = {
    .name = "rates",
    .begin = on_begin,
    .event = on_event,
    .loss = on_loss,
    .idle = on_idle,
    .end = on_end,
};
