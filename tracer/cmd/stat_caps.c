/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 stat: capabilities, in all and by the process that made them, over time. */
#include <inttypes.h>
#include <stdio.h>

#include "stat.h"
#include "u4trace/format.h"

enum { TIMES = 8, FIRST_TIME = 6 }; /* columns over time; the column that is the first of them */

bool stat_caps_of_type(const stats_t *stats, unsigned type, uint64_t *made, uint64_t *deleted)
{
    *made = *deleted = 0;
    for (size_t i = 0; i < stats->caps_count; i++) {
        const stats_caps_t *row = stats->caps[i];
        *made += row->type == type ? row->made : 0;
        *deleted += row->type == type ? row->deleted : 0;
    }
    return *made || *deleted;
}

static void print_types(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"CAPABILITIES", 24, true, 0}, {"made", 10, false, 0}, {"deleted", 10, false, 0}};
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (unsigned type = 0; type < MODEL_CAP_TYPES; type++) {
        uint64_t made, deleted;
        if (stat_caps_of_type(stats, type, &made, &deleted)) {
            table_text(&table, stat_value_name(view->model, "captype", type));
            table_count(&table, made);
            table_count(&table, deleted);
        }
    }
}

static void signed_cell(table_t *table, int64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, value);
    table_text(table, text);
}

/* The span that ends the n-th of TIMES pieces of the trace. */
static unsigned span_at(const stats_t *stats, unsigned n)
{
    return (n + 1) * stats->spans / TIMES - ((n + 1) * stats->spans >= TIMES);
}

static void print_owners(const stat_view_t *view)
{
    static const table_column_t base[FIRST_TIME] = {
        {"CAPABILITIES MADE BY", 20, true, 0},
        {"TYPE", 13, true, 0},
        {"made", 8, false, 0},
        {"deleted", 8, false, 0},
        {"held", 8, false, 0},
        {"peak", 8, false, 1},
    };
    const stats_t *stats = view->stats;
    table_column_t columns[FIRST_TIME + TIMES];
    char titles[TIMES][16];
    for (size_t i = 0; i < FIRST_TIME; i++) {
        columns[i] = base[i];
    }
    for (unsigned n = 0; n < TIMES; n++) {
        uint64_t at = (span_at(stats, n) + 1ull) * stats->span_ns;
        *format_duration(titles[n], titles[n] + sizeof(titles[n]) - 1, at) = 0;
        columns[FIRST_TIME + n] = (table_column_t){titles[n], 8, false, n % 2 ? 2 : 3};
    }
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->caps_count && i < STAT_MAX_ROWS; i++) {
        const stats_caps_t *row = stats->caps[i];
        if (row->made == 0) { /* the busiest come first */
            break;
        }
        table_text(&table, row->owner);
        table_text(&table, stat_value_name(view->model, "captype", row->type));
        table_count(&table, row->made);
        table_count(&table, row->deleted);
        signed_cell(&table, row->held);
        signed_cell(&table, row->peak);
        for (unsigned n = 0; n < TIMES; n++) {
            signed_cell(&table, row->held_at[span_at(stats, n)]);
        }
    }
}

void stat_print_caps(const stat_view_t *view)
{
    print_types(view);
    print_owners(view);
}
