/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/histogram.h"

enum { SUB = 1 << HISTOGRAM_SUB_BITS };

static unsigned bucket_of(uint64_t value)
{
    if (value < SUB) {
        return (unsigned)value;
    }
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    unsigned shift = power - HISTOGRAM_SUB_BITS;
    unsigned bucket = ((shift + 1) << HISTOGRAM_SUB_BITS) + (unsigned)(value >> shift & (SUB - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The greatest value that falls into a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
    if (bucket < SUB) {
        return bucket;
    }
    if (bucket == HISTOGRAM_BUCKETS - 1) {
        return UINT64_MAX;
    }
    unsigned shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    return (((uint64_t)SUB + (bucket & (SUB - 1)) + 1) << shift) - 1;
}

void histogram_add(histogram_t *histogram, uint64_t value)
{
    histogram->min = histogram->count == 0 || value < histogram->min ? value : histogram->min;
    histogram->max = value > histogram->max ? value : histogram->max;
    histogram->count++;
    histogram->sum += value;
    histogram->buckets[bucket_of(value)]++;
}

uint64_t histogram_percentile(const histogram_t *histogram, double percent)
{
    if (histogram->count == 0) {
        return 0;
    }
    uint64_t rank = (uint64_t)(percent / 100 * (double)histogram->count + 0.5);
    rank = rank < 1 ? 1 : rank;
    uint64_t below = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        if (below >= rank) {
            uint64_t end = bucket_end(i);
            end = end < histogram->max ? end : histogram->max;
            return end > histogram->min ? end : histogram->min;
        }
    }
    return histogram->max;
}

uint64_t histogram_mean(const histogram_t *histogram)
{
    return histogram->count ? histogram->sum / histogram->count : 0;
}
