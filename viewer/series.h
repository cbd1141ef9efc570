/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long rows of 64-bit words in order of time, packed: of each word only its difference from what
 * the rows before it let one guess is kept, in as few bytes as it needs, so that a row costs what
 * it tells. Rows lie in blocks, each of which is unpacked alone; a directory has the blocks'
 * beginnings. The newest block is not packed yet.
 *
 * One thread appends; rows never change. Readers and the writer exclude each other.
 */
#ifndef VIEWER_SERIES_H
#define VIEWER_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SERIES_BLOCK = 128, /* rows */
    SERIES_WORDS = 16,  /* of a row at most */
    SERIES_CACHE = 64,  /* unpacked blocks */
};

/*
 * What rows are: word 0 is the time, word 1 a number below 2^59 by which rows resemble each other
 * (the smaller the shorter), the others are guessed. NULL: to be as in the latest row of the same kind.
 */
typedef struct {
    unsigned words;
    /* Fills `guess`, whose words 0 and 1 do not matter, for row `i` of the block `rows`: of it only
     * words 0 and 1 may be looked at; `same` is the latest row of its kind in the block, or NULL. */
    void (*guess)(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess);
} series_shape_t;

typedef struct {
    const uint8_t *bytes; /* NULL: free */
    uint64_t rows[SERIES_BLOCK * SERIES_WORDS];
} series_unpacked_t;

/* Where the packed blocks of many series are: in unlinked files (see spool.h). */
typedef struct {
    uint8_t **pieces;
    size_t count, room;
    size_t used; /* of the last one, bytes */
    series_unpacked_t cache[SERIES_CACHE];
} series_pool_t;

typedef struct {
    uint64_t time; /* of the first row */
    const uint8_t *bytes;
} series_block_t;

/* All zero: empty. */
typedef struct {
    const series_shape_t *shape;
    series_pool_t *pool;
    uint64_t count;  /* rows */
    uint64_t packed; /* bytes */
    series_block_t *blocks;
    size_t block_room;
    uint64_t *tail; /* the rows of the newest block */
    size_t tail_room;
} series_t;

/* `row` has the words of the shape; `shape` and `pool` are the same each time. */
void series_append(series_t *series, const series_shape_t *shape, series_pool_t *pool,
                   const void *row);

/* Copies row `i`, which is there. */
void series_get(const series_t *series, uint64_t i, void *row);

/* The newest row, until the next one is appended; NULL: none. */
const void *series_last(const series_t *series);

/* How many rows are not after `time`, and the same for rows before `time`. */
uint64_t series_until(const series_t *series, uint64_t time);
uint64_t series_before(const series_t *series, uint64_t time);

/* Copies the last row not after `time`; false: there is none. */
bool series_at(const series_t *series, uint64_t time, void *row);

uint64_t series_memory(const series_t *series); /* bytes */
void series_free(series_t *series);
void series_pool_free(series_pool_t *pool);

#endif
