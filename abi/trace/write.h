/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer's half of the ring protocol (layout.h), shared by the kernel and the user-space
 * runtime. One writer per ring; in the kernel interrupts are off, so nothing nests.
 */
#ifndef ABI_TRACE_WRITE_H
#define ABI_TRACE_WRITE_H

#include "abi/trace/layout.h"

/* Orders earlier stores before later ones, for a reader on another hart or on the host. */
#define trace_store_fence() __asm__ volatile("fence w,w" ::: "memory")

static inline uint64_t trace_time(void)
{
    uint64_t now;
    __asm__ volatile("rdtime %0" : "=r"(now));
    return now;
}

/* The ring is full to its end: go on at its first record, one lap later. For trace_wrap(). */
static inline void trace_next_lap(volatile trace_ring_t *ring)
{
    if (ring->mode == TRACE_MODE_ONESHOT)
        for (unsigned i = 0; i < TRACE_MASK_WORDS; i++)
            ring->mask[i] = 0;
    ring->lap_pending = ring->laps + 1;
    trace_store_fence();
    ring->next = ring->base;
    trace_store_fence();
    ring->laps = ring->lap_pending;
    trace_store_fence();
}

/* Once per writer, out of line: trace_next_lap(). */
void trace_wrap(trace_ring_t *ring);

/* How trace_end() gets there; a writer may have a cheaper way to call it. */
#ifndef TRACE_WRAP
#define TRACE_WRAP(ring) trace_wrap(ring)
#endif

/* The ring that is meant; a writer with one only may name it, so that compilers see where it is. */
#ifndef TRACE_RING
#define TRACE_RING(ring) (ring)
#endif

static inline __attribute__((always_inline)) trace_record_t *trace_begin(const trace_ring_t *ring,
                                                                         uint32_t thread)
{
    trace_record_t *record = (trace_record_t *)TRACE_RING(ring)->next;
    (void)ring;
    record->time = trace_time();
    record->thread = thread;
    return record;
}

static inline __attribute__((always_inline)) void trace_end(trace_ring_t *ring,
                                                            trace_record_t *record)
{
    uint64_t next = (uint64_t)(record + 1);
    (void)ring;
    if (__builtin_expect(next == TRACE_RING(ring)->end, 0)) {
        TRACE_WRAP(ring);
    } else {
        trace_store_fence();
        *(volatile uint64_t *)&TRACE_RING(ring)->next = next;
    }
}

#endif
