/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sink that keeps what every thread did within a stretch of time: in which state it was, from
 * when to when, and who had to do with it. Its memory grows with the stretch. Times are ns since
 * the guest's clock began.
 */
#ifndef U4TRACE_WAITS_H
#define U4TRACE_WAITS_H

#include "u4trace/pipeline.h"

#define WAITS_NONE UINT32_MAX

typedef struct {
    uint64_t from, until;
    uint32_t other;  /* row of who answers, wakes, takes or, if it was ready, ... ; WAITS_NONE */
    uint32_t object; /* reference of the endpoint or notification; 0: none known */
    int16_t hart;    /* where it ran, or had run; -1 unknown */
    uint8_t state;   /* thread_state_t */
    uint8_t priority;
} waits_interval_t;

typedef struct {
    uint32_t uid, ref;
    char name[MODEL_NAME_MAX];
    bool idle;
    waits_interval_t *intervals; /* in order, without gaps while it lived */
    uint32_t count, room;
} waits_row_t;

typedef struct waits {
    waits_row_t *rows; /* one per thread's life */
    uint32_t count;
    uint64_t from, until; /* of the stretch; 0 and 0: nothing happened in it */
    uint64_t origin;      /* time of the trace's first record */
    struct waits_private *private;
} waits_t;

waits_t *waits_new(void);
void waits_free(waits_t *waits);

/* `self` is the waits_t. Choose the stretch by pipeline_set_range(). */
extern const sink_ops_t waits_sink;

/* How long a row was in `state` within [from, until). */
uint64_t waits_time_in(const waits_row_t *row, thread_state_t state, uint64_t from, uint64_t until);

/* The row's first interval that ends behind `from`. */
uint32_t waits_find(const waits_row_t *row, uint64_t from);

#endif
