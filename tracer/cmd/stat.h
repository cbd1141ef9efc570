/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways in which u4 stat prints. */
#ifndef TRACER_STAT_H
#define TRACER_STAT_H

#include "table.h"
#include "u4trace/stats.h"

enum { STAT_MAX_ROWS = 40 /* of a table for people */ };

typedef struct {
    const stats_t *stats;
    const model_t *model;
    const trace_info_t *info;
    const char *file;
    unsigned width; /* of the terminal; 0: as wide as it comes */
    bool parts;     /* latencies in their parts, and why paths were slow */
} stat_view_t;

void stat_print_text(const stat_view_t *view);

/* stat_ipc.c: messages, notifications, user interrupts. */
void stat_print_messages(const stat_view_t *view);
void stat_print_signals(const stat_view_t *view);

/* stat_async.c: connections, coroutines, async system calls. */
void stat_print_async(const stat_view_t *view);
/* What rates are per second of: the time between the first and the last event that counts. */
double stat_seconds(const stats_t *stats);

/* stat_time.c: scheduling contexts; what a context's budget comes to over the trace. */
void stat_print_time(const stat_view_t *view);
uint64_t stat_budget_ns(const stats_t *stats, const stats_time_t *row);

/* stat_caps.c: capabilities by type, and by who made them over time. */
void stat_print_caps(const stat_view_t *view);
/* Of one type, whoever made them: how many were made and deleted; false if none. */
bool stat_caps_of_type(const stats_t *stats, unsigned type, uint64_t *made, uint64_t *deleted);

/* p50, p90, p99 and max of a distribution: four cells; "-" if it is empty. */
#define STAT_HISTOGRAM_COLUMNS \
    {"p50", 9, false, 0}, {"p90", 9, false, 4}, {"p99", 9, false, 0}, \
    { \
        "max", 9, false, 0 \
    }
void stat_cells(table_t *table, const histogram_t *h);
/* Says how many of COUNT rows are not shown. */
void stat_print_more(size_t count);

/* False, with the reason, if it cannot be written. */
bool stat_print_json(const stats_t *stats, const model_t *model, const trace_info_t *info,
                     u4_error_t *err);

/* stat_rates.c: a sink that prints a line for each interval of guest time. Rows for programs are
 * JSON objects, one per line. */
typedef struct stat_rates stat_rates_t;
stat_rates_t *stat_rates_new(uint64_t interval_ns, unsigned width, bool json);
void stat_rates_free(stat_rates_t *rates);
extern const sink_ops_t stat_rates_sink;

/* Names of values of the trace's own table, or "?". */
const char *stat_value_name(const model_t *model, const char *enumeration, uint64_t value);
const char *stat_value_text(const model_t *model, const char *enumeration, uint64_t value);

#endif
