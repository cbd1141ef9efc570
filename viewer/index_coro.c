/* SPDX-License-Identifier: BSD-2-Clause */
/* Coroutines over time. */
#include <stdlib.h>
#include <string.h>

#include "index_private.h"
#include "memory.h"

executor_t *index_executor(index_t *index, const event_t *event)
{
    async_t *async = &index->async;
    uint32_t uid = event->thread ? event->thread->uid : 0;
    for (size_t i = 0; i < async->executor_count; i++) {
        if (async->executors[i]->thread == uid) {
            return async->executors[i];
        }
    }
    executor_t *executor = memory_new(1, sizeof(*executor));
    executor->thread = uid;
    async->executors = index_grow(async->executors, async->executor_count, &async->executor_room,
                                  sizeof(async->executors[0]));
    async->executors[async->executor_count++] = executor;
    return executor;
}

static coro_t *new_coro(index_t *index, executor_t *executor, uint32_t number)
{
    async_t *async = &index->async;
    coro_t *coro = memory_new(1, sizeof(*coro));
    coro->thread = executor->thread;
    coro->number = number;
    async->coros =
        index_grow(async->coros, async->coro_count, &async->coro_room, sizeof(async->coros[0]));
    async->coros[async->coro_count++] = coro;
    return executor->coros[number & 0xffff] = coro;
}

/* The one of a number, made if its beginning is not in the trace. */
static coro_t *coro_of(index_t *index, executor_t *executor, uint32_t number)
{
    uint32_t at = number & 0xffff;
    if (at >= executor->room) {
        size_t room = (size_t)at * 2 + 16;
        executor->coros = memory_grow(executor->coros, room, sizeof(executor->coros[0]));
        memset(executor->coros + executor->room, 0,
               (room - executor->room) * sizeof(executor->coros[0]));
        executor->room = room;
    }
    coro_t *coro = executor->coros[at];
    return coro && coro->number == number ? coro : new_coro(index, executor, number);
}

static uint64_t busy_until(const coro_step_t *step, uint64_t time)
{
    return step->busy + (step->state == CORO_RUNNING ? time - step->time : 0);
}

static void guess_step(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess)
{
    coro_step_t *next = (coro_step_t *)guess;
    const coro_step_t *now = (const coro_step_t *)rows + i, *last = (const coro_step_t *)same;
    *next = last ? *last : (coro_step_t){.busy = 0};
    next->busy = i ? busy_until(now - 1, now->time) : 0;
}

static void append_step(index_t *index, coro_t *coro, coro_step_t step)
{
    static const series_shape_t shape = {.words = sizeof(step) / sizeof(uint64_t),
                                         .guess = guess_step};
    const coro_step_t *last = series_last(&coro->steps);
    if (last) {
        step.time = step.time > last->time ? step.time : last->time;
        step.busy = busy_until(last, step.time);
    }
    series_append(&coro->steps, &shape, &index->pool, &step);
}

static void coro_is(index_t *index, coro_t *coro, uint64_t time, coro_state_t state)
{
    append_step(index, coro, (coro_step_t){.time = time, .state = state});
}

static coro_state_t state_of(const coro_t *coro)
{
    const coro_step_t *last = series_last(&coro->steps);
    return last ? (coro_state_t)last->state : CORO_READY;
}

static void spawn(index_t *index, coro_t *coro, const event_t *event)
{
    const schema_field_t *name = index->fields.fields[FIELD_SPAWN_NAME];
    coro->priority = (uint8_t)index_get(&index->fields, FIELD_SPAWN_PRIORITY, event->record);
    if (name->type == FIELD_STR) {
        schema_field_str(name, event->record, coro->name);
    }
    coro_is(index, coro, event->time, CORO_READY);
}

/* Whoever ran before, and did not say that it waits, has yielded. */
static void run(index_t *index, const event_t *event)
{
    executor_t *executor = index_executor(index, event);
    uint32_t number = (uint32_t)index_get(&index->fields, FIELD_RUN_CORO, event->record);
    coro_t *before = executor->current ? coro_of(index, executor, executor->current) : NULL;
    if (before && state_of(before) == CORO_RUNNING) {
        coro_is(index, before, event->time, CORO_READY);
    }
    executor->current = number;
    if (number) {
        coro_t *coro = coro_of(index, executor, number);
        coro->runs++;
        coro_is(index, coro, event->time, CORO_RUNNING);
    }
}

static void state_event(index_t *index, unsigned id, enum index_field number, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    executor_t *executor = index_executor(index, event);
    coro_t *coro = coro_of(index, executor, (uint32_t)index_get(fields, number, event->record));
    coro_step_t step;
    switch (id) {
    case TRACE_CORO_SPAWN: spawn(index, coro, event); break;
    case TRACE_CORO_BLOCK:
        step = (coro_step_t){
            .time = event->time,
            .state = CORO_WAITING,
            .why = index_get(fields, FIELD_WAIT_WHY, event->record),
            .object = index_get(fields, FIELD_WAIT_OBJECT, event->record),
            .token = index_get(fields, FIELD_WAIT_TOKEN, event->record),
        };
        append_step(index, coro, step);
        break;
    case TRACE_CORO_WAKE:
        if (state_of(coro) == CORO_WAITING) {
            coro_is(index, coro, event->time, CORO_READY);
        }
        break;
    default: coro_is(index, coro, event->time, CORO_ENDED); break;
    }
}

void index_coro_event(index_t *index, unsigned id, const event_t *event)
{
    switch (id) {
    case TRACE_CORO_SPAWN: state_event(index, id, FIELD_SPAWN_CORO, event); break;
    case TRACE_CORO_RUN: run(index, event); break;
    case TRACE_CORO_BLOCK: state_event(index, id, FIELD_WAIT_CORO, event); break;
    case TRACE_CORO_WAKE: state_event(index, id, FIELD_WAKE_CORO, event); break;
    default: state_event(index, id, FIELD_END_CORO, event); break;
    }
}

uint64_t coro_busy(const coro_t *coro, uint64_t time)
{
    coro_step_t step;
    return coro_step(coro, time, &step) ? busy_until(&step, time) : 0;
}

const coro_t *async_coro(const async_t *async, uint32_t thread, uint32_t number)
{
    for (size_t i = 0; i < async->coro_count; i++) {
        if (async->coros[i]->thread == thread && async->coros[i]->number == number) {
            return async->coros[i];
        }
    }
    return NULL;
}
