/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/ring.h"

#include <string.h>

enum {
    READ_TRIES = 64,
    MAX_CAPACITY_LOG2 = 28,
};

/* The part of the control block that moves. */
typedef struct {
    uint64_t laps, lap_pending, next;
    bool consistent;
} ring_state_t;

static ring_state_t state_in_place(volatile const trace_ring_t *ring)
{
    ring_state_t s;
    s.laps = __atomic_load_n(&ring->laps, __ATOMIC_ACQUIRE);
    s.lap_pending = __atomic_load_n(&ring->lap_pending, __ATOMIC_ACQUIRE);
    s.next = __atomic_load_n(&ring->next, __ATOMIC_ACQUIRE);
    s.consistent = __atomic_load_n(&ring->lap_pending, __ATOMIC_ACQUIRE) == s.lap_pending &&
                   __atomic_load_n(&ring->laps, __ATOMIC_ACQUIRE) == s.laps;
    return s;
}

/* Through the source, which reads in pieces of unknown order: two equal copies will do. */
static ring_state_t state_by_copy(const ring_reader_t *reader)
{
    trace_ring_t one, two;
    ring_state_t s = {.consistent = false};
    if (source_read(reader->source, reader->ring_paddr, &one, sizeof(one)) &&
        source_read(reader->source, reader->ring_paddr, &two, sizeof(two))) {
        s = (ring_state_t){one.laps, one.lap_pending, one.next,
                           one.laps == two.laps && one.lap_pending == two.lap_pending &&
                               one.next == two.next};
    }
    return s;
}

bool ring_head(const ring_reader_t *reader, uint64_t *head)
{
    for (unsigned i = 0; i < READ_TRIES; i++) {
        ring_state_t s = reader->ring ? state_in_place(reader->ring) : state_by_copy(reader);
        uint64_t offset = s.next - reader->base;
        if (!s.consistent || offset % sizeof(trace_record_t) != 0 ||
            offset / sizeof(trace_record_t) >= reader->capacity || s.lap_pending - s.laps > 1) {
            continue;
        }
        bool wrapping = s.laps != s.lap_pending && s.next == reader->base;
        uint64_t laps = wrapping ? s.lap_pending : s.laps;
        *head = laps * reader->capacity + offset / sizeof(trace_record_t);
        return true;
    }
    return false;
}

/* The oldest record that cannot be overwritten while the head is `head`: see layout.h. */
static uint64_t oldest_safe(const ring_reader_t *reader, uint64_t head)
{
    return head + 2 > reader->capacity ? head + 2 - reader->capacity : 0;
}

bool ring_open(ring_reader_t *reader, source_t *source, uint64_t paddr, u4_error_t *err)
{
    trace_ring_t ring;
    if (!source_read(source, paddr, &ring, sizeof(ring))) {
        return u4_fail(err, "%s: no memory at 0x%llx, where a ring should be", source->name,
                       (unsigned long long)paddr);
    }
    if (ring.magic != TRACE_RING_MAGIC) {
        return u4_fail(err, "%s: no ring at 0x%llx (yet)", source->name, (unsigned long long)paddr);
    }
    uint64_t bytes = ring.capacity * sizeof(trace_record_t);
    if (ring.capacity < 4 || ring.capacity > 1ull << MAX_CAPACITY_LOG2 ||
        (ring.capacity & (ring.capacity - 1)) != 0 || ring.end - ring.base != bytes) {
        return u4_fail(err, "%s: the ring at 0x%llx makes no sense (capacity %llu)", source->name,
                       (unsigned long long)paddr, (unsigned long long)ring.capacity);
    }
    *reader = (ring_reader_t){
        .source = source,
        .ring_paddr = paddr,
        .ring = paddr % 8 == 0 ? source_map(source, paddr, sizeof(ring)) : NULL,
        .data = ring.data_paddr % 8 == 0 ? source_map(source, ring.data_paddr, bytes) : NULL,
        .data_paddr = ring.data_paddr,
        .base = ring.base,
        .capacity = ring.capacity,
        .owner = ring.owner,
        .hart = ring.hart,
    };
    trace_record_t probe;
    if (!reader->data &&
        !source_read(source, ring.data_paddr + bytes - sizeof(probe), &probe, sizeof(probe))) {
        return u4_fail(err, "%s: the ring at 0x%llx has its records outside memory (0x%llx)",
                       source->name, (unsigned long long)paddr,
                       (unsigned long long)ring.data_paddr);
    }
    uint64_t head;
    if (!ring_head(reader, &head)) {
        return u4_fail(err, "%s: the ring at 0x%llx cannot be read consistently", source->name,
                       (unsigned long long)paddr);
    }
    reader->position = reader->first = oldest_safe(reader, head);
    return true;
}

static bool copy_slots(const ring_reader_t *reader, trace_record_t *to, uint64_t slot, size_t count)
{
    if (reader->data) {
        memcpy(to, reader->data + slot, count * sizeof(*to));
        return true;
    }
    return source_read(reader->source, reader->data_paddr + slot * sizeof(*to), to,
                       count * sizeof(*to));
}

static bool copy_records(const ring_reader_t *reader, trace_record_t *to, size_t count)
{
    uint64_t slot = reader->position % reader->capacity;
    uint64_t to_end = reader->capacity - slot;
    size_t before = count < to_end ? count : (size_t)to_end;
    return copy_slots(reader, to, slot, before) &&
           (before == count || copy_slots(reader, to + before, 0, count - before));
}

/* Skips what has been overwritten before `head`; returns how many records. */
static uint64_t skip_lost(ring_reader_t *reader, uint64_t head, uint64_t at_most)
{
    uint64_t oldest = oldest_safe(reader, head);
    uint64_t gone = oldest > reader->position ? oldest - reader->position : 0;
    gone = gone < at_most ? gone : at_most;
    reader->position += gone;
    reader->lost += gone;
    return gone;
}

size_t ring_read_until(ring_reader_t *reader, uint64_t until, trace_record_t *to, size_t max,
                       uint64_t *first)
{
    uint64_t head;
    for (unsigned i = 0; i < READ_TRIES; i++) {
        reader->torn = !ring_head(reader, &head) || head < reader->position;
        uint64_t stop = reader->torn || head < until ? head : until;
        if (reader->torn || reader->position >= stop) {
            return 0;
        }
        skip_lost(reader, head, UINT64_MAX);
        if (reader->position >= stop) {
            return 0;
        }
        uint64_t there = stop - reader->position;
        size_t count = there < max ? (size_t)there : max;
        if (!copy_records(reader, to, count)) {
            reader->torn = true;
            return 0;
        }
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (!ring_head(reader, &head)) {
            continue;
        }
        uint64_t bad = skip_lost(reader, head, count);
        if (bad == count) {
            continue;
        }
        count -= (size_t)bad;
        if (bad) {
            memmove(to, to + bad, count * sizeof(*to));
        }
        *first = reader->position;
        reader->position += count;
        reader->kept += count;
        return count;
    }
    return 0;
}

size_t ring_read(ring_reader_t *reader, trace_record_t *to, size_t max, uint64_t *first)
{
    return ring_read_until(reader, UINT64_MAX, to, max, first);
}
