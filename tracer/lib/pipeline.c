/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "causal.h"
#include "compound.h"
#include "memory.h"
#include "u4trace/images.h"
#include "u4trace/snapshot.h"
#include "u4trace/u4t.h"

typedef struct {
    const sink_ops_t *ops;
    void *self;
    const filter_t *filter;
} sink_t;

/* Console text that waits until the records before it are out. */
typedef struct pending {
    struct pending *next;
    console_t console;
    char text[];
} pending_t;

struct pipeline {
    const trace_info_t *info;
    merge_t *merge;
    causal_t causal;
    model_t *model;
    compound_t compound;
    sink_t sinks[PIPELINE_MAX_SINKS];
    size_t sink_count;
    pending_t *console, *last_console;
    size_t console_bytes;
    bool begun;
    uint64_t from_ns, until_ns; /* since the first record */
    uint64_t from, until;       /* ticks of the guest's clock, once there was a record */
    bool over;                  /* a record at or behind `until` has come */
    bool (*goes_on)(void *watcher);
    void *watcher;
};

pipeline_t *pipeline_new(const schema_t *schema, const trace_info_t *info)
{
    pipeline_t *pipeline = memory_new(1, sizeof(*pipeline));
    pipeline->info = info;
    pipeline->merge = merge_new();
    causal_init(&pipeline->causal, schema);
    merge_set_tie(pipeline->merge, causal_tie, &pipeline->causal);
    if (pipeline->causal.order_id) {
        merge_set_after(pipeline->merge, pipeline->causal.order_id, causal_after,
                        &pipeline->causal);
    }
    pipeline->model = model_new(schema, info->timebase_hz, info->abi);
    compound_init(&pipeline->compound, schema);
    pipeline->until = pipeline->until_ns = UINT64_MAX;
    return pipeline;
}

static void drop_console(pipeline_t *pipeline)
{
    pending_t *first = pipeline->console;
    pipeline->console_bytes -= first->console.length;
    pipeline->console = first->next;
    pipeline->last_console = first->next ? pipeline->last_console : NULL;
    free(first);
}

void pipeline_free(pipeline_t *pipeline)
{
    if (pipeline) {
        while (pipeline->console) {
            drop_console(pipeline);
        }
        merge_free(pipeline->merge);
        model_free(pipeline->model);
        free(pipeline);
    }
}

void pipeline_add(pipeline_t *pipeline, const sink_ops_t *ops, void *self, const filter_t *filter)
{
    if (pipeline->sink_count < PIPELINE_MAX_SINKS) {
        pipeline->sinks[pipeline->sink_count++] = (sink_t){ops, self, filter};
    }
}

void pipeline_set_range(pipeline_t *pipeline, uint64_t from_ns, uint64_t until_ns)
{
    pipeline->from_ns = from_ns;
    pipeline->until_ns = until_ns;
}

void pipeline_set_watch(pipeline_t *pipeline, bool (*goes_on)(void *context), void *context)
{
    pipeline->goes_on = goes_on;
    pipeline->watcher = context;
}

const model_t *pipeline_model(const pipeline_t *pipeline)
{
    return pipeline->model;
}

uint64_t pipeline_late(const pipeline_t *pipeline)
{
    return merge_late(pipeline->merge);
}

uint64_t pipeline_wrong(const pipeline_t *pipeline)
{
    return merge_wrong(pipeline->merge);
}

void pipeline_ring(pipeline_t *pipeline, uint32_t ring, uint32_t hart, uint32_t owner)
{
    causal_ring(&pipeline->causal, ring, hart);
    model_ring(pipeline->model, ring, hart, owner);
}

static bool begin(pipeline_t *pipeline, u4_error_t *err)
{
    pipeline->begun = true;
    for (size_t i = 0; i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        if (sink->ops->begin &&
            !sink->ops->begin(sink->self, pipeline->model, pipeline->info, err)) {
            return false;
        }
    }
    return true;
}

/* The first tick that is not before `ns` after the tick `origin`. */
static uint64_t tick_at(const model_t *model, uint64_t origin, uint64_t ns)
{
    enum { SECOND = 1000000000 };
    unsigned __int128 ticks = (unsigned __int128)ns * model->timebase_hz + (SECOND - 1);
    ticks = ticks / SECOND + origin;
    return ns == UINT64_MAX || ticks > UINT64_MAX ? UINT64_MAX : (uint64_t)ticks;
}

static void set_origin(pipeline_t *pipeline, uint64_t origin)
{
    pipeline->from = pipeline->from_ns ? tick_at(pipeline->model, origin, pipeline->from_ns) : 0;
    pipeline->until = tick_at(pipeline->model, origin, pipeline->until_ns);
}

