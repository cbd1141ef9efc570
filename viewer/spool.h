/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every event of a trace in its final order, by row number: a series (see there), of which each
 * row is a record and what only the replay knew of it.
 */
#ifndef VIEWER_SPOOL_H
#define VIEWER_SPOOL_H

#include "abi/trace/layout.h"
#include "series.h"

typedef struct {
    trace_record_t record;
    uint32_t thread;  /* uid of the current thread; 0: none */
    uint32_t other;   /* uid of the second thread; 0: none */
    uint32_t call;    /* low bits of the call's id that the event belongs to; 0: none */
    uint32_t waited;  /* ticks, saturated: see event_t */
    uint32_t effects; /* EFFECT_* */
    uint8_t ring;
    uint8_t hart;      /* 255: a user ring */
    uint64_t position; /* in its ring */
} row_t;

typedef struct {
    series_t rows;
    uint64_t count;
} spool_t;

void spool_append(spool_t *spool, series_pool_t *pool, const row_t *row);

row_t spool_row(const spool_t *spool, uint64_t row);

static inline uint64_t spool_time(const spool_t *spool, uint64_t row)
{
    return spool_row(spool, row).record.time;
}

/* The first row at or after `time`; the count if there is none. */
static inline uint64_t spool_find(const spool_t *spool, uint64_t time)
{
    return series_before(&spool->rows, time);
}

#endif
