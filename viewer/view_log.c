/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's console by time, between the events that the filter lets through. A line stands
 * before the first event after it, so with n events before that one, line i is row n + i.
 */
#include <stdio.h>

#include "app.h"
#include "views.h"

enum { COLUMN_TIME, COLUMN_WHO, COLUMN_TEXT };

static const column_t columns[] = {
    [COLUMN_TIME] = {.title = "TIME s", .width = 13, .right = true},
    [COLUMN_WHO] = {.title = "FROM", .width = 12, .need = 60},
    [COLUMN_TEXT] = {.title = "CONSOLE, EVENTS"},
};

static uint64_t rows(app_t *app)
{
    return app->index->line_count + (app->console_only ? 0 : chosen_count(app));
}

static uint64_t line_row(const app_t *app, uint64_t line)
{
    return line + (app->console_only ? 0 : chosen_before(app, index_line_row(app->index, line)));
}

/* Lines before a row. */
static uint64_t lines_before(const app_t *app, uint64_t row)
{
    uint64_t low = 0, high = app->index->line_count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (line_row(app, middle) < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The console line of a row, and the event after it; NULL: it is an event. */
static const line_t *line_at(const app_t *app, uint64_t row, uint64_t *event)
{
    uint64_t before = lines_before(app, row);
    if (before < app->index->line_count && line_row(app, before) == row) {
        *event = index_line_row(app->index, before);
        return &app->index->lines[before];
    }
    *event = chosen_event(app, row - before);
    return NULL;
}

static style_t line_cell(app_t *app, const line_t *line, unsigned column, char *text, size_t size)
{
    switch (column) {
    case COLUMN_TIME: time_text(app, line->time, text, size); return STYLE_DIM;
    case COLUMN_WHO: snprintf(text, size, "console"); return STYLE_DIM;
    default: snprintf(text, size, "%s", line->text); return STYLE_CONSOLE;
    }
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    uint64_t event;
    const line_t *line = line_at(app, row, &event);
    if (line) {
        return line_cell(app, line, column, text, size);
    }
    const row_t r = spool_row(&app->index->spool, event);
    int used;
    switch (column) {
    case COLUMN_TIME: time_text(app, r.record.time, text, size); return STYLE_DIM;
    case COLUMN_WHO: snprintf(text, size, "%s", index_name(app->index, r.thread)); break;
    default:
        used = snprintf(text, size, "%s ", schema_event(app->schema, r.record.event)->full_name);
        row_fields(app, &r, text + used, size - (size_t)used);
        return event_style(app, r.record.event);
    }
    return STYLE_NORMAL;
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    uint64_t count = app->index->spool.count;
    const line_t *line = line_at(app, row, event);
    if (line) {
        *event = *event < count ? *event : count ? count - 1 : 0;
        *time = line->time;
    } else {
        *time = spool_time(&app->index->spool, *event);
    }
    return count > 0;
}

/* The cursor's event, or, of the console alone, the last line up to it. */
static uint64_t row_at(app_t *app, uint64_t time, uint64_t event)
{
    const index_t *index = app->index;
    uint64_t low = 0, high = index->line_count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        const line_t *line = &index->lines[middle];
        if (app->console_only ? line->time <= time : index_line_row(index, middle) <= event) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (app->console_only) {
        return low ? low - 1 : 0;
    }
    return low + chosen_row(app, event);
}

static bool key(app_t *app, int key_)
{
    if (key_ != 'o') {
        return false;
    }
    app->console_only = !app->console_only;
    table_sync(app, app->pane[app->focus]);
    app_say(app, app->console_only ? "only the console" : "console and events");
    return true;
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
    {"o", "only the console, or with the events that the filter lets through"},
    {"Enter", "to the first event after the line"},
    {"", "A line's time is that of the newest event known when it was read."},
    {NULL, NULL},
};

const view_t view_log = {
    .name = "Log",
    .summary = "the guest's console between events",
    .help = help,
    .bar = "/ Search|n N Next|o Console|& Filter|Enter Event|v Split|F1 Help|q Quit",
    .table = &table,
    .key = key,
    .searches_back = true,
};
