/* SPDX-License-Identifier: BSD-2-Clause */
/* Bookmarks. */
#include <stdio.h>

#include "app.h"
#include "views.h"

static const column_t columns[] = {
    {.title = "TIME s", .width = 13, .right = true},
    {.title = "BOOKMARK", .width = 22},
    {.title = "EVENT", .need = 60},
};

static uint64_t rows(app_t *app)
{
    return app->mark_count;
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const mark_t *mark = &app->marks[row];
    switch (column) {
    case 0: time_text(app, mark->time, text, size); return STYLE_DIM;
    case 1: snprintf(text, size, "%s", mark->text); return STYLE_MARK;
    default:
        if (mark->event < app->index->spool.count) {
            row_text(app, mark->event, text, size);
        } else {
            snprintf(text, size, "(not in this trace)");
        }
    }
    return STYLE_NORMAL;
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    *time = app->marks[row].time;
    *event = app->marks[row].event;
    return *event < app->index->spool.count;
}

static bool key(app_t *app, int key_)
{
    if (key_ != 'm') {
        return false;
    }
    app_unmark(app, table_row(app));
    return true;
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
    .place = place,
    .follows = true,
};

static const help_t help[] = {
    {"m", "removes the bookmark; in other views: sets one, or removes it; :mark TEXT names it"},
    {". ,", "next, previous bookmark, in every view"},
    {"", "They are kept in FILE.marks."},
    {NULL, NULL},
};

const view_t view_marks = {
    .name = "Marks",
    .summary = "bookmarks",
    .help = help,
    .bar = "m Remove|Enter Event|. , Next|? Help|q Quit",
    .table = &table,
    .key = key,
};
