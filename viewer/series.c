/* SPDX-License-Identifier: BSD-2-Clause */
#include "series.h"

#include <stdlib.h>
#include <string.h>

#include "index_private.h"
#include "memory.h"

enum {
    PIECE = 1 << 20,   /* bytes of a pool's piece */
    VARINT = 10,       /* bytes of one at most */
    KINDS = 64,        /* slots for the latest rows by kind */
    NO_ROW_YET = 0xff, /* in such a slot */
    MERGED = 5,        /* guessed words up to which their mask is in one number with the kind */
    ROW_BYTES = VARINT * (SERIES_WORDS + 1),
};

_Static_assert((int)SERIES_BLOCK <= (int)NO_ROW_YET, "a slot has a row of the block");

/* ---- numbers: seven bits a byte, the low ones first; differences with their sign below ---- */

static uint8_t *put_number(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    return at;
}

static uint64_t get_number(const uint8_t **at)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

static uint8_t *put_difference(uint8_t *at, uint64_t value, uint64_t guess)
{
    uint64_t difference = value - guess;
    return put_number(at, difference << 1 ^ (0 - (difference >> 63)));
}

static uint64_t get_difference(const uint8_t **at, uint64_t guess)
{
    uint64_t number = get_number(at);
    return guess + (number >> 1 ^ (0 - (number & 1)));
}

/* ---- blocks ---- */

/* Where packing or unpacking is. */
typedef struct {
    const series_shape_t *shape;
    const uint64_t *rows;
    uint8_t kinds[KINDS];
} context_t;

static void begin(context_t *context, const series_shape_t *shape, const uint64_t *rows)
{
    context->shape = shape;
    context->rows = rows;
    memset(context->kinds, NO_ROW_YET, sizeof(context->kinds));
}

/* What row `i` may be, by its time and kind and the rows before it. */
static void guess_row(context_t *context, unsigned i, uint64_t *guess)
{
    const series_shape_t *shape = context->shape;
    const uint64_t *row = context->rows + (size_t)i * shape->words;
    uint8_t *slot = &context->kinds[(row[1] ^ row[1] >> 6) % KINDS];
    const uint64_t *same = *slot < i ? context->rows + (size_t)*slot * shape->words : NULL;
    *slot = (uint8_t)i;
    if (shape->guess) {
        shape->guess(context->rows, i, same, guess);
    } else {
        for (unsigned w = 2; w < shape->words; w++) {
            guess[w] = same ? same[w] : 0;
        }
    }
}

static uint8_t *pack_row(context_t *context, unsigned i, uint8_t *at)
{
    uint64_t guess[SERIES_WORDS], mask = 0;
    unsigned words = context->shape->words, guessed = words - 2;
    const uint64_t *row = context->rows + (size_t)i * words;
    guess_row(context, i, guess);
    for (unsigned w = 2; w < words; w++) {
        mask |= (uint64_t)(row[w] != guess[w]) << (w - 2);
    }
    at = put_difference(at, row[0], i ? row[-(ptrdiff_t)words] : 0);
    if (guessed <= MERGED) {
        at = put_number(at, row[1] << guessed | mask);
    } else {
        at = put_number(put_number(at, row[1]), mask);
    }
    for (unsigned w = 2; w < words; w++) {
        at = row[w] != guess[w] ? put_difference(at, row[w], guess[w]) : at;
    }
    return at;
}

static void unpack_block(const series_shape_t *shape, const uint8_t *at, uint64_t *rows)
{
    context_t context;
    unsigned words = shape->words, guessed = words - 2;
    begin(&context, shape, rows);
    for (unsigned i = 0; i < SERIES_BLOCK; i++) {
        uint64_t guess[SERIES_WORDS], mask;
        uint64_t *row = rows + (size_t)i * words;
        row[0] = get_difference(&at, i ? row[-(ptrdiff_t)words] : 0);
        row[1] = get_number(&at);
        if (guessed <= MERGED) {
            mask = row[1] & ((1u << guessed) - 1);
            row[1] >>= guessed;
        } else {
            mask = get_number(&at);
        }
        guess_row(&context, i, guess);
        for (unsigned w = 2; w < words; w++) {
            row[w] = mask >> (w - 2) & 1 ? get_difference(&at, guess[w]) : guess[w];
        }
    }
}

