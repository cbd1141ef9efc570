/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's side of triggers (abi/trace/trigger.h), for trace.c and keys.c. */
#ifndef KERNEL_TRACE_TRIGGER_H
#define KERNEL_TRACE_TRIGGER_H

#include "abi/trace/trigger.h"
#include "kernel/types.h"

#if defined(U4_TRACE) && U4_TRACE
enum { TRIGGERS_ALIGN_BITS = 6 };
extern trace_trigger_t u4_trace_triggers[TRACE_TRIGGERS];

/* Where the ring's records end. */
ALWAYS_INLINE word_t ring_end(const trace_ring_t *ring)
{
    return ring->base + ring->capacity * sizeof(trace_record_t);
}
/* A record was published, with that number in the ring: lets triggers look at it. */
void trace_watch(trace_ring_t *ring, const trace_record_t *record, word_t position);
/* Sets `end` for the ring's next record. */
void trace_set_end(trace_ring_t *ring);
/* Follows what has been armed. */
void trace_watch_sync(void);
/* Publishes the record at `next`, wherever in the ring that is (trace.c). */
void trace_publish(trace_ring_t *ring);
/* Where debuggers stop: called by TRACE_TRIGGER_STOP. */
void u4_trace_stop(const trace_trigger_t *trigger);
#endif

#endif
