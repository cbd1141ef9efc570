/* SPDX-License-Identifier: BSD-2-Clause */
/* u4 stat: messages by kind, endpoint and pair; notifications, user interrupts. */
#include <stdio.h>

#include "stat.h"

#define LATENCY_COLUMNS \
    {"count", 10, false, 0}, STAT_HISTOGRAM_COLUMNS, {"~wait", 9, false, 3}, \
        {"~run", 9, false, 3}, {"~reply", 9, false, 5}, {"fast %", 6, false, 2}, \
    { \
        "cancelled", 9, false, 6 \
    }

void stat_cells(table_t *table, const histogram_t *h)
{
    static const double points[] = {50, 90, 99};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        table_time(table, histogram_percentile(h, points[i]), h->count);
    }
    table_time(table, h->max, h->count);
}

static void latency_cells(table_t *table, const stats_latency_t *l)
{
    table_count(table, l->count);
    stat_cells(table, &l->total);
    table_time(table, histogram_mean(&l->wait), l->wait.count);
    table_time(table, histogram_mean(&l->run), l->run.count);
    table_time(table, histogram_mean(&l->reply), l->reply.count);
    table_percent(table, l->fast, l->fast + l->slow_sum);
    if (l->cancelled) {
        table_count(table, l->cancelled);
    } else {
        table_text(table, "");
    }
}

static void part_row(table_t *table, const char *name, const histogram_t *h)
{
    enum { AFTER_HISTOGRAM = 5 };
    table_text(table, name);
    table_count(table, h->count);
    stat_cells(table, h);
    for (unsigned i = 0; i < AFTER_HISTOGRAM; i++) {
        table_text(table, "");
    }
}

static void latency_parts(const stat_view_t *view, table_t *table, const stats_latency_t *l)
{
    const struct {
        const char *name;
        const histogram_t *h;
    } parts[] = {{"  wait", &l->wait}, {"  run", &l->run}, {"  reply", &l->reply}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].h->count) {
            part_row(table, parts[i].name, parts[i].h);
        }
    }
    for (unsigned why = 0; why < STATS_SLOW_REASONS; why++) {
        if (l->slow[why]) {
            const char *text = stat_value_text(view->model, "slow_reason", why);
            printf("  %u slow: %s\n", l->slow[why], *text ? text : "(no reason given)");
        }
    }
}

static void latency_row(const stat_view_t *view, table_t *table, const char *name,
                        const stats_latency_t *l)
{
    table_text(table, name);
    latency_cells(table, l);
    if (view->parts) {
        latency_parts(view, table, l);
    }
}

void stat_print_more(size_t count)
{
    if (count > STAT_MAX_ROWS) {
        printf("... and %zu more (u4 stat --json has all)\n", count - STAT_MAX_ROWS);
    }
}

static void print_kinds(const stat_view_t *view)
{
    static const table_column_t columns[] = {{"MESSAGES", 24, true, 0}, LATENCY_COLUMNS};
    TABLE(table, columns, view->width);
    for (unsigned kind = 0; kind < STATS_IPC_KINDS; kind++) {
        const stats_latency_t *l = &view->stats->kinds[kind];
        if (l->count || l->cancelled) {
            latency_row(view, &table, stat_value_name(view->model, "ipc_kind", kind), l);
        }
    }
}

static void print_endpoints(const stat_view_t *view)
{
    static const table_column_t columns[] = {{"ENDPOINT", 24, true, 0}, LATENCY_COLUMNS};
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->endpoint_count && i < STAT_MAX_ROWS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "0x%x", stats->endpoints[i]->ref);
        latency_row(view, &table, name, &stats->endpoints[i]->latency);
    }
    stat_print_more(stats->endpoint_count);
}

static void print_pairs(const stat_view_t *view)
{
    static const table_column_t narrow[] = {{"SENDER -> RECEIVER", 24, true, 0}, LATENCY_COLUMNS};
    static const table_column_t wide[] = {{"SENDER -> RECEIVER", 36, true, 0}, LATENCY_COLUMNS};
    const stats_t *stats = view->stats;
    bool is_wide = !view->width || view->width >= 120;
    table_t table;
    table_init(&table, is_wide ? wide : narrow, sizeof(wide) / sizeof(wide[0]), view->width);
    for (size_t i = 0; i < stats->pair_count && i < STAT_MAX_ROWS; i++) {
        const stats_pair_t *pair = stats->pairs[i];
        char name[2 * MODEL_NAME_MAX + 8];
        snprintf(name, sizeof(name), "%s -> %s", pair->client, pair->server);
        latency_row(view, &table, name, &pair->latency);
    }
    stat_print_more(stats->pair_count);
}

void stat_print_messages(const stat_view_t *view)
{
    print_kinds(view);
    print_endpoints(view);
    print_pairs(view);
}

static void print_ntfns(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"NOTIFICATION", 24, true, 0}, {"signals", 10, false, 0}, {"woke", 10, false, 0},
        {"merged", 10, false, 0},      {"polled", 10, false, 1},  STAT_HISTOGRAM_COLUMNS,
    };
    const stats_t *stats = view->stats;
    TABLE(table, columns, view->width);
    for (size_t i = 0; i < stats->ntfn_count && i < STAT_MAX_ROWS; i++) {
        const stats_ntfn_t *n = stats->ntfns[i];
        char name[16];
        snprintf(name, sizeof(name), "0x%x", n->ref);
        table_text(&table, name);
        table_count(&table, n->signals);
        table_count(&table, n->woke);
        table_count(&table, n->merged);
        table_count(&table, n->received);
        stat_cells(&table, &n->latency);
    }
    stat_print_more(stats->ntfn_count);
}

static void print_uintr(const stat_view_t *view)
{
    static const table_column_t columns[] = {
        {"USER INTERRUPTS", 24, true, 0}, {"sent", 10, false, 0},    {"coalesced", 10, false, 0},
        {"delivered", 10, false, 0},      {"dropped", 10, false, 1}, STAT_HISTOGRAM_COLUMNS,
    };
    const model_uintr_t *u = &view->model->uintr;
    TABLE(table, columns, view->width);
    if (u->sent || u->delivered || u->ignored) {
        table_text(&table, "");
        table_count(&table, u->sent);
        table_count(&table, u->coalesced);
        table_count(&table, u->delivered);
        table_count(&table, u->dropped);
        stat_cells(&table, &view->stats->uintr_latency);
    }
}

void stat_print_signals(const stat_view_t *view)
{
    print_ntfns(view);
    print_uintr(view);
    stat_print_async(view);
}
