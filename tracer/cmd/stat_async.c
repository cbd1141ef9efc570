/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 stat: connections of async IPC, coroutines, async system calls. */
#include <inttypes.h>
#include <stdio.h>

#include "stat.h"

double stat_seconds(const stats_t *stats)
{
    return (double)(stats->last_time - stats->first_time) / 1e9;
}

static void mean_cell(table_t *table, const histogram_t *h)
{
    table_time(table, histogram_mean(h), h->count);
}

/* How much COUNT is a call, or a second: two digits behind the point. */
static void ratio_cell(table_t *table, uint64_t count, double whole)
{
    char text[32] = "-";
    if (whole > 0) {
        snprintf(text, sizeof(text), "%.2f", (double)count / whole);
    }
    table_text(table, text);
}

static void print_conns(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"ASYNC CALLS BY CONNECTION", 28, true, 0},
        {"calls", 9, false, 0},
        STAT_HISTOGRAM_COLUMNS,
        {"~ring", 9, false, 3},
        {"~serve", 9, false, 3},
        {"~back", 9, false, 5},
        {"sends", 7, false, 7},
        {"late", 5, false, 7},
        {"deepest", 7, false, 6},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->conn_count && i < STAT_MAX_ROWS; i++) {
        const stats_conn_t *conn = stats->conns[i];
        char name[2 * MODEL_NAME_MAX + 24];
        snprintf(name, sizeof(name), "%s -> %s %" PRIx32, conn->sides[STATS_CLIENT].name,
                 conn->sides[STATS_SERVER].name, conn->number);
        table_text(&table, name);
        table_count(&table, conn->calls);
        stat_cells(&table, &conn->total);
        mean_cell(&table, &conn->ring);
        mean_cell(&table, &conn->serve);
        mean_cell(&table, &conn->back);
        table_count(&table, conn->sends);
        table_count(&table, conn->late);
        table_count(&table, conn->deepest);
    }
    stat_print_more(stats->conn_count);
}

/* What the connections cost: kernel entries, and user interrupts. */
static void print_notified(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"NOTIFICATIONS OF", 28, true, 0}, {"sent", 9, false, 0},
        {"by trap", 9, false, 2},          {"avoided", 9, false, 0},
        {"avoided %", 9, false, 5},        {"sent/call", 9, false, 4},
        {"sent/s", 9, false, 6},           {"woken", 9, false, 3},
        {"traps/call", 10, false, 0},      {"traps/s", 9, false, 1},
        {"uintrs", 9, false, 3},           {"uintrs/call", 11, false, 0},
        {"uintrs/s", 9, false, 1},
    };
    const stats_t *stats = view->stats;
    double seconds = stat_seconds(stats);
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < 2 * stats->conn_count && i < STAT_MAX_ROWS; i++) {
        const stats_conn_t *conn = stats->conns[i / 2];
        const stats_side_t *side = &conn->sides[i % 2];
        char name[MODEL_NAME_MAX + 24];
        snprintf(name, sizeof(name), "%s %" PRIx32, side->name, conn->number);
        table_text(&table, name);
        double messages = (double)(conn->calls + conn->sends);
        table_count(&table, side->notified);
        table_count(&table, side->alone);
        table_count(&table, side->avoided);
        table_percent(&table, side->avoided, side->notified + side->avoided);
        ratio_cell(&table, side->notified, messages);
        ratio_cell(&table, side->notified, seconds);
        table_count(&table, side->woken);
        ratio_cell(&table, stats_traps(side), messages);
        ratio_cell(&table, stats_traps(side), seconds);
        table_count(&table, side->interrupted);
        ratio_cell(&table, side->interrupted, messages);
        ratio_cell(&table, side->interrupted, seconds);
    }
    stat_print_more(2 * stats->conn_count);
}

/* What they waited for longest, and what those that are left wait for; `*all`: how long in all. */
static void waits_text(const stat_view_t *view, const stats_coros_t *row, uint64_t *all, char *text,
                       size_t size)
{
    uint64_t left = 0;
    unsigned longest = 0;
    for (unsigned why = 0; why < STATS_CORO_WAITS; why++) {
        *all += row->waited[why];
        left += row->waiting[why];
        longest = row->waited[why] > row->waited[longest] ? why : longest;
    }
    int n = 0;
    text[0] = 0;
    if (*all) {
        n = snprintf(text, size, "%s %.0f%%", stat_value_name(view->model, "coro_wait", longest),
                     100 * (double)row->waited[longest] / (double)*all);
    }
    for (unsigned why = 0; left && why < STATS_CORO_WAITS && n >= 0 && (size_t)n < size; why++) {
        if (row->waiting[why]) {
            n += snprintf(text + n, size - (size_t)n, "; %" PRIu64 " still wait: %s",
                          row->waiting[why], stat_value_name(view->model, "coro_wait", why));
        }
    }
}

static void print_coros(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"COROUTINES", 28, true, 0}, {"count", 7, false, 0}, {"most", 6, false, 4},
        {"runs", 9, false, 0},       {"run", 9, false, 0},   {"ready", 9, false, 2},
        {"waited", 9, false, 0},     {"for", 40, true, 1},
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->coro_count && i < STAT_MAX_ROWS; i++) {
        const stats_coros_t *row = stats->coros[i];
        char name[MODEL_NAME_MAX + SCHEMA_STR_SIZE + 8], waits[96];
        uint64_t waited = 0;
        snprintf(name, sizeof(name), "%s: %s", row->thread, row->name);
        waits_text(view, row, &waited, waits, sizeof(waits));
        table_text(&table, name);
        table_count(&table, row->seen);
        table_count(&table, row->most);
        table_count(&table, row->runs);
        table_time(&table, row->ran, row->runs);
        table_time(&table, row->ready, true);
        table_time(&table, waited, true);
        table_text(&table, waits);
    }
    stat_print_more(stats->coro_count);
}

/* Percentiles are of the whole way if the program tells of it, else of the kernel's part. */
static void print_calls(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"ASYNC SYSTEM CALLS OF", 28, true, 0},
        {"rings", 6, false, 5},
        {"broken", 6, false, 6},
        {"taken", 9, false, 1},
        {"answered", 9, false, 0},
        {"failed", 7, false, 0},
        {"deepest", 7, false, 4},
        STAT_HISTOGRAM_COLUMNS,
        {"~wait", 9, false, 2},
        {"~kernel", 9, false, 2},
        {"~back", 9, false, 3},
    };
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < view->stats->async_count; i++) {
        const stats_async_t *a = view->stats->async[i];
        table_text(&table, a->thread);
        table_count(&table, a->rings);
        table_count(&table, a->broken);
        table_count(&table, a->taken);
        table_count(&table, a->answered);
        table_count(&table, a->failed);
        table_count(&table, a->deepest);
        stat_cells(&table, a->total.count ? &a->total : &a->latency);
        mean_cell(&table, &a->wait);
        mean_cell(&table, &a->latency);
        mean_cell(&table, &a->back);
    }
}

void stat_print_async(const stat_view_t *view)
{
    print_conns(view);
    print_notified(view);
    print_coros(view);
    print_calls(view);
}
