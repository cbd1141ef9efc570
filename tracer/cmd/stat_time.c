/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 stat: scheduling contexts, what was used of their budgets, and who spent whose time. */
#include <stdio.h>

#include "stat.h"
#include "u4trace/format.h"

uint64_t stat_budget_ns(const stats_t *stats, const stats_time_t *row)
{
    uint64_t time = stats->last_time > row->since ? stats->last_time - row->since : 0;
    return row->period_us ? (uint64_t)((double)time * row->budget_us / row->period_us) : 0;
}

static void print_contexts(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"SCHEDULING CONTEXT", 20, true, 0},
        {"object", 11, true, 3},
        {"budget", 9, false, 0},
        {"period", 9, false, 0},
        {"used", 9, false, 0},
        {"of budget %", 11, false, 0},
        {"ran out", 8, false, 1},
        {"delayed", 8, false, 2},
        {"delay", 9, false, 1},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->time_count && i < STAT_MAX_ROWS; i++) {
        const stats_time_t *row = stats->time[i];
        char object[16];
        snprintf(object, sizeof(object), "0x%08x", row->ref);
        table_text(&table, row->owner);
        table_text(&table, object);
        table_time(&table, row->budget_us * 1000ull, row->budget_us);
        table_time(&table, row->period_us * 1000ull, row->period_us);
        table_time(&table, row->used, true);
        table_percent(&table, row->used, stat_budget_ns(stats, row));
        table_count(&table, row->turns);
        table_count(&table, row->postponed);
        table_time(&table, row->waited, row->postponed);
    }
}

static void print_spenders(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"TIME OF", 20, true, 0},
        {"WAS SPENT BY", 20, true, 0},
        {"ran", 9, false, 0},
        {"of it %", 8, false, 0},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->time_count && i < STAT_MAX_ROWS; i++) {
        const stats_time_t *row = stats->time[i];
        for (size_t k = 0; k < row->spender_count; k++) {
            table_text(&table, row->owner);
            table_text(&table, row->spenders[k].name);
            table_time(&table, row->spenders[k].ns, true);
            table_percent(&table, row->spenders[k].ns, row->used);
        }
    }
}

void stat_print_time(const stat_view_t *view)
{
    print_contexts(view);
    print_spenders(view);
}
