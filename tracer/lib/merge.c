/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/merge.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum {
    QUEUE_ROOM = 4096,
    QUEUED_MAX = 4 << 20, /* records in all queues, before rounds are ignored */
};

/* Records that follow each other without a gap, from `from` (index into the queue) on. */
typedef struct {
    uint64_t position, lost;
    size_t from;
} segment_t;

typedef struct {
    trace_record_t *records;
    size_t start, end, room;
    segment_t *segments; /* of what is in the queue; the first one holds `start` */
    size_t segment_start, segment_end, segment_room;
    uint64_t expected; /* position */
    uint64_t lost;     /* before `expected`, not yet part of a segment */
    bool seen;
} queue_t;

struct merge {
    queue_t queues[MERGE_MAX_RINGS];
    uint64_t heads[MERGE_MAX_RINGS]; /* time of each queue's first record; UINT64_MAX: none */
    uint32_t rings;                  /* highest seen + 1 */
    uint32_t active;                 /* rings seen */
    size_t queued;
    uint64_t newest;       /* time of all that was pushed */
    uint64_t newest_round; /* the same at the end of the last round */
    uint64_t release;      /* times below this one may go out */
    bool release_some;     /* anything may go out: finished, or too much queued */
    bool finished;
    uint64_t last_time;
    uint64_t late;
    uint64_t wrong; /* records whose order was not believed */
    merge_tie_fn *tie;
    void *tie_context;
    merge_after_fn *after;
    void *after_context;
    uint16_t after_event;
};

merge_t *merge_new(void)
{
    merge_t *merge = memory_new(1, sizeof(*merge));
    memset(merge->heads, 0xff, sizeof(merge->heads));
    return merge;
}

void merge_free(merge_t *merge)
{
    if (merge) {
        for (size_t i = 0; i < MERGE_MAX_RINGS; i++) {
            free(merge->queues[i].records);
            free(merge->queues[i].segments);
        }
        free(merge);
    }
}

void merge_set_tie(merge_t *merge, merge_tie_fn *tie, void *context)
{
    merge->tie = tie;
    merge->tie_context = context;
}

void merge_set_after(merge_t *merge, uint16_t event, merge_after_fn *after, void *context)
{
    merge->after_event = event;
    merge->after = after;
    merge->after_context = context;
}

uint64_t merge_late(const merge_t *merge)
{
    return merge->late;
}

uint64_t merge_wrong(const merge_t *merge)
{
    return merge->wrong;
}

/* Moves what is left to the front, or grows, so that `count` more fit. */
static void make_room(queue_t *queue, size_t count)
{
    if (queue->start == queue->end) {
        queue->start = queue->end = 0;
        queue->segment_start = queue->segment_end = 0;
    }
    if (queue->room - queue->end >= count) {
        return;
    }
    size_t left = queue->end - queue->start;
    if (queue->start) {
        memmove(queue->records, queue->records + queue->start, left * sizeof(trace_record_t));
        for (size_t i = queue->segment_start; i < queue->segment_end; i++) {
            size_t from = queue->segments[i].from;
            queue->segments[i].from = from > queue->start ? from - queue->start : 0;
        }
        queue->start = 0;
        queue->end = left;
    }
    if (queue->room - left < count) {
        size_t room = 2 * (left + count);
        queue->room = room < QUEUE_ROOM ? QUEUE_ROOM : room;
        queue->records = memory_grow(queue->records, queue->room, sizeof(trace_record_t));
    }
}

static void add_segment(queue_t *queue, uint64_t position)
{
    if (queue->segment_end == queue->segment_room) {
        size_t left = queue->segment_end - queue->segment_start;
        if (queue->segment_start > left) {
            memmove(queue->segments, queue->segments + queue->segment_start,
                    left * sizeof(segment_t));
        } else {
            left = queue->segment_end;
            queue->segment_room = queue->segment_room ? 2 * queue->segment_room : 16;
            queue->segments = memory_grow(queue->segments, queue->segment_room, sizeof(segment_t));
        }
        queue->segment_start = left == queue->segment_end ? queue->segment_start : 0;
        queue->segment_end = left;
    }
    queue->segments[queue->segment_end++] =
        (segment_t){.position = position, .lost = queue->lost, .from = queue->end};
    queue->lost = 0;
}

