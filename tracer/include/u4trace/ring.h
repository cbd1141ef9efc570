/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's half of the ring protocol of abi/trace/layout.h, one reader per ring. A record's
 * position is its number in the ring since boot, from 0; what was missed is the gap between
 * positions. Guest memory is not trusted: a ring whose control block does not make sense is an
 * error, never a wild access.
 */
#ifndef U4TRACE_RING_H
#define U4TRACE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"
#include "u4trace/error.h"
#include "u4trace/source.h"

enum { RING_MAX = 256 }; /* rings of one recording, those that have ended included */

typedef struct {
    source_t *source;
    uint64_t ring_paddr;
    volatile const trace_ring_t *ring; /* in place, or NULL: read through the source */
    const trace_record_t *data;        /* in place, or NULL */
    uint64_t data_paddr;
    uint64_t base; /* writer's address of the first record */
    uint64_t capacity;
    uint64_t owner;    /* user ring: its thread; else 0 */
    uint32_t hart;     /* as the ring says */
    uint64_t position; /* next record to read */
    uint64_t first;    /* position of the first record this reader could get */
    uint64_t kept;     /* records read */
    uint64_t lost;     /* records overwritten before they were read */
    bool torn;         /* the control block could not be read consistently, last time */
    /* Of a user ring: */
    uint64_t entry_paddr; /* its place in the kernel's table; 0: a hart's ring */
    uint64_t generation;  /* of that place, while it was this ring's */
    bool ended;           /* the ring is no more: there will be no more records */
} ring_reader_t;

/* Attaches to the ring whose control block is at `paddr`. False, with the reason, if there is
 * none (yet) or it makes no sense. Reading begins with the oldest record still there. */
bool ring_open(ring_reader_t *reader, source_t *source, uint64_t paddr, u4_error_t *err);

/* The same for a user ring, by the kernel's table entry at `entry_paddr`. Nothing in the frame
 * itself is believed but the position, and that only within the ring. */
bool ring_open_user(ring_reader_t *reader, source_t *source, uint64_t entry_paddr, u4_error_t *err);

/* The ring that was in that place last, as one whose records are all lost. False: there was none. */
bool ring_open_ended(ring_reader_t *reader, source_t *source, uint64_t entry_paddr);

/* Looks whether a user ring is still there. If not, counts what it had and was not read as lost. */
bool ring_is_there(ring_reader_t *reader);

/* The number of records ever published; false if the writer was caught in the middle each time. */
bool ring_head(const ring_reader_t *reader, uint64_t *head);

/* Copies up to `max` records, from `reader->position` on, into `to`. Returns how many; *first is
 * the position of the first of them. Records overwritten meanwhile are counted in `lost` and
 * skipped: *first - (position before) of them lie before this batch. */
size_t ring_read(ring_reader_t *reader, trace_record_t *to, size_t max, uint64_t *first);

/* The same, for records before position `head` only. */
size_t ring_read_until(ring_reader_t *reader, uint64_t head, trace_record_t *to, size_t max,
                       uint64_t *first);

#endif
