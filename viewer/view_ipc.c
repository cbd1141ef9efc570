/* SPDX-License-Identifier: BSD-2-Clause */
/* Who sends to whom, how long it takes, and where that time goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "trace/ids.h"
#include "views.h"

enum {
    COLUMN_PAIR,
    COLUMN_KIND,
    COLUMN_COUNT,
    COLUMN_P50,
    COLUMN_P99,
    COLUMN_MAX,
    COLUMN_WAIT,
    COLUMN_RUN,
    COLUMN_REPLY,
    COLUMN_ENDPOINT,
    COLUMN_HISTOGRAM
};

static const column_t columns[] = {
    [COLUMN_PAIR] = {.title = "SENDER > RECEIVER", .width = 21, .sorts = true},
    [COLUMN_KIND] = {.title = "KIND", .width = 6, .need = 60},
    [COLUMN_COUNT] = {.title = "COUNT", .width = 7, .right = true, .sorts = true},
    [COLUMN_P50] = {.title = "p50", .width = 8, .right = true, .need = 60, .sorts = true},
    [COLUMN_P99] = {.title = "p99", .width = 8, .right = true, .need = 60, .sorts = true},
    [COLUMN_MAX] = {.title = "MAX", .width = 8, .right = true, .sorts = true},
    [COLUMN_WAIT] = {.title = "~WAIT", .width = 8, .right = true, .need = 120, .sorts = true},
    [COLUMN_RUN] = {.title = "~RUN", .width = 8, .right = true, .need = 120, .sorts = true},
    [COLUMN_REPLY] = {.title = "~REPLY", .width = 8, .right = true, .need = 120, .sorts = true},
    [COLUMN_ENDPOINT] = {.title = "ENDPOINT", .width = 8, .need = 120},
    [COLUMN_HISTOGRAM] = {.title = "LATENCY, min to max", .need = 70},
};

static uint64_t rows(app_t *app)
{
    return app->index->pair_count;
}

static const char *kind_name(const app_t *app, unsigned kind)
{
    const schema_event_t *transfer = schema_find_event(app->schema, "ipc.transfer");
    const schema_field_t *field = transfer ? schema_find_field(transfer, "kind") : NULL;
    const schema_value_t *value = field ? schema_value(field->values, kind) : NULL;
    return value ? value->name : "?";
}

/* As many bars as fit into twelve columns: how latencies are spread between least and greatest,
 * by powers of two's sixteenths put together. */
static void histogram_text(const histogram_t *histogram, char *text, size_t size)
{
    enum { BARS = 11 };
    uint64_t sums[BARS] = {0}, most = 0;
    unsigned first = HISTOGRAM_BUCKETS, last = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (histogram->buckets[i]) {
            first = first == HISTOGRAM_BUCKETS ? i : first;
            last = i;
        }
    }
    for (unsigned i = first; i <= last && first < HISTOGRAM_BUCKETS; i++) {
        sums[(i - first) * BARS / (last - first + 1)] += histogram->buckets[i];
    }
    for (unsigned i = 0; i < BARS; i++) {
        most = sums[i] > most ? sums[i] : most;
    }
    text[0] = 0;
    for (unsigned i = 0; i < BARS && most; i++) {
        unsigned eighths = (unsigned)((sums[i] * 8 + most - 1) / most);
        strncat(text, glyph_bar(eighths), size - strlen(text) - 1);
    }
}

static void part_text(const pair_t *pair, uint64_t sum, char *text, size_t size)
{
    if (pair->latency.count) {
        ns_text(sum / pair->latency.count, text, size);
    } else {
        snprintf(text, size, "-");
    }
}

static void percent_text(const pair_t *pair, double percent, char *text, size_t size)
{
    part_text(pair, pair->latency.count * histogram_percentile(&pair->latency, percent), text,
              size);
}

static style_t cell(app_t *app, uint64_t row, unsigned column, char *text, size_t size)
{
    const pair_t *pair = app->index->pairs[row];
    switch (column) {
    case COLUMN_PAIR:
        snprintf(text, size, "%s > %s", index_name(app->index, pair->client),
                 index_name(app->index, pair->server));
        break;
    case COLUMN_KIND: snprintf(text, size, "%s", kind_name(app, pair->kind)); return STYLE_SENDING;
    case COLUMN_COUNT: count_text(pair->latency.count + pair->cancelled, text, size); break;
    case COLUMN_P50: percent_text(pair, 50, text, size); break;
    case COLUMN_P99: percent_text(pair, 99, text, size); break;
    case COLUMN_MAX: percent_text(pair, 100, text, size); break;
    case COLUMN_WAIT: part_text(pair, pair->wait, text, size); return STYLE_DIM;
    case COLUMN_RUN: part_text(pair, pair->run, text, size); return STYLE_DIM;
    case COLUMN_REPLY: part_text(pair, pair->reply, text, size); return STYLE_DIM;
    case COLUMN_ENDPOINT: snprintf(text, size, "%08x", pair->endpoint); return STYLE_DIM;
    default: histogram_text(&pair->latency, text, size); return STYLE_RUNNING;
    }
    return STYLE_NORMAL;
}

static double sort_key(app_t *app, uint64_t row, unsigned column)
{
    const pair_t *pair = app->index->pairs[row];
    double n = pair->latency.count ? (double)pair->latency.count : 1;
    switch (column) {
    case COLUMN_PAIR: return -(double)row;
    case COLUMN_P50: return (double)histogram_percentile(&pair->latency, 50);
    case COLUMN_P99: return (double)histogram_percentile(&pair->latency, 99);
    case COLUMN_MAX: return (double)pair->latency.max;
    case COLUMN_WAIT: return (double)pair->wait / n;
    case COLUMN_RUN: return (double)pair->run / n;
    case COLUMN_REPLY: return (double)pair->reply / n;
    default: return (double)(pair->latency.count + pair->cancelled);
    }
}

static const void *subject(const app_t *app, uint64_t row)
{
    return app->index->pairs[row];
}

/* The end of the slowest. */
static bool place(app_t *app, uint64_t row, uint64_t *time, uint64_t *event)
{
    *event = app->index->pairs[row]->worst_row;
    *time = spool_time(&app->index->spool, *event);
    return true;
}

static const table_ops_t table = {
    .columns = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .rows = rows,
    .cell = cell,
    .place = place,
    .sort_key = sort_key,
    .subject = subject,
    .sort = COLUMN_COUNT,
};

static const help_t help[] = {
    {"s r", "sort by the next column, the other way round"},
    {"Enter", "to the end of the slowest message of the pair; then f and F follow it"},
    {"w W", "next, previous message slower than the bound that :slow sets"},
    {"", "~WAIT until it was received, ~RUN until the reply, ~REPLY until the sender ran."},
    {NULL, NULL},
};

const view_t view_ipc = {
    .name = "IPC",
    .summary = "senders, receivers and latencies",
    .help = help,
    .bar = "s Sort|r Reverse|Enter Slowest|w Slow|/ Search|? Help|q Quit",
    .table = &table,
};
