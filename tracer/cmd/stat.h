/* SPDX-License-Identifier: BSD-2-Clause */
/* The two ways in which u4 stat prints. */
#ifndef TRACER_STAT_H
#define TRACER_STAT_H

#include "u4trace/stats.h"

void stat_print_text(const stats_t *stats, const model_t *model, const trace_info_t *info,
                     const char *file, unsigned width);

/* False, with the reason, if it cannot be written. */
bool stat_print_json(const stats_t *stats, const model_t *model, const trace_info_t *info,
                     u4_error_t *err);

/* Names of values of the trace's own table, or "?". */
const char *stat_value_name(const model_t *model, const char *enumeration, uint64_t value);
const char *stat_value_text(const model_t *model, const char *enumeration, uint64_t value);

#endif
