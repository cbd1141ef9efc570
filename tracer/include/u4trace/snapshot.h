/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A snapshot: the pages of a guest's memory that hold its kernel's state as of one moment. It is
 * taken by reading the state (state.h) through a source that keeps every page it touches, and is
 * itself a source from which the state can be read again, at any time and by any later reader.
 */
#ifndef U4TRACE_SNAPSHOT_H
#define U4TRACE_SNAPSHOT_H

#include "u4trace/state.h"

enum { SNAPSHOT_PAGE = 4096, SNAPSHOT_MAX_PAGES = 1 << 18 /* 1 GiB */ };

enum {
    SNAPSHOT_PAUSED = 1,    /* the guest stood still */
    SNAPSHOT_IN_KERNEL = 2, /* a hart was in the kernel: an operation may be half done */
    SNAPSHOT_AT_END = 8,    /* taken after the records that follow it in the file */
    SNAPSHOT_UNSURE = 4,    /* the guest ran, and memory changed while it was read */
};

typedef struct {
    uint64_t table;      /* address of the inspect table */
    uint64_t guest_time; /* ticks: time of the newest record then; 0: none yet */
    uint64_t paused_ns;  /* how long the guest stood still for it */
    uint32_t flags;      /* SNAPSHOT_* */
} snapshot_info_t;

typedef struct snapshot {
    snapshot_info_t info;
    source_t *pages;
    state_t *state;
} snapshot_t;

/* Reads the kernel's state and keeps its pages; `table` as for state_read(). NULL on failure. */
snapshot_t *snapshot_take(source_t *source, uint64_t table, u4_error_t *err);

/* Is memory still as it was when it was read? Then what a running guest let us see was one
 * consistent state. */
bool snapshot_unchanged(const snapshot_t *snapshot, source_t *source);
void snapshot_free(snapshot_t *snapshot);

/* ---- as the payloads of SNAPSHOT chunks, see u4t(5) ---- */

/* Puts piece `part` together, at most SNAPSHOT_PIECE bytes and freed by the caller. NULL: there is
 * none of that number. */
enum { SNAPSHOT_PIECE = 4 << 20 };
uint8_t *snapshot_pack(const snapshot_t *snapshot, uint32_t part, size_t *length);

typedef struct snapshot_parts snapshot_parts_t;

/* Collects pieces in order. When the last one has come, reads the state and returns the snapshot;
 * NULL before that and, with a message, if the pieces make no sense. */
snapshot_parts_t *snapshot_parts_new(void);
snapshot_t *snapshot_unpack(snapshot_parts_t *parts, const uint8_t *piece, size_t length,
                            u4_error_t *err);
void snapshot_parts_free(snapshot_parts_t *parts);

/* The first snapshot in a .u4t; NULL with a message. */
snapshot_t *snapshot_of_trace(const char *path, u4_error_t *err);

#endif
