/* SPDX-License-Identifier: BSD-2-Clause */
/* Where records are missing. */
#include <stdio.h>

#include "app.h"
#include "views.h"

static const column_t columns[] = {
    {.title = "AFTER s", .width = 13, .right = true},
    {.title = "UNTIL s", .width = 13, .right = true, .need = 50},
    {.title = "HART", .width = 4, .right = true},
    {.title = "LOST", .width = 12, .right = true},
    {.title = "GAP", .width = 10, .right = true, .need = 60},
    {.title = ""},
};

static uint64_t rows(app_t *app)
{
    return app->index->hole_count;
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const loss_t *loss = &app->index->holes[row].loss;
    switch (column) {
    case 0: time_text(app, loss->after, text, size); break;
    case 1: time_text(app, loss->until, text, size); break;
    case 2: snprintf(text, size, loss->hart == UINT32_MAX ? "user" : "%u", loss->hart); break;
    case 3: count_text(loss->count, text, size); return STYLE_FAULT;
    case 4: duration_text(app, loss->until - loss->after, text, size); break;
    default: text[0] = 0; break;
    }
    return STYLE_NORMAL;
}

static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    const hole_t *hole = &app->index->holes[row];
    uint64_t count = app->index->spool.count;
    *time = hole->loss.until;
    *event = hole->row < count ? hole->row : count ? count - 1 : 0;
    return count > 0;
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
    {"Enter", "to the first event after the gap"},
    {"e E", "next, previous gap, in every view"},
    {NULL, NULL},
};

const view_t view_losses = {
    .name = "Loss",
    .summary = "where records were lost",
    .help = help,
    .bar = "Enter Event|e E Next gap|? Help|q Quit",
    .table = &table,
};
