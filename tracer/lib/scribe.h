/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing half of a recorder: a thread that takes batches out of a queue and writes them to a
 * .u4t, so that whoever drains rings does not wait for the disk. The queue holds at most
 * SCRIBE_MAX_QUEUED batches; should the disk fall that far behind, scribe_give() waits.
 */
#ifndef TRACER_SCRIBE_H
#define TRACER_SCRIBE_H

#include "u4trace/u4t.h"

enum {
    SCRIBE_BATCH_RECORDS = 1 << 14,
    SCRIBE_MAX_QUEUED = 128, /* batches: 64 MiB */
};

typedef enum {
    BATCH_RECORDS_OF_RING,
    BATCH_START,
    BATCH_ROUND,
    BATCH_CONSOLE,
    BATCH_SCHEMA
} batch_kind_t;

typedef struct batch {
    struct batch *next;
    batch_kind_t kind;
    uint32_t ring, hart, owner;
    uint64_t first;
    size_t count;
    console_t console;
    trace_record_t *records; /* room for SCRIBE_BATCH_RECORDS, or NULL */
    char *text;
} batch_t;

typedef struct scribe scribe_t;

/* Starts the thread; the writer is borrowed until scribe_stop(). NULL on failure. */
scribe_t *scribe_start(u4t_writer_t *writer, u4_error_t *err);

/* A batch with room for records. */
batch_t *scribe_batch(scribe_t *scribe);

/* Hands a batch over, from scribe_batch() or made by memory_new(). Waits while the queue is full,
 * unless writing has failed. One thread. */
void scribe_give(scribe_t *scribe, batch_t *batch);
void scribe_free_batch(batch_t *batch);

/* Console text; what has the same `guest_time` as the piece before is put together with it. Never
 * waits. Any thread. */
void scribe_console(scribe_t *scribe, const char *text, size_t length, uint64_t host_ns,
                    uint64_t guest_time);

/* From now on nothing is written any more, for this reason (the first one counts). Any thread. */
void scribe_fail(scribe_t *scribe, const u4_error_t *why);

/* Bytes in the file so far; false if writing has failed, with the reason. Any thread. */
bool scribe_state(scribe_t *scribe, uint64_t *bytes, u4_error_t *err);

/* Writes what is in the queue, ends the thread and frees the scribe. */
bool scribe_stop(scribe_t *scribe, uint64_t *bytes, u4_error_t *err);

#endif