bool merge_push(merge_t *merge, uint32_t ring, uint64_t first, const trace_record_t *records,
                size_t count)
{
    if (ring >= MERGE_MAX_RINGS || first + count < first) {
        return false;
    }
    queue_t *queue = &merge->queues[ring];
    if (!queue->seen) {
        queue->seen = true;
        queue->expected = first;
        merge->active++;
        merge->rings = ring >= merge->rings ? ring + 1 : merge->rings;
    }
    if (first < queue->expected) {
        return false;
    }
    queue->lost += first - queue->expected;
    queue->expected = first + count;
    if (count == 0) {
        return true;
    }
    make_room(queue, count);
    if (queue->lost || queue->segment_start == queue->segment_end) {
        add_segment(queue, first);
    }
    memcpy(queue->records + queue->end, records, count * sizeof(*records));
    queue->end += count;
    merge->heads[ring] = queue->records[queue->start].time;
    merge->queued += count;
    uint64_t last = records[count - 1].time;
    merge->newest = last > merge->newest ? last : merge->newest;
    if (merge->queued > QUEUED_MAX) {
        merge->release_some = true;
    }
    return true;
}

void merge_round(merge_t *merge)
{
    /* One ring alone needs no waiting for others. With several, another record of the newest
     * time may still come. */
    bool alone = merge->active == 1 && merge->newest != UINT64_MAX;
    uint64_t release = alone ? merge->newest + 1 : merge->newest_round;
    merge->release = release > merge->release ? release : merge->release;
    merge->newest_round = merge->newest;
}

void merge_finish(merge_t *merge)
{
    merge->finished = true;
    merge->release_some = true;
}

/* What to do with the ring whose turn it is. */
typedef struct {
    uint32_t ring;  /* MERGE_MAX_RINGS: none */
    uint64_t below; /* times below this one belong to the run */
    bool one;       /* only one record: ties must be asked about again */
    bool wrong;     /* the first record says an order that cannot be */
} turn_t;

static bool comes_before(const merge_t *merge, uint32_t a, uint32_t b)
{
    const queue_t *qa = &merge->queues[a], *qb = &merge->queues[b];
    const trace_record_t *ra = &qa->records[qa->start], *rb = &qb->records[qb->start];
    if (ra->time != rb->time) {
        return ra->time < rb->time;
    }
    if (merge->tie && a < b) {
        return !merge->tie(merge->tie_context, a, ra, b, rb);
    }
    if (merge->tie) {
        return merge->tie(merge->tie_context, b, rb, a, ra);
    }
    return a < b;
}

/* The general case: a callback decides ties, or records have the largest time there is. */
static turn_t compare_all(const merge_t *merge)
{
    turn_t turn = {.ring = MERGE_MAX_RINGS, .below = UINT64_MAX};
    for (uint32_t i = 0; i < merge->rings; i++) {
        const queue_t *queue = &merge->queues[i];
        if (queue->start != queue->end &&
            (turn.ring == MERGE_MAX_RINGS || comes_before(merge, i, turn.ring))) {
            turn.ring = i;
        }
    }
    for (uint32_t i = 0; i < merge->rings; i++) {
        const queue_t *queue = &merge->queues[i];
        if (i == turn.ring || queue->start == queue->end) {
            continue;
        }
        uint64_t time = queue->records[queue->start].time;
        uint64_t below = time + (turn.ring < i && time != UINT64_MAX);
        if (merge->tie) {
            below = time;
            turn.one = true;
        }
        turn.below = below < turn.below ? below : turn.below;
    }
    return turn;
}

static turn_t whose_turn(const merge_t *merge)
{
    uint64_t first = UINT64_MAX, second = UINT64_MAX;
    uint32_t ring = MERGE_MAX_RINGS, other = MERGE_MAX_RINGS;
    for (uint32_t i = 0; i < merge->rings; i++) {
        uint64_t time = merge->heads[i];
        if (time < first) {
            second = first;
            other = ring;
            first = time;
            ring = i;
        } else if (time < second) {
            second = time;
            other = i;
        }
    }
    if ((merge->tie && first == second) || second == UINT64_MAX) {
        return compare_all(merge);
    }
    /* Of two rings with records of one time the lower number goes first. */
    return (turn_t){.ring = ring, .below = second + (!merge->tie && ring < other)};
}

