/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/ring.h"

#include <string.h>

enum {
    READ_TRIES = 64,
    MAX_CAPACITY_LOG2 = 28,
    MAX_LAPS_LOG2 = 40, /* that a user ring can have made */
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
    if (reader->ended) {
        *head = reader->position;
        return true;
    }
    for (unsigned i = 0; i < READ_TRIES; i++) {
        ring_state_t s = reader->ring ? state_in_place(reader->ring) : state_by_copy(reader);
        uint64_t offset = s.next - reader->base;
        if (!s.consistent || offset % sizeof(trace_record_t) != 0 ||
            offset / sizeof(trace_record_t) >= reader->capacity || s.lap_pending - s.laps > 1 ||
            (reader->entry_paddr && s.laps >> MAX_LAPS_LOG2)) {
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
    uint64_t lap_end = head - head % reader->capacity + reader->capacity;
    uint64_t made = head + TRACE_UNPUBLISHED_MAX; /* some of them may be, up to there */
    made = made < lap_end ? made : lap_end;
    return made > reader->capacity ? made - reader->capacity : 0;
}

/* Attaches to the records behind a control block that makes sense. */
static bool find_records(ring_reader_t *reader, source_t *source, u4_error_t *err)
{
    uint64_t bytes = reader->capacity * sizeof(trace_record_t), head;
    bool aligned = reader->ring_paddr % 8 == 0 && reader->data_paddr % 8 == 0;
    trace_record_t probe;
    reader->source = source;
    if (aligned) {
        reader->ring = source_map(source, reader->ring_paddr, sizeof(trace_ring_t));
        reader->data = source_map(source, reader->data_paddr, bytes);
    }
    if (!reader->data &&
        !source_read(source, reader->data_paddr + bytes - sizeof(probe), &probe, sizeof(probe))) {
        return u4_fail(err, "%s: the ring at 0x%llx has its records outside memory (0x%llx)",
                       source->name, (unsigned long long)reader->ring_paddr,
                       (unsigned long long)reader->data_paddr);
    }
    if (!ring_head(reader, &head)) {
        return u4_fail(err, "%s: the ring at 0x%llx cannot be read consistently", source->name,
                       (unsigned long long)reader->ring_paddr);
    }
    reader->position = reader->first = oldest_safe(reader, head);
    return true;
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
    if (ring.capacity < 2 * TRACE_UNPUBLISHED_MAX || ring.capacity > 1ull << MAX_CAPACITY_LOG2 ||
        (ring.capacity & (ring.capacity - 1)) != 0 || ring.end - ring.base > bytes) {
        return u4_fail(err, "%s: the ring at 0x%llx makes no sense (capacity %llu)", source->name,
                       (unsigned long long)paddr, (unsigned long long)ring.capacity);
    }
    *reader = (ring_reader_t){.ring_paddr = paddr,
                              .data_paddr = ring.data_paddr,
                              .base = ring.base,
                              .capacity = ring.capacity,
                              .owner = ring.owner,
                              .hart = ring.hart};
    return find_records(reader, source, err);
}

bool ring_open_user(ring_reader_t *reader, source_t *source, uint64_t entry_paddr, u4_error_t *err)
{
    trace_user_ring_t entry;
    if (!source_read(source, entry_paddr, &entry, sizeof(entry)) || !(entry.generation & 1)) {
        return u4_fail(err, "%s: no user ring in the place at 0x%llx", source->name,
                       (unsigned long long)entry_paddr);
    }
    if (entry.size_bits < 12 || entry.size_bits > 30 ||
        (entry.paddr | entry.address) & ((1ull << entry.size_bits) - 1)) {
        return u4_fail(err, "%s: the user ring at 0x%llx, 2^%u bytes, makes no sense", source->name,
                       (unsigned long long)entry.paddr, entry.size_bits);
    }
    uint64_t half = 1ull << (entry.size_bits - 1);
    *reader = (ring_reader_t){.ring_paddr = entry.paddr,
                              .data_paddr = entry.paddr + half,
                              .base = entry.address + half,
                              .capacity = half / sizeof(trace_record_t),
                              .owner = entry.owner,
                              .hart = UINT32_MAX,
                              .entry_paddr = entry_paddr,
                              .generation = entry.generation};
    return find_records(reader, source, err) && ring_is_there(reader);
}

bool ring_open_ended(ring_reader_t *reader, source_t *source, uint64_t entry_paddr)
{
    trace_user_ring_t entry;
    if (!source_read(source, entry_paddr, &entry, sizeof(entry)) || entry.generation & 1 ||
        entry.generation == 0 || entry.published >> MAX_LAPS_LOG2) {
        return false;
    }
    *reader = (ring_reader_t){.source = source,
                              .capacity = 1,
                              .owner = entry.owner,
                              .hart = UINT32_MAX,
                              .entry_paddr = entry_paddr,
                              .generation = entry.generation - 1,
                              .position = entry.published,
                              .lost = entry.published,
                              .ended = true};
    return true;
}

bool ring_is_there(ring_reader_t *reader)
{
    trace_user_ring_t entry;
    if (!reader->entry_paddr || reader->ended) {
        return !reader->ended;
    }
    bool read = source_read(reader->source, reader->entry_paddr, &entry, sizeof(entry));
    if (read && entry.generation == reader->generation) {
        return true;
    }
    uint64_t end = read && entry.generation == reader->generation + 1 ? entry.published : 0;
    if (end > reader->position && end / reader->capacity >> MAX_LAPS_LOG2 == 0) {
        reader->lost += end - reader->position;
        reader->position = end;
    }
    reader->ended = true;
    return false;
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
        if (!ring_is_there(reader)) {
            return 0; /* the memory may have been something else's already */
        }
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
