/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several events of one kernel entry, written with one reading of the clock and published
 * together: what the fast path's traced twins use. Between trace_batch_begin() and
 * trace_batch_end() nothing else may emit, and no more than TRACE_BATCH_MAX events.
 */
#ifndef KERNEL_TRACE_BATCH_H
#define KERNEL_TRACE_BATCH_H

#include "kernel/trace/trace.h"

typedef struct {
    trace_record_t *at;
    word_t mask; /* the first word: all that a batch may hold */
    word_t time;
} trace_batch_t;

#if defined(U4_TRACE) && U4_TRACE

/* Is there room for a batch before the ring's end, and no filter? If not, its events go out one by
 * one. */
ALWAYS_INLINE bool trace_batch_fits(void)
{
    trace_in_order();
    return !trace_site(TRACE_KEY_FILTER) &&
           LIKELY(hart->trace.next + TRACE_BATCH_MAX * sizeof(trace_record_t) < hart->trace.end);
}

ALWAYS_INLINE trace_batch_t trace_batch_begin(void)
{
    return (trace_batch_t){(trace_record_t *)hart->trace.next, hart->trace.mask[0], trace_time()};
}

ALWAYS_INLINE void trace_batch_end(const trace_batch_t *batch)
{
    trace_store_fence();
    *(volatile word_t *)&hart->trace.next = (word_t)batch->at;
}

/* Into the batch or, where that is NULL, out at once. */
#define TRACE_BATCH(batch, event_name, thread_ref, ...) \
    do { \
        _Static_assert(TRACE_WORD_##event_name == 0, "in the mask's first word"); \
        if (!(batch)) { \
            TRACE_OF(event_name, thread_ref, __VA_ARGS__); \
        } else if (trace_bit((batch)->mask, TRACE_ID_##event_name)) { \
            (batch)->at->time = (batch)->time; \
            (batch)->at->thread = (thread_ref); \
            trace_fill_##event_name((batch)->at, __VA_ARGS__); \
            (batch)->at++; \
        } \
    } while (0)

#else

ALWAYS_INLINE bool trace_batch_fits(void)
{
    return true;
}
ALWAYS_INLINE trace_batch_t trace_batch_begin(void)
{
    return (trace_batch_t){NULL, 0, 0};
}
ALWAYS_INLINE void trace_batch_end(const trace_batch_t *batch)
{
    (void)batch;
}
#define TRACE_BATCH(batch, event_name, thread_ref, ...) \
    ((void)(batch), (void)sizeof(trace_unused(0, thread_ref, ##__VA_ARGS__)))

#endif
#endif
