/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints, notifications, interrupts, scheduling contexts: traffic, rates, latency, and who waits there at the cursor. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "trace/ids.h"
#include "views.h"

enum {
    COLUMN_OBJECT,
    COLUMN_COUNT,
    COLUMN_RATE,
    COLUMN_P50,
    COLUMN_P99,
    COLUMN_MAX,
    COLUMN_WOKE,
    COLUMN_MERGED,
    COLUMN_QUEUE,
    COLUMN_WAITERS
};

static const column_t columns[] = {
    [COLUMN_OBJECT] = {.title = "OBJECT", .width = 21, .sorts = true},
    [COLUMN_COUNT] = {.title = "COUNT", .width = 8, .right = true, .sorts = true},
    [COLUMN_RATE] = {.title = "RATE/s", .width = 9, .right = true, .need = 110, .sorts = true},
    [COLUMN_P50] = {.title = "p50", .width = 8, .right = true, .need = 70, .sorts = true},
    [COLUMN_P99] = {.title = "p99", .width = 8, .right = true, .need = 110, .sorts = true},
    [COLUMN_MAX] = {.title = "MAX", .width = 8, .right = true, .need = 70, .sorts = true},
    [COLUMN_WOKE] = {.title = "WOKE", .width = 8, .right = true, .need = 110},
    [COLUMN_MERGED] = {.title = "MERGED", .width = 8, .right = true, .need = 110},
    [COLUMN_QUEUE] = {.title = "WAIT", .width = 4, .right = true, .sorts = true},
    [COLUMN_WAITERS] = {.title = "WHO WAITS, AT THE CURSOR", .need = 60},
};

static uint64_t rows(app_t *app)
{
    return app->index->thing_count;
}

static uint64_t count_of(const thing_t *thing)
{
    return thing->transfers + thing->signals;
}

/* Whose it is, and how often somebody waited for its next refill. */
static unsigned context_text(const app_t *app, const thing_t *thing, char *text, size_t size)
{
    const index_t *index = app->index;
    char budget[40];
    share_t share = {.time = 0};
    series_at(&thing->shares, app->cursor.time, &share);
    if (size) {
        budget_text(&share, budget, sizeof(budget));
        snprintf(text, size, "%s, %s; ran out %" PRIu64 " times", budget,
                 share.owner ? index_name(index, (uint32_t)share.owner) : "nobody's",
                 thing->blocked);
    }
    unsigned count = 0;
    for (size_t i = 0; i < index->life_count; i++) {
        band_t band;
        count += index_band(index_life(index, index->order[i]), app->cursor.time, &band) &&
                 band.state == THREAD_POSTPONED && band.object == thing->ref;
    }
    return count;
}

static unsigned waiters(const app_t *app, const thing_t *thing, char *text, size_t size)
{
    const index_t *index = app->index;
    unsigned count = 0;
    size_t at = 0;
    if (thing->type == THING_RECEIVER) {
        snprintf(text, size, "of %s", index_name(index, thing->bound));
        return 0;
    }
    if (thing->type == THING_LOCK) {
        snprintf(text, size, "COUNT: times a hart waited for it");
        return 0;
    }
    if (thing->type == TRACE_CAPTYPE_IRQ_HANDLER) {
        char name[40];
        if (size) {
            snprintf(text, size, "signals %s",
                     index_thing_name(index, thing->bound, name, sizeof(name)));
        }
        return 0;
    }
    if (thing->type == TRACE_CAPTYPE_SCHED_CONTEXT) {
        return context_text(app, thing, text, size);
    }
    if (app->cursor.time < thing->first_time || (thing->gone && app->cursor.time >= thing->gone)) {
        snprintf(text, size, "%s", thing->gone ? "(gone)" : "");
        return 0;
    }
    for (size_t i = 0; i < index->life_count; i++) {
        const life_t *life = index_life(index, index->order[i]);
        band_t band;
        bool there = index_band(life, app->cursor.time, &band) && band.object == thing->ref;
        bool sends = there && (band.state == THREAD_SENDING || band.state == THREAD_CALLING);
        bool waits = there && (band.state == THREAD_RECEIVING || band.state == THREAD_NTFN);
        if (!sends && !waits) {
            continue;
        }
        count++;
        if (size && at + 2 < size) {
            int n = snprintf(text + at, size - at, "%s%s %s", at ? ", " : "", life->thread.name,
                             sends ? "(sends)" : "(receives)");
            at += n > 0 ? (size_t)n : 0;
        }
    }
    return count;
}

