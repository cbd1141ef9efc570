/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every event of a trace in its final order, by row number. Rows lie in an unlinked file under
 * $TMPDIR (default /var/tmp), mapped piece by piece, so that memory holds no more of them than
 * the operating system likes to cache. One thread appends; rows already there never change.
 */
#ifndef VIEWER_SPOOL_H
#define VIEWER_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/trace/layout.h"
#include "u4trace/error.h"

/* A record, and what only the replay knew of it. */
typedef struct {
    trace_record_t record;
    uint32_t thread;  /* uid of the current thread; 0: none */
    uint32_t other;   /* uid of the second thread; 0: none */
    uint32_t call;    /* low bits of the call's id that the event belongs to; 0: none */
    uint32_t waited;  /* ticks, saturated: see event_t */
    uint32_t effects; /* EFFECT_* */
    uint8_t ring;
    uint8_t hart; /* 255: a user ring */
    uint16_t reserved;
    uint64_t position; /* in its ring */
} row_t;

enum { SPOOL_SHIFT = 16, SPOOL_PIECES = 1 << 16 };

typedef struct {
    int fd;
    uint64_t count;
    row_t *pieces[SPOOL_PIECES]; /* of 1 << SPOOL_SHIFT rows */
} spool_t;

/* An unlinked file in the directory for temporary ones; -1 with an error. */
int spool_file(u4_error_t *err);

bool spool_open(spool_t *spool, u4_error_t *err);
void spool_close(spool_t *spool);

/* Room for one row more, which the caller fills in before the count says so. NULL: no space. */
row_t *spool_next(spool_t *spool, u4_error_t *err);

static inline const row_t *spool_row(const spool_t *spool, uint64_t row)
{
    return &spool->pieces[row >> SPOOL_SHIFT][row & ((1u << SPOOL_SHIFT) - 1)];
}

/* The first row at or after `time`; the count if there is none. */
uint64_t spool_find(const spool_t *spool, uint64_t time);

#endif
