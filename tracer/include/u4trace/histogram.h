/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Distributions of durations in constant memory: 16 buckets per power of two, so a percentile is
 * exact to about 6 %; count, sum, least and greatest are exact.
 */
#ifndef U4TRACE_HISTOGRAM_H
#define U4TRACE_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 4,
    HISTOGRAM_BUCKETS = (48 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS, /* up to 2^48 */
};

typedef struct {
    uint64_t count, sum, min, max;
    uint32_t buckets[HISTOGRAM_BUCKETS];
} histogram_t;

void histogram_add(histogram_t *histogram, uint64_t value);

/* The value below which `percent` (0..100) of all values lie; 0 if there are none. */
uint64_t histogram_percentile(const histogram_t *histogram, double percent);

uint64_t histogram_mean(const histogram_t *histogram);

#endif
