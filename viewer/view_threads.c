/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads as of the cursor, as htop shows processes. */
#include <inttypes.h>
#include <stdio.h>

#include "app.h"
#include "memory.h"
#include "trace/ids.h"
#include "views.h"

enum {
    COLUMN_NAME,
    COLUMN_STATE,
    COLUMN_CPU,
    COLUMN_PRIORITY,
    COLUMN_BUDGET,
    COLUMN_SINCE,
    COLUMN_WAITS,
    COLUMN_RAN,
    COLUMN_IMPOSED,
    COLUMN_HART,
    COLUMN_PROCESS,
    COLUMN_FAULT
};

static bool is_mcs(const app_t *app)
{
    return app->index->contexts;
}

static const column_t columns[] = {
    [COLUMN_NAME] = {.title = "THREAD", .width = 14, .sorts = true},
    [COLUMN_STATE] = {.title = "STATE", .width = 13, .sorts = true},
    [COLUMN_CPU] = {.title = "CPU%", .width = 6, .right = true, .sorts = true},
    [COLUMN_PRIORITY] = {.title = "PRIO", .width = 4, .right = true, .need = 46, .sorts = true},
    [COLUMN_BUDGET] = {.title = "BUDGET", .width = 11, .right = true, .need = 76, .there = is_mcs},
    [COLUMN_SINCE] = {.title = "SINCE", .width = 8, .right = true, .need = 60, .sorts = true},
    [COLUMN_WAITS] = {.title = "BLOCKED ON", .width = 0, .need = 56},
    [COLUMN_RAN] = {.title = "RAN", .width = 8, .right = true, .need = 110, .sorts = true},
    [COLUMN_IMPOSED] = {.title = "IMPOSED", .width = 8, .right = true, .need = 110, .sorts = true},
    [COLUMN_HART] = {.title = "HART", .width = 4, .right = true, .need = 110},
    [COLUMN_PROCESS] = {.title = "PROCESS", .width = 12, .need = 130},
    [COLUMN_FAULT] = {.title = "FAULTS, LAST", .width = 52, .need = 180},
};

/* Alive at the cursor, and, unless all are wanted, with something to tell. */
static bool is_listed(const app_t *app, const life_t *life)
{
    band_t band;
    if (!index_band(life, app->cursor.time, &band) || band.state == THREAD_DEAD) {
        return false;
    }
    return app->timeline.all || life->bands.count > 2 || life->thread.named;
}

/* Lists them anew: who is alive depends on the cursor. */
static uint64_t rows(app_t *app)
{
    const index_t *index = app->index;
    app->alive_count = 0;
    if (app->alive_room < index->life_count) {
        app->alive_room = index->life_count * 2;
        app->alive = memory_grow(app->alive, app->alive_room, sizeof(app->alive[0]));
    }
    for (size_t i = 0; i < index->life_count; i++) {
        if (is_listed(app, index_life(index, index->order[i]))) {
            app->alive[app->alive_count++] = index->order[i];
        }
    }
    return app->alive_count;
}

static const life_t *life_at(const app_t *app, uint64_t row)
{
    return row < app->alive_count ? index_life(app->index, app->alive[row]) : NULL;
}

/* CPU % is of A to B, or of a time that ends at the cursor. */
static bool is_of_markers(const app_t *app)
{
    return app->has_a && app->has_b && app->a != app->b;
}

static void window(const app_t *app, uint64_t *from, uint64_t *to)
{
    if (is_of_markers(app)) {
        app_selection(app, from, to);
        return;
    }
    const index_t *index = app->index;
    double span = (double)app->cpu_ns / 1e9 * (double)index->model->timebase_hz;
    *to = app->cursor.time < index->last_time ? app->cursor.time : index->last_time;
    bool long_ago = *to > index->first_time && (double)(*to - index->first_time) > span;
    *from = long_ago ? *to - (uint64_t)span : index->first_time;
}

static void status(const app_t *app, char *text, size_t size)
{
    uint64_t from, to;
    char span[32];
    window(app, &from, &to);
    duration_text(app, to > from ? to - from : 0, span, sizeof(span));
    snprintf(text, size, is_of_markers(app) ? "  CPU%% of A-B" : "  CPU%% of %s", span);
}

static double cpu_of(const app_t *app, const life_t *life)
{
    uint64_t from, to;
    window(app, &from, &to);
    uint64_t ran = index_busy(life, to) - index_busy(life, from);
    return to > from ? 100.0 * (double)ran / (double)(to - from) : 0;
}

/* What is missing for it to run, and for how long. */
static void budget_wait_text(const app_t *app, const band_t *band, char *text, size_t size)
{
    char name[40], left[40];
    uint64_t waited = app->cursor.time - band->time;
    if (!band->object) {
        snprintf(text, size, "no scheduling context");
        return;
    }
    index_thing_name(app->index, (uint32_t)band->object, name, sizeof(name));
    duration_text(app, band->peer > waited ? band->peer - waited : 0, left, sizeof(left));
    snprintf(text, size, "budget of %s in %s", name, left);
}

static void waits_text(const app_t *app, const band_t *band, char *text, size_t size)
{
    char object[40] = "";
    if (band->object) {
        index_thing_name(app->index, (uint32_t)band->object, object, sizeof(object));
    }
    bool served = band->state == THREAD_REPLY || band->state == THREAD_FAULTED;
    if (served && band->peer) {
        snprintf(text, size, "reply of %s", index_name(app->index, (uint32_t)band->peer));
    } else if (band->state == THREAD_POSTPONED) {
        budget_wait_text(app, band, text, size);
    } else {
        snprintf(text, size, "%s", object);
    }
}