static double rate_of(const app_t *app, const thing_t *thing)
{
    uint64_t ns = model_ns(app->index->model, app->index->last_time) -
                  model_ns(app->index->model, app->index->first_time);
    return ns ? 1e9 * (double)count_of(thing) / (double)ns : 0;
}

static void latency_text(const thing_t *thing, double percent, char *text, size_t size)
{
    if (thing->latency->count) {
        ns_text(histogram_percentile(thing->latency, percent), text, size);
    } else {
        snprintf(text, size, "-");
    }
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const thing_t *thing = app->index->things[row];
    bool is_ntfn = thing->type == TRACE_CAPTYPE_NOTIFICATION || thing->type == THING_RECEIVER;
    switch (column) {
    case COLUMN_OBJECT:
        thing_name(thing, text, size);
        return is_ntfn                                      ? STYLE_NTFN
               : thing->type == TRACE_CAPTYPE_IRQ_HANDLER   ? STYLE_READY
               : thing->type == TRACE_CAPTYPE_SCHED_CONTEXT ? STYLE_RUNNING
                                                            : STYLE_SENDING;
    case COLUMN_COUNT: count_text(count_of(thing), text, size); break;
    case COLUMN_RATE: count_text((uint64_t)rate_of(app, thing), text, size); break;
    case COLUMN_P50: latency_text(thing, 50, text, size); break;
    case COLUMN_P99: latency_text(thing, 99, text, size); break;
    case COLUMN_MAX: latency_text(thing, 100, text, size); break;
    case COLUMN_WOKE:
    case COLUMN_MERGED:
        count_text(column == COLUMN_WOKE ? thing->woke : thing->merged, text, size);
        if (!is_ntfn) {
            snprintf(text, size, "-");
        }
        return STYLE_DIM;
    case COLUMN_QUEUE: snprintf(text, size, "%u", waiters(app, thing, text, 0)); break;
    default: waiters(app, thing, text, size); return STYLE_DIM;
    }
    return STYLE_NORMAL;
}

static double sort_key(app_t *app, uint64_t row, unsigned column)
{
    const thing_t *thing = app->index->things[row];
    char none[1];
    switch (column) {
    case COLUMN_OBJECT: return -(double)thing->ref;
    case COLUMN_P50: return (double)histogram_percentile(thing->latency, 50);
    case COLUMN_P99: return (double)histogram_percentile(thing->latency, 99);
    case COLUMN_MAX: return (double)thing->latency->max;
    case COLUMN_QUEUE: return waiters(app, thing, none, 0);
    default: return (double)count_of(thing);
    }
}

static const void *subject(const app_t *app, uint64_t row)
{
    return app->index->things[row];
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    *time = app->index->things[row]->first_time;
    *event = spool_find(&app->index->spool, *time);
    return true;
}

static bool key(app_t *app, int key_)
{
    uint64_t row = table_row(app);
    if (key_ == 'c' && row < app->index->thing_count) {
        caps_show_object(app, app->index->things[row]->ref);
    }
    return key_ == 'c';
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
    .place = place,
    .sort_key = sort_key,
    .subject = subject,
    .sort = COLUMN_COUNT,
};

static const help_t help[] = {
    {"s r", "sort by the next column, the other way round"},
    {"c", "who holds capabilities to it"},
    {"Enter", "to the first event of the object"},
    {"", "COUNT: messages or signals in the whole trace; WAIT: at the cursor."},
    {"", "Latencies: of calls, begin to end; of signals, to the woken thread's running;"},
    {"", "of interrupts, arrival to acknowledgement; of receivers, send to taking; of scheduling"},
    {"", "contexts (COUNT: charges), waiting for budget; of the kernel's lock, waiting for it."},
    {NULL, NULL},
};

const view_t view_objects = {
    .name = "Objects",
    .summary = "endpoints, notifications, interrupts, receivers, scheduling contexts",
    .help = help,
    .bar = "s Sort|r Reverse|c Holders|Enter First|/ Search|? Help|q Quit",
    .table = &table,
    .key = key,
};
