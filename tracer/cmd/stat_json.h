/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that print u4 stat --json share. */
#ifndef TRACER_STAT_JSON_H
#define TRACER_STAT_JSON_H

#include <jansson.h>

#include "stat.h"

void stat_set(json_t *object, const char *key, uint64_t value);
/* What is not UTF-8 becomes "?". */
void stat_set_text(json_t *object, const char *key, const char *text);
json_t *stat_json_histogram(const histogram_t *h);

/* stat_json_async.c */
json_t *stat_json_async_calls(const stats_t *stats);
json_t *stat_json_connections(const stats_t *stats);
json_t *stat_json_coroutines(const stats_t *stats, const model_t *model);

#endif