static void budget_cell(const app_t *app, const setting_t *setting, char *text, size_t size)
{
    const thing_t *sc = reftable_get(&app->index->thing_table, (uint32_t)setting->sc);
    share_t share = {.time = 0};
    if (!setting->sc || !sc) {
        snprintf(text, size, "-");
        return;
    }
    series_at(&sc->shares, app->cursor.time, &share);
    budget_text(&share, text, size);
}

static void hart_text(const setting_t *setting, char *text, size_t size)
{
    if (setting->hart) {
        snprintf(text, size, "%u", (unsigned)setting->hart - 1);
    } else {
        snprintf(text, size, "-");
    }
}

static style_t fault_text(const app_t *app, const life_t *life, char *text, size_t size)
{
    fault_t last;
    if (!series_at(&life->faults, app->cursor.time, &last)) {
        snprintf(text, size, "-");
        return STYLE_DIM;
    }
    uint64_t count = series_until(&life->faults, app->cursor.time);
    int at = snprintf(text, size, "%" PRIu64 "  ", count);
    const row_t row = spool_row(&app->index->spool, last.row);
    row_fields(app, &row, text + at, size - (size_t)at);
    return STYLE_FAULT;
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const life_t *life = life_at(app, row);
    uint64_t now = app->cursor.time;
    band_t band;
    setting_t setting = {.time = 0};
    if (!life || !index_band(life, now, &band)) {
        return STYLE_NORMAL;
    }
    series_at(&life->settings, now, &setting);
    switch (column) {
    case COLUMN_NAME: snprintf(text, size, "%s", life->thread.name); return STYLE_NORMAL;
    case COLUMN_STATE:
        snprintf(text, size, "%s", thread_state_name(band.state));
        return state_style(band.state);
    case COLUMN_CPU: snprintf(text, size, "%.1f", cpu_of(app, life)); return STYLE_NORMAL;
    case COLUMN_PRIORITY:
        snprintf(text, size, "%u", (unsigned)setting.priority);
        return STYLE_NORMAL;
    case COLUMN_BUDGET: budget_cell(app, &setting, text, size); break;
    case COLUMN_SINCE: duration_text(app, now - band.time, text, size); break;
    case COLUMN_WAITS: waits_text(app, &band, text, size); return STYLE_NORMAL;
    case COLUMN_RAN: duration_text(app, band_busy(&band, now), text, size); break;
    case COLUMN_IMPOSED: duration_text(app, band.imposed, text, size); break;
    case COLUMN_HART: hart_text(&setting, text, size); break;
    case COLUMN_PROCESS: snprintf(text, size, "%s", life->process.name); break;
    default: return fault_text(app, life, text, size);
    }
    return STYLE_DIM;
}

static double sort_key(app_t *app, uint64_t row, unsigned column)
{
    const life_t *life = life_at(app, row);
    uint64_t now = app->cursor.time;
    band_t band = {.time = now};
    setting_t setting = {.time = 0};
    index_band(life, now, &band);
    switch (column) {
    case COLUMN_NAME: return -(double)row;
    case COLUMN_STATE: return -(double)band.state;
    case COLUMN_PRIORITY:
        series_at(&life->settings, now, &setting);
        return (double)setting.priority;
    case COLUMN_SINCE: return (double)(now - band.time);
    case COLUMN_RAN: return (double)band_busy(&band, now);
    case COLUMN_IMPOSED: return (double)band.imposed;
    default: return cpu_of(app, life);
    }
}

static const void *subject(const app_t *app, uint64_t row)
{
    return life_at(app, row);
}

/* When it came into the state that it is in. */
static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    const life_t *life = life_at(app, row);
    const spool_t *spool = &app->index->spool;
    band_t band;
    if (!life || !index_band(life, app->cursor.time, &band)) {
        return false;
    }
    *time = band.time;
    *event = spool_find(spool, band.time);
    for (; *event + 1 < spool->count; (*event)++) {
        const row_t at = spool_row(spool, *event);
        if (at.record.time != band.time || at.thread == life->thread.uid ||
            at.other == life->thread.uid) {
            break;
        }
    }
    return true;
}

static bool key(app_t *app, int key_)
{
    if (key_ == 'c') {
        const life_t *life = life_at(app, table_row(app));
        if (life) {
            caps_show_thread(app, life->thread.ref);
        }
        return true;
    }
    if (key_ != 'o') {
        return false;
    }
    app->timeline.all = !app->timeline.all;
    app_say(app, app->timeline.all ? "all threads" : "threads that have a name or have run");
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
    .sort = COLUMN_CPU,
};

static const help_t help[] = {
    {"s r", "sort by the next column, the other way round"},
    {"o", "all threads, or those that have a name or have run"},
    {"c", "its capability space"},
    {"Enter", "to the event that brought it into its state"},
    {"", "All is as of the cursor. CPU%: of A to B if both are set, else of the"},
    {"", "second that ends at the cursor (:set cpu 10ms)."},
    {"", "IMPOSED: time that servers ran for its calls."},
    {"", "BUDGET (MCS): of each period, of the scheduling context it last ran on."},
    {NULL, NULL},
};

const view_t view_threads = {
    .name = "Threads",
    .summary = "all threads as of the cursor",
    .help = help,
    .bar = "s Sort|r Reverse|o All|c Caps|Enter Cause|/ Search|? Help|q Quit",
    .table = &table,
    .key = key,
    .status = status,
};
