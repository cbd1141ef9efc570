/* SPDX-License-Identifier: BSD-2-Clause */
#include "cut.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { BATCH = 4096, RINGS = MODEL_MAX_HARTS };

typedef struct {
    uint64_t position; /* of the next record */
    uint32_t hart, owner;
    size_t count;
    trace_record_t batch[BATCH];
} cut_ring_t;

typedef struct {
    writing_t *writing;
    index_t *index;
    u4t_writer_t *writer;
    cut_ring_t *rings[RINGS];
    size_t hole;
} cut_t;

static bool flush_ring(cut_t *cut, uint32_t number)
{
    cut_ring_t *ring = cut->rings[number];
    if (!ring || ring->count == 0) {
        return true;
    }
    bool ok = u4t_write_records(cut->writer, number, ring->hart, ring->owner,
                                ring->position - ring->count, ring->batch, ring->count,
                                &cut->writing->err);
    ring->count = 0;
    return ok;
}

/* All rings: rounds keep their records in order of time. The file is written without the lock. */
static bool flush(cut_t *cut)
{
    bool ok = true;
    index_unlock(cut->index);
    for (uint32_t i = 0; i < RINGS && ok; i++) {
        ok = flush_ring(cut, i);
    }
    ok = ok && u4t_write_round(cut->writer, &cut->writing->err);
    index_lock(cut->index);
    return ok;
}

static cut_ring_t *ring_of(cut_t *cut, uint32_t number, uint32_t hart)
{
    if (!cut->rings[number]) {
        cut->rings[number] = memory_new(1, sizeof(cut_ring_t));
        cut->rings[number]->hart = hart;
        cut->rings[number]->owner = cut->index->model->rings[number].owner;
    }
    return cut->rings[number];
}

static bool take(cut_t *cut, const row_t *row)
{
    cut_ring_t *ring = ring_of(cut, row->ring % RINGS, row->hart == 255 ? UINT32_MAX : row->hart);
    ring->batch[ring->count++] = row->record;
    ring->position++;
    return ring->count < BATCH || flush(cut);
}

/* Losses before a row that belong to the selection. A gap between two positions is a loss. */
static bool take_losses(cut_t *cut, uint64_t event, bool inside)
{
    const index_t *index = cut->index;
    for (; cut->hole < index->hole_count && index->holes[cut->hole].row <= event; cut->hole++) {
        const loss_t loss = index->holes[cut->hole].loss;
        uint32_t number = loss.ring % RINGS;
        if (!inside || !cut->rings[number]) {
            continue;
        }
        if (!flush(cut)) {
            return false;
        }
        cut->rings[number]->position += loss.count;
    }
    return true;
}

static bool is_about_threads(const cut_t *cut, const row_t *row)
{
    const schema_t *schema = cut->writing->app->schema;
    return strcmp(schema_event(schema, row->record.event)->class_name, "thread") == 0;
}

static bool take_all(cut_t *cut)
{
    row_t row;
    for (uint64_t i = 0; writing_row(cut->writing, i, &row); i++) {
        bool inside = row.record.time >= cut->writing->from;
        if (!take_losses(cut, i, inside)) {
            return false;
        }
        bool wanted = inside ? writing_wants(cut->writing, &row) : is_about_threads(cut, &row);
        if (wanted && !take(cut, &row)) {
            return false;
        }
    }
    return flush(cut);
}

/* Under the lock: whether it all went into the file, and what is to be said at its end. */
static bool fill(cut_t *cut, trace_info_t *info, size_t *rings)
{
    bool ok = take_all(cut);
    *info = *cut->index->info;
    *rings = cut->index->model->ring_count;
    info->ended = true;
    return ok;
}

bool cut_write(writing_t *writing)
{
    index_t *index = writing->app->index;
    cut_t cut = {.writing = writing, .index = index};
    trace_info_t info;
    uint64_t emitted[RINGS] = {0};
    size_t rings = 0;
    index_lock(index);
    info = *index->info;
    cut.writer = u4t_create(writing->part, &info, writing->app->schema, 0, &writing->err);
    bool ok = cut.writer && fill(&cut, &info, &rings);
    index_unlock(index);
    for (size_t i = 0; i < RINGS; i++) {
        emitted[i] = cut.rings[i] ? cut.rings[i]->position : 0;
        free(cut.rings[i]);
    }
    u4_error_t other;
    return cut.writer &&
           u4t_finish(cut.writer, &info, emitted, rings, ok ? &writing->err : &other) && ok;
}
