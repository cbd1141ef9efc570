/* SPDX-License-Identifier: BSD-2-Clause */
/* Every event, one a line. */
#include <inttypes.h>
#include <stdio.h>

#include "app.h"
#include "views.h"

enum { COLUMN_TIME, COLUMN_HART, COLUMN_THREAD, COLUMN_EVENT, COLUMN_FIELDS };

static const column_t columns[] = {
    [COLUMN_TIME] = {.title = "TIME s", .width = 13, .right = true},
    [COLUMN_HART] = {.title = "HART", .width = 4, .right = true, .need = 60},
    [COLUMN_THREAD] = {.title = "THREAD", .width = 12, .need = 36},
    [COLUMN_EVENT] = {.title = "EVENT", .width = 16},
    [COLUMN_FIELDS] = {.title = "FIELDS", .need = 50},
};

static uint64_t rows(app_t *app)
{
    return chosen_count(app);
}

/* Seconds with a sign: against the reference or the row before. */
static void signed_text(const app_t *app, uint64_t time, uint64_t base, char *text, size_t size)
{
    text[0] = time < base ? '-' : '+';
    time_text(app, time < base ? base - time : time - base, text + 1, size - 1);
}

static void time_cell(app_t *app, uint64_t row, uint64_t time, char *text, size_t size)
{
    if (app->time_mode == TIME_RELATIVE) {
        signed_text(app, time, app->reference, text, size);
    } else if (app->time_mode == TIME_DELTA) {
        uint64_t before = row ? chosen_event(app, row - 1) : chosen_event(app, row);
        signed_text(app, time, spool_time(&app->index->spool, before), text, size);
    } else {
        time_text(app, time, text, size);
    }
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const row_t r = spool_row(&app->index->spool, chosen_event(app, row));
    switch (column) {
    case COLUMN_TIME:
        time_cell(app, row, r.record.time, text, size);
        return r.record.time == app->reference && app->time_mode == TIME_RELATIVE ? STYLE_MARK
                                                                                  : STYLE_NORMAL;
    case COLUMN_HART: snprintf(text, size, r.hart == 255 ? "user" : "%u", r.hart); return STYLE_DIM;
    case COLUMN_THREAD: snprintf(text, size, "%s", index_name(app->index, r.thread)); break;
    case COLUMN_EVENT:
        snprintf(text, size, "%s", schema_event(app->schema, r.record.event)->full_name);
        return event_style(app, r.record.event);
    default: row_fields(app, &r, text, size); break;
    }
    return STYLE_NORMAL;
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    *event = chosen_event(app, row);
    *time = spool_time(&app->index->spool, *event);
    return true;
}

static uint64_t row_at(app_t *app, uint64_t time, uint64_t event)
{
    (void)time;
    uint64_t count = app->index->spool.count;
    return chosen_row(app, event < count ? event : count - 1);
}

static bool key(app_t *app, int key_)
{
    static const char *const names[] = {"absolute", "relative to the reference row (T sets it)",
                                        "from the row before"};
    switch (key_) {
    case 't':
        app->time_mode = (time_mode_t)((app->time_mode + 1) % TIME_MODES);
        app_say(app, "times: %s", names[app->time_mode]);
        return true;
    case 'T':
        app->reference = app->cursor.time;
        app->time_mode = TIME_RELATIVE;
        app_say(app, "times: relative to this row");
        return true;
    default: return false;
    }
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
    .place = place,
    .row_at = row_at,
    .follows = true,
};

static const help_t help[] = {
    {"t  T", "times absolute, relative, delta; this row is the reference"},
    {"] [  } {  ) (", "next, previous event of this thread, object, badge"},
    {"f F", "along the message that this event belongs to"},
    {"h l", "scroll the fields"},
    {NULL, NULL},
};

const view_t view_events = {
    .name = "Events",
    .summary = "every event, in causal order",
    .help = help,
    .bar = "/ Search|& Filter|t Times|f Flow|] Thread|a b Mark|F1 Help|q Quit",
    .table = &table,
    .key = key,
    .searches_back = true,
};
