/* SPDX-License-Identifier: BSD-2-Clause */
/* The views' tables as plain text. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "memory.h"
#include "views.h"

enum { WIDE = 160 };

static void print_cell(const column_t *column, int width, const char *text)
{
    if (column->right) {
        printf("%*s ", width, text);
    } else {
        printf("%-*s ", width, text);
    }
}

static bool is_printed(const app_t *app, const column_t *column)
{
    return column->need <= WIDE && (!column->there || column->there(app));
}

static void print_view(app_t *app, unsigned view)
{
    const table_ops_t *ops = views[view]->table;
    char text[CELL_MAX];
    printf("\n%s: %s\n", views[view]->name, views[view]->summary);
    for (unsigned c = 0; c < ops->count; c++) {
        const char *title = ops->columns[c].title;
        if (is_printed(app, &ops->columns[c])) {
            print_cell(&ops->columns[c], ops->columns[c].width ? ops->columns[c].width : 28, title);
        }
    }
    putchar('\n');
    for (uint64_t row = 0; row < ops->rows(app); row++) {
        for (unsigned c = 0; c < ops->count; c++) {
            if (is_printed(app, &ops->columns[c])) {
                ops->cell(app, row, c, text, sizeof(text));
                print_cell(&ops->columns[c], ops->columns[c].width ? ops->columns[c].width : 28,
                           text);
            }
        }
        putchar('\n');
    }
}

int plain_report(app_t *app)
{
    const index_t *index = app->index;
    char events[32], span[32];
    count_text(index->records, events, sizeof(events));
    duration_text(app, index->last_time - index->first_time, span, sizeof(span));
    printf("%s: %s events in %s\n", app->file, events, span);
    app->cursor = (place_t){.time = index->last_time,
                            .event = index->spool.count ? index->spool.count - 1 : 0};
    app->cpu_ns = UINT64_MAX; /* CPU% of all */
    for (unsigned i = 0; i < view_count; i++) {
        bool large = views[i] == &view_events; /* u4 report prints these */
        if (views[i]->table && !large && views[i]->table->rows(app)) {
            print_view(app, i);
        }
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
