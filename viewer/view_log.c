/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's console by time. */
#include <stdio.h>

#include "app.h"
#include "views.h"

static const column_t columns[] = {
    {.title = "TIME s", .width = 13, .right = true},
    {.title = "CONSOLE"},
};

static uint64_t rows(app_t *app)
{
    return app->index->line_count;
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const line_t *line = &app->index->lines[row];
    if (column == 0) {
        time_text(app, line->time, text, size);
        return STYLE_DIM;
    }
    snprintf(text, size, "%s", line->text);
    return STYLE_CONSOLE;
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    const line_t *line = &app->index->lines[row];
    uint64_t count = app->index->spool.count;
    *time = line->time;
    *event = line->row < count ? line->row : count ? count - 1 : 0;
    return count > 0;
}

/* The last line at or before the cursor. */
static uint64_t row_at(app_t *app, uint64_t time, uint64_t event)
{
    const index_t *index = app->index;
    uint64_t low = 0, high = index->line_count;
    (void)event;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (index->lines[middle].time <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low ? low - 1 : 0;
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
    {"Enter", "to the first event after the line"},
    {"", "A line's time is that of the newest event known when it was read."},
    {NULL, NULL},
};

const view_t view_log = {
    .name = "Log",
    .summary = "the guest's console",
    .help = help,
    .bar = "/ Search|n N Next|Enter Event|v Split|F1 Help|q Quit",
    .table = &table,
    .searches_back = true,
};
