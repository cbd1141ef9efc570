/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several recordings of one run of a guest as one: records that one has lost and another kept are
 * filled in, those that several have are taken once, and what none has is lost. A ring is the same
 * in two recordings if its records are: a record that differs at the same position is an error,
 * since the recordings are then of different runs. Memory grows with the number of chunks (about
 * 50 bytes each), not with the records in them.
 */
#ifndef U4TRACE_JOIN_H
#define U4TRACE_JOIN_H

#include "u4trace/u4t.h"

enum { JOIN_MAX_FILES = 64 };

typedef struct {
    uint64_t records, lost, twice; /* twice: in more than one recording */
    uint64_t bytes;
} join_totals_t;

/* `level`: zstd compression, 0 none. False with a message; then there is no output worth keeping. */
bool join_files(char *const *paths, size_t count, const char *output, int level,
                join_totals_t *totals, u4_error_t *err);

#endif