/* Losses at the end of rings, once all records are out. */
static bool next_trailing(merge_t *merge, merge_run_t *run)
{
    for (uint32_t i = 0; merge->finished && i < merge->rings; i++) {
        queue_t *queue = &merge->queues[i];
        if (queue->lost) {
            *run = (merge_run_t){.position = queue->expected, .lost = queue->lost, .ring = i};
            queue->lost = 0;
            return true;
        }
    }
    return false;
}

/* Harts' clocks differ by a tick at most (RISC-V ISA, "Zicntr": time). */
enum { CLOCK_SKEW = 1 };

typedef enum { ORDER_MET, ORDER_WAITS, ORDER_WRONG } order_t;

/* Does the record of `ring` have to wait for records of `*other`? Those that it can truly follow
 * are not younger than it: what it says beyond is damage, and not believed. */
static order_t order_of(const merge_t *merge, uint32_t ring, const trace_record_t *record,
                        uint32_t *other)
{
    uint64_t position;
    if (!merge->after || record->event != merge->after_event ||
        !merge->after(merge->after_context, record, other, &position) || *other >= merge->rings ||
        *other == ring || !merge->queues[*other].seen) {
        return ORDER_MET;
    }
    const queue_t *queue = &merge->queues[*other];
    uint64_t latest =
        record->time < UINT64_MAX - CLOCK_SKEW ? record->time + CLOCK_SKEW : UINT64_MAX;
    if (queue->start == queue->end) {
        /* What is yet to come is not older than `release`; at the end nothing is. */
        return queue->expected >= position || merge->finished ? ORDER_MET
               : latest >= merge->release                     ? ORDER_WAITS
                                                              : ORDER_WRONG;
    }
    return queue->segments[queue->segment_start].position >= position ? ORDER_MET
           : merge->heads[*other] <= latest                           ? ORDER_WAITS
                                                                      : ORDER_WRONG;
}

/* From the ring whose turn it is by the clock to the one that it follows, one record at a time.
 * False: that one's records are yet to come. */
static bool follow(const merge_t *merge, turn_t *turn)
{
    for (uint32_t hops = 0; hops < merge->rings; hops++) {
        const queue_t *queue = &merge->queues[turn->ring];
        uint32_t other;
        order_t order = order_of(merge, turn->ring, &queue->records[queue->start], &other);
        if (order != ORDER_WAITS) {
            turn->wrong = order == ORDER_WRONG;
            return true;
        }
        if (merge->queues[other].start == merge->queues[other].end) {
            return merge->release_some;
        }
        *turn = (turn_t){.ring = other};
    }
    turn->wrong = true; /* in a circle */
    return true;
}

bool merge_next(merge_t *merge, merge_run_t *run)
{
    turn_t turn = whose_turn(merge);
    if (turn.ring == MERGE_MAX_RINGS) {
        return next_trailing(merge, run);
    }
    if (!follow(merge, &turn)) {
        return false;
    }
    queue_t *queue = &merge->queues[turn.ring];
    const trace_record_t *at = queue->records + queue->start;
    if (!merge->release_some && at->time >= merge->release) {
        return false;
    }
    segment_t *segment = &queue->segments[queue->segment_start];
    bool more = queue->segment_start + 1 < queue->segment_end;
    const trace_record_t *stop = queue->records + (more ? segment[1].from : queue->end);
    uint64_t below = turn.below;
    if (!merge->release_some && merge->release < below) {
        below = merge->release;
    }
    const trace_record_t *last = at;
    uint32_t other;
    while (last + 1 < stop && last[1].time < below && !(turn.one && last[1].time >= turn.below) &&
           order_of(merge, turn.ring, last + 1, &other) == ORDER_MET) {
        last++;
    }
    size_t count = (size_t)(last - at) + 1;
    *run = (merge_run_t){.records = at,
                         .count = count,
                         .position = segment->position,
                         .lost = segment->lost,
                         .ring = turn.ring};
    merge->wrong += turn.wrong;
    merge->late += at->time < merge->last_time ? count : 0;
    merge->last_time = last->time > merge->last_time ? last->time : merge->last_time;
    segment->lost = 0;
    segment->position += count;
    segment->from += count;
    queue->start += count;
    merge->heads[turn.ring] = queue->start == queue->end ? UINT64_MAX : at[count].time;
    queue->segment_start += queue->records + queue->start == stop;
    merge->queued -= count;
    if (!merge->finished && merge->queued <= QUEUED_MAX / 2) {
        merge->release_some = false;
    }
    return true;
}
