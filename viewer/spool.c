/* SPDX-License-Identifier: BSD-2-Clause */
#include "spool.h"

/* A row as a series has it. Of the guessed words those that change most come first. */
enum {
    WORD_TIME,
    WORD_KIND, /* the event's number (low byte), its ring, the number's high byte */
    WORD_CALL,
    WORD_A,
    WORD_B,
    WORD_THREAD,
    WORD_REFERENCE, /* to the thread */
    WORD_H,
    WORD_OTHER,
    WORD_WAITED,
    WORD_C,
    WORD_D,
    WORD_EFFECTS,
    WORD_POSITION,
    WORD_HART,
    WORDS
};

enum { NEAR = 32 /* rows that are looked through for one of the same ring */ };

static uint64_t kind_of(const row_t *row)
{
    unsigned event = row->record.event;
    return (event & 0xff) | (uint64_t)row->ring << 8 | (uint64_t)(event >> 8) << 16;
}

static uint8_t ring_of(uint64_t kind)
{
    return (uint8_t)(kind >> 8);
}

static uint16_t event_of(uint64_t kind)
{
    return (uint16_t)((kind & 0xff) | kind >> 16 << 8);
}

/* The thread and its call are those of the row before in this ring, the rest is as in the last
 * event of this kind. */
static void guess_row(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess)
{
    static const uint64_t none[WORDS];
    const uint64_t *row = rows + (size_t)i * WORDS, *near = NULL;
    uint8_t ring = ring_of(row[WORD_KIND]);
    for (unsigned n = 1; n <= i && n <= NEAR && !near; n++) {
        const uint64_t *before = row - (size_t)n * WORDS;
        near = ring_of(before[WORD_KIND]) == ring ? before : NULL;
    }
    near = near ? near : none;
    same = same ? same : none;
    for (unsigned w = WORD_KIND + 1; w < WORDS; w++) {
        guess[w] = same[w];
    }
    guess[WORD_CALL] = near[WORD_CALL];
    guess[WORD_THREAD] = near[WORD_THREAD];
    guess[WORD_REFERENCE] = near[WORD_REFERENCE];
    guess[WORD_POSITION] = near[WORD_POSITION] + 1;
    guess[WORD_HART] = near[WORD_HART];
}

static const series_shape_t shape = {.words = WORDS, .guess = guess_row};

void spool_append(spool_t *spool, series_pool_t *pool, const row_t *row)
{
    const trace_record_t *record = &row->record;
    const uint64_t words[WORDS] = {
        [WORD_TIME] = record->time,
        [WORD_KIND] = kind_of(row),
        [WORD_CALL] = row->call,
        [WORD_A] = record->a,
        [WORD_B] = record->b,
        [WORD_THREAD] = row->thread,
        [WORD_REFERENCE] = record->thread,
        [WORD_H] = record->h,
        [WORD_OTHER] = row->other,
        [WORD_WAITED] = row->waited,
        [WORD_C] = record->c,
        [WORD_D] = record->d,
        [WORD_EFFECTS] = row->effects,
        [WORD_POSITION] = row->position,
        [WORD_HART] = row->hart,
    };
    series_append(&spool->rows, &shape, pool, words);
    spool->count = spool->rows.count;
}

row_t spool_row(const spool_t *spool, uint64_t row)
{
    uint64_t words[WORDS];
    series_get(&spool->rows, row, words);
    return (row_t){
        .record = {.time = words[WORD_TIME],
                   .event = event_of(words[WORD_KIND]),
                   .h = (uint16_t)words[WORD_H],
                   .thread = (uint32_t)words[WORD_REFERENCE],
                   .a = (uint32_t)words[WORD_A],
                   .b = (uint32_t)words[WORD_B],
                   .c = (uint32_t)words[WORD_C],
                   .d = (uint32_t)words[WORD_D]},
        .thread = (uint32_t)words[WORD_THREAD],
        .other = (uint32_t)words[WORD_OTHER],
        .call = (uint32_t)words[WORD_CALL],
        .waited = (uint32_t)words[WORD_WAITED],
        .effects = (uint32_t)words[WORD_EFFECTS],
        .ring = ring_of(words[WORD_KIND]),
        .hart = (uint8_t)words[WORD_HART],
        .position = words[WORD_POSITION],
    };
}
