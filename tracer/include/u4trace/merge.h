/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings to one stream, in causal order: by time; records of the same time as they say themselves
 * (merge_set_after), else by ring, each ring in its own order. Rings are fed in rounds: a round brings everything that had been published
 * before it began, so once a round is over, whatever is older than the newest record of the round
 * before can be given out. Memory is bounded by two rounds; should a round never end (a
 * damaged file), the fullest queue pushes the merge on.
 */
#ifndef U4TRACE_MERGE_H
#define U4TRACE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"

enum { MERGE_MAX_RINGS = 256 };

typedef struct merge merge_t;

typedef struct {
    const trace_record_t *records; /* valid until the next merge_ call */
    size_t count;                  /* a run of one ring; 0: only a loss at the ring's end */
    uint64_t position;             /* of the first */
    uint64_t lost;                 /* records of this ring missing right before the first */
    uint32_t ring;
} merge_run_t;

merge_t *merge_new(void);
void merge_free(merge_t *merge);

/* Adds records of a ring; `first` is the position of the first of them. A gap to what came before
 * is a loss; before a ring's first call there is none. Zero records only tell the position.
 * False: ring number out of range, or records that go back in their ring. */
bool merge_push(merge_t *merge, uint32_t ring, uint64_t first, const trace_record_t *records,
                size_t count);

/* Ends a round. */
void merge_round(merge_t *merge);

/* No more records will come: everything may be given out. */
void merge_finish(merge_t *merge);

/* The next run in order; false if more input is needed first. */
bool merge_next(merge_t *merge, merge_run_t *run);

/* Records that came out behind a newer one of another ring, because they were published later
 * than a whole round after their time. */
uint64_t merge_late(const merge_t *merge);

/*
 * Breaks ties between rings: returns true if `b` of ring `ring_b`, of the same time, must come
 * before `a` of `ring_a` (a wake before the switch that it led to, a signal before the wake).
 * NULL: by ring number.
 */
typedef bool merge_tie_fn(void *context, uint32_t ring_a, const trace_record_t *a, uint32_t ring_b,
                          const trace_record_t *b);
void merge_set_tie(merge_t *merge, merge_tie_fn *tie, void *context);

/*
 * Records that say whom they follow: one whose event is `event` and for which the callback returns
 * true does not go out before the first `*position` records of `*ring`, where the clock allows it:
 * clocks of harts differ by a tick at most, so only records up to one tick younger are waited for.
 * What is missing there and will not come (a loss, the end) is not waited for.
 */
typedef bool merge_after_fn(void *context, const trace_record_t *record, uint32_t *ring,
                            uint64_t *position);
void merge_set_after(merge_t *merge, uint16_t event, merge_after_fn *after, void *context);

/* Records that said whom they follow, and cannot be right: they went out by the clock. */
uint64_t merge_wrong(const merge_t *merge);

#endif
