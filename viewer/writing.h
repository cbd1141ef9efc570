/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A selection on its way into a file, in a thread of its own beside the one that indexes. It is
 * written under another name (FILE.part) and gets its own once it is whole, so that no unfinished
 * file is ever taken for a whole one; where it fails or is stopped, nothing is left.
 */
#ifndef VIEWER_WRITING_H
#define VIEWER_WRITING_H

#include "app.h"

struct writing {
    const app_t *app; /* its index, under the index's lock, its schema and its path */
    char path[256];
    char part[264];             /* what is written to; a device: `path` itself */
    filter_t *filter;           /* NULL: all events */
    uint64_t from, to;          /* ticks */
    uint64_t from_ns, until_ns; /* the same since the first event; until_ns is behind it */
    uint64_t end;               /* row: none from there on; UINT64_MAX: all that there will be */
    uint64_t first;             /* row that writing_row() began with */
    uint64_t size;              /* of the trace's file when it began, bytes */
    char what[40];              /* "filtered, from A to B" */
    pthread_t thread;
    atomic_uint percent;
    atomic_bool stop, over;
    bool asked; /* whether to leave all the same */
    bool ok;    /* once it is over; else `err`, empty if it was stopped */
    u4_error_t err;
};

enum { WRITING_BATCH = 512 /* rows between two chances for others to take the lock */ };

/* Gets row `i`, under the index's lock, once there is one. False: none, or it is to stop. */
bool writing_row(writing_t *writing, uint64_t i, row_t *row);
bool writing_wants(const writing_t *writing, const row_t *row);

/* write.c: the formats. False: as `writing->err` says. */
bool write_selection(writing_t *writing);

#endif