static uint8_t *take(series_pool_t *pool, size_t bytes)
{
    if (!pool->count || pool->used + bytes > PIECE) {
        pool->pieces = index_grow(pool->pieces, pool->count, &pool->room, sizeof(pool->pieces[0]));
        pool->pieces[pool->count++] = index_map(PIECE);
        pool->used = 0;
    }
    uint8_t *at = pool->pieces[pool->count - 1] + pool->used;
    pool->used += bytes;
    return at;
}

static size_t block_count(const series_t *series)
{
    return series->count ? (series->count - 1) / SERIES_BLOCK : 0;
}

/* The tail is full: its rows become a block. */
static void pack(series_t *series)
{
    uint8_t bytes[SERIES_BLOCK * ROW_BYTES], *at = bytes;
    size_t block = series->count / SERIES_BLOCK - 1;
    context_t context;
    begin(&context, series->shape, series->tail);
    for (unsigned i = 0; i < SERIES_BLOCK; i++) {
        at = pack_row(&context, i, at);
    }
    size_t length = (size_t)(at - bytes);
    uint8_t *kept = take(series->pool, length);
    memcpy(kept, bytes, length);
    series->blocks =
        index_grow(series->blocks, block, &series->block_room, sizeof(series->blocks[0]));
    series->blocks[block] = (series_block_t){.time = series->tail[0], .bytes = kept};
    series->packed += length;
}

void series_append(series_t *series, const series_shape_t *shape, series_pool_t *pool,
                   const void *row)
{
    unsigned at = series->count % SERIES_BLOCK;
    series->shape = shape;
    series->pool = pool;
    if (at == 0 && series->count) {
        pack(series);
    }
    if (at == series->tail_room) {
        series->tail_room = series->tail_room ? series->tail_room * 2 : 4;
        series->tail =
            memory_grow(series->tail, series->tail_room * shape->words, sizeof(uint64_t));
    }
    memcpy(series->tail + (size_t)at * shape->words, row, shape->words * sizeof(uint64_t));
    series->count++;
}

static const uint64_t *rows_of(const series_t *series, size_t block)
{
    if (block == block_count(series)) {
        return series->tail;
    }
    const uint8_t *bytes = series->blocks[block].bytes;
    uintptr_t hash = (uintptr_t)bytes ^ (uintptr_t)bytes >> 9;
    series_unpacked_t *slot = &series->pool->cache[hash % SERIES_CACHE];
    if (slot->bytes != bytes) {
        unpack_block(series->shape, bytes, slot->rows);
        slot->bytes = bytes;
    }
    return slot->rows;
}

void series_get(const series_t *series, uint64_t i, void *row)
{
    size_t words = series->shape->words;
    const uint64_t *rows = rows_of(series, i / SERIES_BLOCK);
    memcpy(row, rows + i % SERIES_BLOCK * words, words * sizeof(uint64_t));
}

const void *series_last(const series_t *series)
{
    return series->count ? series->tail + (series->count - 1) % SERIES_BLOCK * series->shape->words
                         : NULL;
}

uint64_t series_until(const series_t *series, uint64_t time)
{
    size_t blocks = block_count(series), low = 0, high = blocks;
    if (!series->count) {
        return 0;
    }
    while (low < high) { /* the last block that begins by then */
        size_t middle = (low + high + 1) / 2;
        uint64_t begins = middle < blocks ? series->blocks[middle].time : series->tail[0];
        if (begins <= time) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    const uint64_t *rows = rows_of(series, low);
    size_t first = 0, after = low == blocks ? series->count - low * SERIES_BLOCK : SERIES_BLOCK;
    while (first < after) {
        size_t middle = (first + after) / 2;
        if (rows[middle * series->shape->words] <= time) {
            first = middle + 1;
        } else {
            after = middle;
        }
    }
    return low * SERIES_BLOCK + first;
}

uint64_t series_before(const series_t *series, uint64_t time)
{
    return time ? series_until(series, time - 1) : 0;
}

bool series_at(const series_t *series, uint64_t time, void *row)
{
    uint64_t until = series_until(series, time);
    if (until) {
        series_get(series, until - 1, row);
    }
    return until != 0;
}

uint64_t series_memory(const series_t *series)
{
    size_t words = series->shape ? series->shape->words : 0;
    return series->packed + series->block_room * sizeof(series->blocks[0]) +
           series->tail_room * words * sizeof(uint64_t);
}

void series_free(series_t *series)
{
    index_drop(series->blocks, series->block_room, sizeof(series->blocks[0]));
    free(series->tail);
}

void series_pool_free(series_pool_t *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        index_drop(pool->pieces[i], PIECE, 1);
    }
    index_drop(pool->pieces, pool->room, sizeof(pool->pieces[0]));
}
