/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who makes capabilities, of which type, and how many of them are there over time. A capability
 * belongs to the process that made it, wherever it is moved and whoever deletes it. Time is cut
 * into at most STATS_SPANS spans of equal length; when they are full, each two become one, so that
 * memory does not grow with the trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "stats_private.h"
#include "trace/ids.h"

enum { FIRST_SPAN_NS = 1000, TYPE_BITS = 5 };

_Static_assert(1 << TYPE_BITS == MODEL_CAP_TYPES, "types");

/* Each two spans become one of twice the length. */
static void double_spans(stats_t *stats)
{
    for (size_t i = 0; i < stats->caps_count; i++) {
        int64_t *held = stats->caps[i]->held_at;
        for (unsigned k = 0; k < STATS_SPANS / 2; k++) {
            held[k] = held[2 * k + 1];
        }
    }
    stats->span_ns *= 2;
    stats->spans = STATS_SPANS / 2;
}

/* Notes what is held at the end of each span that is over at `now`. */
static void pass_time(stats_t *stats, uint64_t now)
{
    stats->span_ns = stats->span_ns ? stats->span_ns : FIRST_SPAN_NS;
    uint64_t since = now > stats->first_time ? now - stats->first_time : 0;
    while (since / stats->span_ns > stats->spans) {
        for (size_t i = 0; i < stats->caps_count; i++) {
            stats->caps[i]->held_at[stats->spans] = stats->caps[i]->held;
        }
        if (++stats->spans == STATS_SPANS) {
            double_spans(stats);
        }
    }
}

static stats_caps_t *row_of(stats_t *stats, const model_t *model, const thread_t *thread,
                            uint64_t type)
{
    const process_t *process = thread ? thread->process : model->processes;
    uint32_t key = (process->uid << TYPE_BITS | (uint32_t)(type % MODEL_CAP_TYPES)) + 1;
    stats_caps_t *row = reftable_get(&stats->private->caps, key);
    if (!row) {
        row = memory_new(1, sizeof(*row));
        row->process_uid = process->uid;
        row->type = (uint8_t)(type % MODEL_CAP_TYPES);
        stats->caps = stats_one_more(stats->caps, stats->caps_count, sizeof(row));
        stats->caps[stats->caps_count++] = row;
        reftable_put(&stats->private->caps, key, row);
    }
    if (strcmp(row->owner, process->name) != 0) { /* it has got its name meanwhile */
        snprintf(row->owner, sizeof(row->owner), "%s", process->name);
    }
    return row;
}

static bool is_move(uint64_t op)
{
    return op == TRACE_CAP_OP_MOVE || op == TRACE_CAP_OP_MUTATE || op == TRACE_CAP_OP_ROTATE;
}

void stats_on_cap_made(stats_t *stats, const model_t *model, const event_t *event)
{
    reftable_t *slots = &stats->private->cap_slots;
    uint32_t slot = (uint32_t)stats_get(stats, F_MAKE_SLOT, event);
    uint32_t parent = (uint32_t)stats_get(stats, F_MAKE_PARENT, event);
    pass_time(stats, model_ns(model, event->time));
    if (is_move(stats_get(stats, F_MAKE_OP, event))) {
        stats_caps_t *row = parent ? reftable_get(slots, parent) : NULL;
        stats->caps_moved++;
        if (row && slot) {
            reftable_remove(slots, parent);
            reftable_put(slots, slot, row);
        }
        return;
    }
    stats_caps_t *row = row_of(stats, model, event->thread, stats_get(stats, F_MAKE_TYPE, event));
    row->made++;
    row->held++;
    row->peak = row->held > row->peak ? row->held : row->peak;
    if (slot) {
        reftable_put(slots, slot, row);
    }
    if (event->thread) {
        stats_thread_row(stats, event->thread->uid)->caps_made++;
    }
}

void stats_on_cap_deleted(stats_t *stats, const model_t *model, const event_t *event)
{
    reftable_t *slots = &stats->private->cap_slots;
    uint32_t slot = (uint32_t)stats_get(stats, F_CAP_DELETE_SLOT, event);
    stats_caps_t *row = slot ? reftable_get(slots, slot) : NULL;
    pass_time(stats, model_ns(model, event->time));
    if (row) {
        reftable_remove(slots, slot);
    } else { /* made before the trace: by whom is not known */
        row = row_of(stats, model, event->thread, stats_get(stats, F_CAP_DELETE_TYPE, event));
    }
    row->deleted++;
    row->held--;
    if (event->thread) {
        stats_thread_row(stats, event->thread->uid)->caps_deleted++;
    }
}

static int most_made(const void *a, const void *b)
{
    const stats_caps_t *x = *(stats_caps_t *const *)a, *y = *(stats_caps_t *const *)b;
    if (x->made != y->made) {
        return x->made < y->made ? 1 : -1;
    }
    return x->process_uid != y->process_uid ? (x->process_uid > y->process_uid) * 2 - 1
                                            : (x->type > y->type) - (x->type < y->type);
}

void stats_end_caps(stats_t *stats)
{
    if (stats->caps_count == 0) {
        return;
    }
    pass_time(stats, stats->last_time);
    for (size_t i = 0; i < stats->caps_count; i++) {
        stats->caps[i]->held_at[stats->spans] = stats->caps[i]->held;
    }
    stats->spans++;
    qsort(stats->caps, stats->caps_count, sizeof(void *), most_made);
}

void stats_free_caps(stats_t *stats)
{
    for (size_t i = 0; i < stats->caps_count; i++) {
        free(stats->caps[i]);
    }
    free(stats->caps);
    reftable_free(&stats->private->caps);
    reftable_free(&stats->private->cap_slots);
}