static void give_loss(pipeline_t *pipeline, const merge_run_t *run)
{
    model_t *model = pipeline->model;
    loss_t loss = {
        .position = run->position - run->lost,
        .count = run->lost,
        .after = model->time,
        .until = run->count ? run->records[0].time : model->time,
        .ring = run->ring,
        .hart = run->ring < MODEL_MAX_RINGS ? model->rings[run->ring].hart : UINT32_MAX,
    };
    model_loss(model, loss.ring, loss.position, loss.count);
    bool given = loss.until >= pipeline->from && loss.after < pipeline->until;
    for (size_t i = 0; given && i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        if (sink->ops->loss) {
            sink->ops->loss(sink->self, model, &loss);
        }
    }
}

static inline bool give_record(pipeline_t *pipeline, uint32_t ring, uint64_t position,
                               const trace_record_t *record, u4_error_t *err)
{
    model_t *model = pipeline->model;
    event_t event;
    model_record(model, ring, position, record, &event);
    if (record->time < pipeline->from) {
        return true;
    }
    for (size_t i = 0; i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        if (sink->ops->event && (!sink->filter || filter_match(sink->filter, model, &event)) &&
            !sink->ops->event(sink->self, model, &event, err)) {
            return false;
        }
    }
    return true;
}

static void give_console(pipeline_t *pipeline)
{
    uint64_t time = pipeline->console->console.guest_time;
    bool given = time >= pipeline->from && time < pipeline->until;
    for (size_t i = 0; given && i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        if (sink->ops->console) {
            sink->ops->console(sink->self, pipeline->model, &pipeline->console->console);
        }
    }
    drop_console(pipeline);
}

static bool give_run(pipeline_t *pipeline, const merge_run_t *run, u4_error_t *err)
{
    for (size_t r = 0; r < run->count; r++) {
        const trace_record_t *record = &run->records[r];
        trace_record_t parts[COMPOUND_MAX];
        if (pipeline->model->events == 0) {
            set_origin(pipeline, record->time);
        }
        if (record->time >= pipeline->until) {
            pipeline->over = true;
            err->text[0] = 0;
            return false;
        }
        size_t count = compound_expand(&pipeline->compound, record, parts);
        if (count == 0 && !give_record(pipeline, run->ring, run->position + r, record, err)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (!give_record(pipeline, run->ring, run->position + r, &parts[i], err)) {
                return false;
            }
        }
    }
    return true;
}

static bool drain(pipeline_t *pipeline, u4_error_t *err)
{
    merge_run_t run;
    if (!pipeline->begun && !begin(pipeline, err)) {
        return false;
    }
    while (!pipeline->over && merge_next(pipeline->merge, &run)) {
        if (run.lost) {
            give_loss(pipeline, &run);
        }
        if (!give_run(pipeline, &run, err)) {
            return false;
        }
    }
    return !pipeline->over;
}

bool pipeline_push(pipeline_t *pipeline, uint32_t ring, uint64_t first,
                   const trace_record_t *records, size_t count, u4_error_t *err)
{
    err->text[0] = 0;
    if (!merge_push(pipeline->merge, ring, first, records, count)) {
        return u4_fail(err, "ring %u: records from position %llu on do not fit to what came before",
                       ring, (unsigned long long)first);
    }
    return drain(pipeline, err);
}

void pipeline_snapshot(pipeline_t *pipeline, const snapshot_t *snapshot)
{
    if (pipeline->model->events == 0) {
        model_load(pipeline->model, snapshot->state, snapshot->info.guest_time,
                   snapshot->info.flags & SNAPSHOT_AT_END);
        for (size_t i = 0; i < pipeline->sink_count; i++) {
            const sink_t *sink = &pipeline->sinks[i];
            if (sink->ops->loaded) {
                sink->ops->loaded(sink->self, pipeline->model);
            }
        }
    }
}

bool pipeline_round(pipeline_t *pipeline, u4_error_t *err)
{
    err->text[0] = 0;
    merge_round(pipeline->merge);
    return drain(pipeline, err);
}

bool pipeline_console(pipeline_t *pipeline, const console_t *console, u4_error_t *err)
{
    enum { MAX_PENDING = 4 << 20 };
    if (!pipeline->begun && !begin(pipeline, err)) {
        return false;
    }
    pending_t *pending = memory_new(1, sizeof(*pending) + console->length);
    pending->console = *console;
    pending->console.text = memcpy(pending->text, console->text, console->length);
    *(pipeline->last_console ? &pipeline->last_console->next : &pipeline->console) = pending;
    pipeline->last_console = pending;
    pipeline->console_bytes += console->length;
    while (pipeline->console_bytes > MAX_PENDING) {
        give_console(pipeline);
    }
    return true;
}

