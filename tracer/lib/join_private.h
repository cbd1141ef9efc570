/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of joining share: join_scan.c looks at the files, join.c writes. */
#ifndef TRACER_JOIN_PRIVATE_H
#define TRACER_JOIN_PRIVATE_H

#include "u4t_layout.h"
#include "u4trace/join.h"

/* A RECORDS chunk. */
typedef struct {
    uint64_t offset;
    uint64_t first, count;          /* positions */
    uint64_t first_time, last_time; /* ticks */
    uint16_t file;
} join_piece_t;

/* A ring as several files know it. */
typedef struct {
    uint32_t hart, owner;
    uint64_t start;       /* the first position that any recording meant to have */
    uint64_t emitted;     /* the highest that any knows of */
    join_piece_t *pieces; /* by position */
    size_t count;
    size_t next;             /* piece to be loaded */
    trace_record_t *records; /* loaded, not yet written */
    size_t at, end, room;
    uint64_t position; /* of records[at] */
    bool written;      /* `last` is the record before `position` */
    trace_record_t last;
} join_ring_t;

typedef struct {
    const char *path;
    u4t_reader_t *reader;
    uint64_t first_time;             /* of its records; UINT64_MAX: it has none */
    bool snapshot, console, images;  /* it has such chunks */
    uint16_t ids[SCHEMA_MAX_EVENTS]; /* the output's id of each of its events */
} join_file_t;

typedef struct {
    join_file_t files[JOIN_MAX_FILES];
    size_t file_count;
    schema_t *base;   /* the kernel's table alone */
    schema_t *schema; /* with the programs' events of all files */
    join_ring_t rings[U4T_MAX_RINGS];
    size_t ring_count;
    u4t_writer_t *writer;
    join_totals_t *totals;
} join_t;

/* Opens the files, finds out what is in them, and which rings are the same. */
bool join_scan(join_t *join, char *const *paths, size_t count, u4_error_t *err);

#endif
