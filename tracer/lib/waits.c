/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/waits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reftable.h"

enum { MAX_INTERVALS = 8 << 20 };

struct waits_private {
    reftable_t rows; /* uid -> row + 1 */
    uint32_t room;
    uint64_t intervals;
    bool begun;
};

waits_t *waits_new(void)
{
    waits_t *waits = memory_new(1, sizeof(*waits));
    waits->private = memory_new(1, sizeof(*waits->private));
    return waits;
}

void waits_free(waits_t *waits)
{
    if (waits) {
        for (uint32_t i = 0; i < waits->count; i++) {
            free(waits->rows[i].intervals);
        }
        free(waits->rows);
        reftable_free(&waits->private->rows);
        free(waits->private);
        free(waits);
    }
}

static uint32_t row_of(waits_t *waits, const thread_t *t)
{
    struct waits_private *p = waits->private;
    if (!t) {
        return WAITS_NONE;
    }
    uintptr_t known = (uintptr_t)reftable_get(&p->rows, t->uid);
    if (known) {
        return (uint32_t)known - 1;
    }
    if (waits->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        waits->rows = memory_grow(waits->rows, p->room, sizeof(*waits->rows));
    }
    waits->rows[waits->count] = (waits_row_t){.uid = t->uid, .ref = t->ref, .idle = t->idle};
    reftable_put(&p->rows, t->uid, (void *)(uintptr_t)(waits->count + 1));
    return waits->count++;
}

static void open_interval(waits_t *waits, uint32_t index, const thread_t *t, uint64_t now)
{
    const bool called = t->state == THREAD_REPLY || t->state == THREAD_FAULTED;
    const uint32_t other = called && t->call.active ? row_of(waits, t->call.server) : WAITS_NONE;
    waits_row_t *row = &waits->rows[index];
    if (row->count == row->room) {
        row->room = row->room ? 2 * row->room : 8;
        row->intervals = memory_grow(row->intervals, row->room, sizeof(*row->intervals));
    }
    row->idle = t->idle;
    row->intervals[row->count++] = (waits_interval_t){
        .from = now,
        .until = now,
        .other = other,
        .object = t->wait_object ? t->wait_object->ref
                  : called       ? t->call.endpoint
                                 : 0,
        .hart = (int16_t)t->hart,
        .state = (uint8_t)t->state,
        .priority = t->priority,
    };
    waits->private->intervals++;
}

/* Who ended the wait: the one who took the message, or whoever was current then. */
static uint32_t ender(waits_t *waits, const thread_t *t, const event_t *event, uint8_t state)
{
    if ((state == THREAD_CALLING || state == THREAD_SENDING) && t->call.server) {
        return row_of(waits, t->call.server);
    }
    return event->thread != t ? row_of(waits, event->thread) : WAITS_NONE;
}

static void close_interval(waits_t *waits, uint32_t index, const thread_t *t, const event_t *event,
                           uint64_t now)
{
    waits_interval_t *last = &waits->rows[index].intervals[waits->rows[index].count - 1];
    last->until = now > last->from ? now : last->from;
    bool waited = last->state != THREAD_RUNNING && last->state != THREAD_READY;
    if (waited && last->other == WAITS_NONE) {
        uint32_t other = ender(waits, t, event, last->state);
        waits_row_t *row = &waits->rows[index]; /* making a row may have moved it */
        row->intervals[row->count - 1].other = other;
    }
}

/* The model may have changed this thread's state. */
static void look_at(waits_t *waits, const thread_t *t, const event_t *event, uint64_t now)
{
    if (!t) {
        return;
    }
    uint32_t index = row_of(waits, t);
    waits_row_t *row = &waits->rows[index];
    if (row->count && row->intervals[row->count - 1].state == t->state) {
        return;
    }
    if (row->count) {
        close_interval(waits, index, t, event, now);
    }
    open_interval(waits, index, t, now);
}

/* As late as can be: a thread gets its name after its creation. */
static void take_name(waits_t *waits, const thread_t *t)
{
    uintptr_t known = (uintptr_t)reftable_get(&waits->private->rows, t->uid);
    if (known) {
        snprintf(waits->rows[known - 1].name, MODEL_NAME_MAX, "%s", t->name);
    }
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    waits_t *waits = self;
    struct waits_private *p = waits->private;
    uint64_t now = model_ns(model, event->time);
    if (!p->begun) {
        p->begun = true;
        waits->from = now;
        waits->origin = model_ns(model, model->first_time);
        for (const thread_t *t = model->threads; t; t = t->next) {
            look_at(waits, t, event, now);
        }
    }
    waits->until = now > waits->until ? now : waits->until;
    look_at(waits, event->thread, event, now);
    look_at(waits, event->other, event, now);
    look_at(waits, event->prev, event, now);
    look_at(waits, event->gone, event, now);
    if (event->gone) {
        take_name(waits, event->gone);
    }
    if (event->call) {
        look_at(waits, event->call->client, event, now);
    }
    if (event->done) {
        look_at(waits, event->done->client, event, now);
    }
    return p->intervals < MAX_INTERVALS ||
           u4_fail(err, "too much happened: choose a shorter time with --from and --until");
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    waits_t *waits = self;
    (void)info;
    (void)err;
    for (const thread_t *t = model->threads; t; t = t->next) {
        take_name(waits, t);
    }
    for (uint32_t i = 0; i < waits->count; i++) {
        waits_row_t *row = &waits->rows[i];
        waits_interval_t *last = row->count ? &row->intervals[row->count - 1] : NULL;
        if (last && last->state != THREAD_DEAD) {
            last->until = waits->until;
        }
        if (!row->name[0]) {
            snprintf(row->name, sizeof(row->name), "tcb@%x", row->ref);
        }
    }
    return true;
}

const sink_ops_t waits_sink = {.name = "waits", .event = on_event, .end = on_end};

uint32_t waits_find(const waits_row_t *row, uint64_t from)
{
    uint32_t low = 0, high = row->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row->intervals[middle].until <= from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t waits_time_in(const waits_row_t *row, thread_state_t state, uint64_t from, uint64_t until)
{
    uint64_t sum = 0;
    for (uint32_t i = waits_find(row, from); i < row->count && row->intervals[i].from < until;
         i++) {
        const waits_interval_t *w = &row->intervals[i];
        if (w->state == state) {
            sum += (w->until < until ? w->until : until) - (w->from > from ? w->from : from);
        }
    }
    return sum;
}
