/* SPDX-License-Identifier: BSD-2-Clause */
#include "cut.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { BATCH = 4096, RINGS = MODEL_MAX_HARTS };

typedef struct {
    uint64_t position; /* of the next record */
    uint32_t hart;
    size_t count;
    trace_record_t batch[BATCH];
} cut_ring_t;

typedef struct {
    u4t_writer_t *writer;
    cut_ring_t *rings[RINGS];
    size_t hole;
    u4_error_t *err;
} cut_t;

static bool flush_ring(cut_t *cut, const app_t *app, uint32_t number)
{
    cut_ring_t *ring = cut->rings[number];
    if (!ring || ring->count == 0) {
        return true;
    }
    bool ok =
        u4t_write_records(cut->writer, number, ring->hart, app->index->model->rings[number].owner,
                          ring->position - ring->count, ring->batch, ring->count, cut->err);
    ring->count = 0;
    return ok;
}

/* All rings: rounds keep their records in order of time. */
static bool flush(cut_t *cut, const app_t *app)
{
    for (uint32_t i = 0; i < RINGS; i++) {
        if (!flush_ring(cut, app, i)) {
            return false;
        }
    }
    return u4t_write_round(cut->writer, cut->err);
}

static cut_ring_t *ring_of(cut_t *cut, uint32_t number, uint32_t hart)
{
    if (!cut->rings[number]) {
        cut->rings[number] = memory_new(1, sizeof(cut_ring_t));
        cut->rings[number]->hart = hart;
    }
    return cut->rings[number];
}

static bool take(cut_t *cut, const app_t *app, const row_t *row)
{
    cut_ring_t *ring = ring_of(cut, row->ring % RINGS, row->hart == 255 ? UINT32_MAX : row->hart);
    ring->batch[ring->count++] = row->record;
    ring->position++;
    return ring->count < BATCH || flush(cut, app);
}

/* Losses before a row that belong to the selection. A gap between two positions is a loss. */
static bool take_losses(cut_t *cut, const app_t *app, uint64_t event, bool inside)
{
    const index_t *index = app->index;
    for (; cut->hole < index->hole_count && index->holes[cut->hole].row <= event; cut->hole++) {
        const loss_t *loss = &index->holes[cut->hole].loss;
        uint32_t number = loss->ring % RINGS;
        if (!inside || !cut->rings[number]) {
            continue;
        }
        if (!flush(cut, app)) {
            return false;
        }
        cut->rings[number]->position += loss->count;
    }
    return true;
}

static bool is_about_threads(const app_t *app, const row_t *row)
{
    return strcmp(schema_event(app->schema, row->record.event)->class_name, "thread") == 0;
}

static bool take_all(cut_t *cut, const app_t *app)
{
    uint64_t from, to;
    const spool_t *spool = &app->index->spool;
    app_selection(app, &from, &to);
    for (uint64_t i = 0; i < spool->count; i++) {
        const row_t row = spool_row(spool, i);
        bool inside = row.record.time >= from;
        if (row.record.time > to) {
            break;
        }
        if (!take_losses(cut, app, i, inside)) {
            return false;
        }
        bool wanted = inside ? chosen_has(app, i) : is_about_threads(app, &row);
        if (wanted && !take(cut, app, &row)) {
            return false;
        }
    }
    return flush(cut, app);
}

bool cut_write(app_t *app, const char *path, u4_error_t *err)
{
    trace_info_t info = *app->index->info;
    cut_t cut = {.err = err};
    uint64_t emitted[RINGS] = {0};
    cut.writer = u4t_create(path, &info, app->schema, 0, err);
    if (!cut.writer) {
        return false;
    }
    bool ok = take_all(&cut, app);
    for (size_t i = 0; i < RINGS; i++) {
        emitted[i] = cut.rings[i] ? cut.rings[i]->position : 0;
        free(cut.rings[i]);
    }
    u4_error_t other;
    info.ended = true;
    return u4t_finish(cut.writer, &info, emitted, app->index->model->ring_count,
                      ok ? err : &other) &&
           ok;
}