bool pipeline_end(pipeline_t *pipeline, u4_error_t *err)
{
    err->text[0] = 0;
    merge_finish(pipeline->merge);
    if (!drain(pipeline, err) && err->text[0]) {
        return false;
    }
    while (pipeline->console) {
        give_console(pipeline);
    }
    bool ok = true;
    for (size_t i = 0; i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        u4_error_t own;
        if (sink->ops->end && !sink->ops->end(sink->self, pipeline->model, pipeline->info, &own)) {
            *err = ok ? own : *err;
            ok = false;
        }
    }
    return ok;
}

typedef struct {
    uint64_t round;
    bool any;
    snapshot_parts_t *parts;
} file_state_t;

/* A snapshot that cannot be read is missed, but the records tell their story without it. */
static void give_snapshot(pipeline_t *pipeline, const u4t_item_t *item, file_state_t *state)
{
    u4_error_t ignored;
    state->parts = state->parts ? state->parts : snapshot_parts_new();
    snapshot_t *snapshot = snapshot_unpack(state->parts, item->data, item->length, &ignored);
    if (snapshot) {
        pipeline_snapshot(pipeline, snapshot);
        snapshot_free(snapshot);
    }
}

static bool give_item(pipeline_t *pipeline, const u4t_item_t *item, file_state_t *state,
                      u4_error_t *err)
{
    if (item->type == U4T_RECORDS) {
        if (state->any && item->head.round != state->round && !pipeline_round(pipeline, err)) {
            return false;
        }
        state->any = true;
        state->round = item->head.round;
        pipeline_ring(pipeline, item->head.ring, item->head.hart, item->head.owner);
        return pipeline_push(pipeline, item->head.ring, item->head.first, item->records,
                             item->head.count, err);
    }
    if (item->type == U4T_LOSS) {
        const u4t_loss_t *loss = (const u4t_loss_t *)item->data;
        if (loss->owner) {
            pipeline_ring(pipeline, loss->ring, UINT32_MAX, loss->owner);
        }
        return pipeline_push(pipeline, loss->ring, loss->first, NULL, 0, err) &&
               pipeline_push(pipeline, loss->ring, loss->first + loss->count, NULL, 0, err);
    }
    if (item->type == U4T_IMAGES) {
        model_images(pipeline->model, images_parse((const char *)item->data, item->length));
        return true;
    }
    if (item->type == U4T_SNAPSHOT) {
        give_snapshot(pipeline, item, state);
        return true;
    }
    if (item->type == U4T_CONSOLE) {
        u4t_console_t head;
        memcpy(&head, item->data, sizeof(head));
        console_t console = {.text = (const char *)item->data + sizeof(head),
                             .length = item->length - sizeof(head),
                             .host_ns = head.host_ns,
                             .guest_time = head.guest_time};
        return pipeline_console(pipeline, &console, err);
    }
    return true;
}

static void idle(pipeline_t *pipeline)
{
    for (size_t i = 0; i < pipeline->sink_count; i++) {
        const sink_t *sink = &pipeline->sinks[i];
        if (sink->ops->idle) {
            sink->ops->idle(sink->self, pipeline->model);
        }
    }
}

/* At the end of a file that may grow. False: this was all. */
static bool wait_for_more(pipeline_t *pipeline, follow_t (*wait)(void *context), void *context,
                          u4_error_t *err)
{
    idle(pipeline);
    switch (wait(context)) {
    case FOLLOW_STOP: return false;
    case FOLLOW_AGAIN: return true;
    case FOLLOW_QUIET: break;
    }
    return pipeline_round(pipeline, err) && pipeline_round(pipeline, err);
}

static bool run_file(pipeline_t *pipeline, u4t_reader_t *reader, file_state_t *state,
                     follow_t (*wait)(void *context), void *context, u4_error_t *err)
{
    u4t_item_t item;
    for (;;) {
        u4t_status_t status = u4t_next(reader, &item, err);
        err->text[0] = status == U4T_DAMAGED ? err->text[0] : 0;
        if (status == U4T_DAMAGED) {
            return false;
        }
        if (status == U4T_CUT && wait && wait_for_more(pipeline, wait, context, err)) {
            continue;
        }
        bool ends = pipeline->goes_on && !pipeline->goes_on(pipeline->watcher);
        /* A sink that has seen enough is no failure. */
        if (ends || status != U4T_ITEM || !give_item(pipeline, &item, state, err)) {
            return !err->text[0] && pipeline_end(pipeline, err);
        }
    }
}

bool pipeline_follow_file(pipeline_t *pipeline, u4t_reader_t *reader,
                          follow_t (*wait)(void *context), void *context, u4_error_t *err)
{
    file_state_t state = {0};
    bool ok = run_file(pipeline, reader, &state, wait, context, err);
    snapshot_parts_free(state.parts);
    return ok;
}

bool pipeline_run_file(pipeline_t *pipeline, u4t_reader_t *reader, u4_error_t *err)
{
    return pipeline_follow_file(pipeline, reader, NULL, NULL, err);
}
