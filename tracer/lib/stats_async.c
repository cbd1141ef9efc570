/* SPDX-License-Identifier: BSD-2-Clause */
/* Async system calls in the statistics: how deep the rings are, and how long answers take. */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "stats_private.h"

static stats_async_t *row_of(stats_t *stats, const thread_t *thread)
{
    stats_async_t *row = reftable_get(&stats->private->async, thread->uid);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->thread_uid = thread->uid;
        stats->async = stats_one_more(stats->async, stats->async_count, sizeof(row));
        stats->async[stats->async_count++] = row;
        reftable_put(&stats->private->async, thread->uid, row);
    }
    snprintf(row->thread, sizeof(row->thread), "%s", thread->name);
    return row;
}

static void on_answer(stats_async_t *row, const model_t *model, uint64_t now, uint64_t error)
{
    row->answered++;
    row->failed += error != 0;
    if (row->pickup && now >= row->pickup) {
        histogram_add(&row->latency, model_ns(model, now - row->pickup));
    }
    row->pickup = 0;
}

void stats_on_async(stats_t *stats, const model_t *model, const event_t *event)
{
    const uint16_t *ids = stats->private->ids;
    uint16_t id = event->record->event;
    unsigned field = id == ids[E_ASYNC_RING] ? F_RING_THREAD
                     : id == ids[E_PICKUP]   ? F_PICKUP_THREAD
                                             : F_COMPLETE_THREAD;
    const thread_t *thread = model_thread(model, (uint32_t)stats_get(stats, field, event));
    if (!thread) {
        return;
    }
    stats_async_t *row = row_of(stats, thread);
    if (id == ids[E_ASYNC_RING]) {
        ++*(stats_get(stats, F_RING_LINES, event) ? &row->rings : &row->broken);
    } else if (id == ids[E_PICKUP]) {
        uint64_t queued = stats_get(stats, F_PICKUP_QUEUED, event);
        row->taken++;
        row->deepest = queued > row->deepest ? queued : row->deepest;
        row->pickup = event->time;
    } else {
        on_answer(row, model, event->time, stats_get(stats, F_COMPLETE_ERROR, event));
    }
}

void stats_free_async(stats_t *stats)
{
    for (size_t i = 0; i < stats->async_count; i++) {
        free(stats->async[i]);
    }
    free(stats->async);
    reftable_free(&stats->private->async);
}
