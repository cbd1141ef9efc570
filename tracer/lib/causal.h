/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cause before effect where two harts' records have the same time: the clock that they share has
 * fewer ticks than the harts have instructions. What kernels write for several harts says so itself,
 * exactly: smp.order. For all else (user rings, records that were lost), a record that names a
 * thread (a message to it, its wake, a signal that woke it) comes before the one in which that
 * thread runs or is switched to.
 */
#ifndef TRACER_CAUSAL_H
#define TRACER_CAUSAL_H

#include "u4trace/merge.h"
#include "u4trace/schema.h"

enum { CAUSAL_FIELDS = 2 };

typedef struct {
    const schema_field_t *names[TRACE_MAX_EVENTS][CAUSAL_FIELDS]; /* fields of type thread */
    uint16_t switch_id, order_id;                                 /* 0: no such event */
    const schema_field_t *order_hart, *order_position;
    uint32_t ring_of[TRACE_MAX_HARTS];
} causal_t;

void causal_init(causal_t *causal, const schema_t *schema);

/* For merge_set_tie(); `context` is the causal_t. */
bool causal_tie(void *context, uint32_t ring_a, const trace_record_t *a, uint32_t ring_b,
                const trace_record_t *b);

/* Says which ring is a hart's; until then its number is the hart's. */
void causal_ring(causal_t *causal, uint32_t ring, uint32_t hart);
/* For merge_set_after() with the event order_id: the ring and position that smp.order names. */
bool causal_after(void *context, const trace_record_t *record, uint32_t *ring, uint64_t *position);

#endif
