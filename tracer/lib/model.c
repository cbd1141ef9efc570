/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's frame: one record in, one event out. Handlers are in the other model_ files. */
#include "u4trace/model.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "model_private.h"
#include "u4trace/images.h"

#define FIELD(name, event, field) {event, field},
static const schema_field_name_t field_names[MODEL_FIELD_COUNT] = {MODEL_FIELDS(FIELD)};
#undef FIELD

static void bind_handlers(model_t *model, const model_handler_t *handlers)
{
    for (; handlers->event; handlers++) {
        const schema_event_t *event = schema_find_event(model->schema, handlers->event);
        if (event) {
            model->private->handlers[event->id] = handlers->handler;
        }
    }
}

model_t *model_new(const schema_t *schema, uint64_t timebase_hz, uint32_t abi)
{
    model_t *model = memory_new(1, sizeof(*model));
    model->private = memory_new(1, sizeof(*model->private));
    model->schema = schema;
    model->timebase_hz = timebase_hz ? timebase_hz : 1;
    model->abi = abi;
    if (1000000000 % model->timebase_hz == 0) {
        model->private->ns_multiplier = 1000000000 / model->timebase_hz;
    }
    schema_find_fields(schema, field_names, MODEL_FIELD_COUNT, model->private->fields);
    bind_handlers(model, model_sched_handlers);
    bind_handlers(model, model_ipc_handlers);
    bind_handlers(model, model_thread_handlers);
    bind_handlers(model, model_uintr_handlers);
    bind_handlers(model, model_sc_handlers);
    for (uint32_t i = 0; i < MODEL_MAX_RINGS; i++) {
        model->rings[i].hart = i;
    }
    process_t *kernel = memory_new(1, sizeof(*kernel));
    strcpy(kernel->name, "kernel");
    model->processes = model->last_process = kernel;
    model->process_count = 1;
    return model;
}

void model_free(model_t *model)
{
    if (model) {
        model_objects_free(model);
        model_uintr_free(model);
        model_sc_free(model);
        images_free(model->private->images);
        free(model->private);
        free(model);
    }
}

void model_ring(model_t *model, uint32_t ring, uint32_t hart, uint32_t owner)
{
    if (ring < MODEL_MAX_RINGS) {
        model->rings[ring].hart = hart < MODEL_MAX_HARTS ? hart : UINT32_MAX;
        model->rings[ring].owner = owner;
    }
}

uint64_t model_ns(const model_t *model, uint64_t ticks)
{
    if (model->private->ns_multiplier) {
        return ticks * model->private->ns_multiplier;
    }
    return (uint64_t)((unsigned __int128)ticks * 1000000000 / model->timebase_hz);
}

/* Counts a record; false if it has been counted: the second part of a compound event. */
static bool account(model_t *model, uint32_t ring, uint64_t position)
{
    ring_account_t *account = &model->rings[ring];
    if (account->seen && position + 1 == account->next) {
        return false;
    }
    if (!account->seen) {
        account->seen = true;
        account->skipped = position;
        model->ring_count = ring >= model->ring_count ? ring + 1 : model->ring_count;
    }
    account->next = position + 1;
    account->kept++;
    return true;
}

/* Who is current on the record's hart; a change without a switch event is made up for. */
static void note_current(model_t *model, event_t *event)
{
    uint32_t ref = event->record->thread;
    hart_t *hart = event->hart < MODEL_MAX_HARTS ? &model->harts[event->hart] : NULL;
    if (hart && hart->current && hart->current->ref == ref) {
        event->thread = hart->current;
        hart->blind = false;
        return;
    }
    if (ref == 0) {
        return;
    }
    event->thread = model_thread_get(model, ref, event);
    if (!hart) {
        return;
    }
    if (hart->current && !hart->blind) {
        model->unexplained_switches++;
        event->effects |= EFFECT_UNEXPLAINED;
    }
    event->prev = hart->current;
    model_switch(model, event, event->thread, hart->blind ? THREAD_UNKNOWN : THREAD_READY);
    hart->blind = false;
}

/* Member by member: compilers zero a structure of this size by a string instruction, which takes
 * longer to start than all of this. */
static void describe(const model_t *model, uint32_t ring, uint64_t position,
                     const trace_record_t *record, event_t *event)
{
    event->record = record;
    event->type = schema_event(model->schema, record->event);
    event->time = record->time;
    event->position = position;
    event->ring = ring;
    event->hart = model->rings[ring].hart;
    event->effects = 0;
    event->again = false;
    event->thread = event->other = event->prev = event->gone = NULL;
    event->object = NULL;
    event->call = event->done = NULL;
    event->cause.position = event->cause.time = 0;
    event->cause.ring = EVENT_NONE;
    event->cause.id = 0;
    event->waited = 0;
}

/* What a snapshot knows begins with the first record. */
static void model_begin_threads(model_t *model, uint64_t time)
{
    for (thread_t *t = model->threads; t; t = t->next) {
        memset(t->time_in, 0, sizeof(t->time_in));
        t->born = t->since = time;
    }
}

void model_record(model_t *model, uint32_t ring, uint64_t position, const trace_record_t *record,
                  event_t *event)
{
    ring = ring < MODEL_MAX_RINGS ? ring : MODEL_MAX_RINGS - 1;
    model_free_doomed(model);
    describe(model, ring, position, record, event);
    event->again = !account(model, ring, position);
    if (model->events == 0) {
        model->first_time = model->time = event->time;
        model_begin_threads(model, event->time);
    }
    model->events += !event->again;
    model->time = event->time > model->time ? event->time : model->time;
    if (event->hart < MODEL_MAX_HARTS) {
        hart_t *hart = &model->harts[event->hart];
        if (__builtin_expect(!hart->online, 0)) {
            hart->online = true;
            model->hart_count =
                event->hart >= model->hart_count ? event->hart + 1 : model->hart_count;
        }
        hart->last_time = event->time;
    }
    note_current(model, event);
    if (event->hart >= MODEL_MAX_HARTS && event->thread && model_is_current(model, event->thread)) {
        event->hart = (uint32_t)event->thread->hart; /* a program's ring goes where it goes */
    }
    if (record->event < SCHEMA_MAX_EVENTS) {
        model->per_event[record->event]++;
        model_handler_fn *handler = model->private->handlers[record->event];
        if (handler) {
            handler(model, event);
        }
    }
}

void model_loss(model_t *model, uint32_t ring, uint64_t position, uint64_t count)
{
    if (ring >= MODEL_MAX_RINGS) {
        return;
    }
    model_free_doomed(model);
    ring_account_t *account = &model->rings[ring];
    if (!account->seen) {
        account->seen = true;
        account->skipped = position;
        model->ring_count = ring >= model->ring_count ? ring + 1 : model->ring_count;
    }
    account->lost += count;
    account->gaps++;
    account->next = position + count;
    model->lost += count;
    model->loss_epoch++;
    if (account->hart >= MODEL_MAX_HARTS) {
        return; /* a program's own events say nothing about states */
    }
    model->harts[account->hart].blind = true;
    model->harts[account->hart].entered = 0;
    for (thread_t *t = model->threads; t; t = t->next) {
        bool elsewhere = model_is_current(model, t) && model->harts[account->hart].current != t;
        if (!elsewhere) {
            model_set_state(model, t, THREAD_UNKNOWN, model->time);
            t->next_state = THREAD_UNKNOWN;
            t->waiting_since = t->entered = 0;
        }
    }
}
