/* SPDX-License-Identifier: BSD-2-Clause */
/* Coroutines in the statistics: those of one name in a thread are a row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "stats_async.h"

typedef enum { GONE, READY, RUNNING, WAITING } state_t;

/* A place in a thread's pool, and who is there. */
typedef struct {
    uint32_t number;
    state_t state;
    uint8_t why;
    uint64_t since; /* ticks */
    stats_coros_t *row;
} place_t;

typedef struct {
    uint32_t uid, current; /* number of who runs; 0: the executor itself */
    char thread[MODEL_NAME_MAX];
    place_t *places;
    size_t room;
} executor_t;

static executor_t *executor_of(stats_t *stats, const thread_t *thread)
{
    struct stats_async_private *p = stats->private->async;
    executor_t *executor = reftable_get(&p->executors, thread->uid);
    if (!executor) {
        executor = memory_new(1, sizeof(*executor));
        executor->uid = thread->uid;
        snprintf(executor->thread, sizeof(executor->thread), "%s", thread->name);
        reftable_put(&p->executors, thread->uid, executor);
    }
    return executor;
}

static stats_coros_t *row_of(stats_t *stats, const executor_t *executor, const char *name)
{
    for (size_t i = 0; i < stats->coro_count; i++) {
        stats_coros_t *row = stats->coros[i];
        if (row->thread_uid == executor->uid && strcmp(row->name, name) == 0) {
            return row;
        }
    }
    stats_coros_t *row = memory_new(1, sizeof(*row));
    row->thread_uid = executor->uid;
    snprintf(row->thread, sizeof(row->thread), "%s", executor->thread);
    snprintf(row->name, sizeof(row->name), "%s", name);
    stats->coros = stats_one_more(stats->coros, stats->coro_count, sizeof(row));
    stats->coros[stats->coro_count++] = row;
    return row;
}

/* The coroutine is in that state from now on; what it was in until now is added up. */
static void enter(const model_t *model, place_t *place, state_t state, uint64_t now)
{
    uint64_t ns = now > place->since ? model_ns(model, now - place->since) : 0;
    switch (place->state) {
    case READY: place->row->ready += ns; break;
    case RUNNING: place->row->ran += ns; break;
    case WAITING: place->row->waited[place->why % STATS_CORO_WAITS] += ns; break;
    default: break;
    }
    place->state = state;
    place->since = now;
}

/* The place of the coroutine that a field names, which has the name NAME; not a name that it has
 * had all along if its beginning is not in the trace. */
static place_t *place_of(stats_t *stats, executor_t *executor, uint32_t number, const char *name)
{
    uint32_t at = number & 0xffff;
    if (at >= executor->room) {
        size_t room = 2 * (size_t)at + 16;
        executor->places = memory_grow(executor->places, room, sizeof(place_t));
        memset(executor->places + executor->room, 0, (room - executor->room) * sizeof(place_t));
        executor->room = room;
    }
    place_t *place = &executor->places[at];
    if (place->number != number || !place->row) {
        *place = (place_t){.number = number, .row = row_of(stats, executor, name)};
        place->row->seen++;
        place->row->alive++;
        place->row->most =
            place->row->alive > place->row->most ? place->row->alive : place->row->most;
    }
    return place;
}

static place_t *place_named(stats_t *stats, unsigned field, const event_t *event)
{
    return place_of(stats, executor_of(stats, event->thread),
                    (uint32_t)stats_async_get(stats, field, event), "?");
}

static void on_spawn(stats_t *stats, const model_t *model, const event_t *event)
{
    const schema_field_t *field = stats->private->async->fields[A_SPAWN_NAME];
    char name[SCHEMA_STR_SIZE] = "?";
    if (!event->thread) {
        return;
    }
    if (field->type == FIELD_STR) {
        schema_field_str(field, event->record, name);
    }
    place_t *place = place_of(stats, executor_of(stats, event->thread),
                              (uint32_t)stats_async_get(stats, A_SPAWN_CORO, event), name);
    enter(model, place, READY, event->time);
}

/* Whoever ran before, and did not say that it waits, has yielded. */
static void on_run(stats_t *stats, const model_t *model, const event_t *event)
{
    if (!event->thread) {
        return;
    }
    executor_t *executor = executor_of(stats, event->thread);
    uint32_t number = (uint32_t)stats_async_get(stats, A_RUN_CORO, event);
    place_t *before = executor->current ? place_of(stats, executor, executor->current, "?") : NULL;
    if (before && before->state == RUNNING) {
        enter(model, before, READY, event->time);
    }
    executor->current = number;
    if (number) {
        place_t *place = place_of(stats, executor, number, "?");
        place->row->runs++;
        enter(model, place, RUNNING, event->time);
    }
}

static void on_block(stats_t *stats, const model_t *model, const event_t *event)
{
    if (event->thread) {
        place_t *place = place_named(stats, A_BLOCK_CORO, event);
        enter(model, place, WAITING, event->time);
        place->why = (uint8_t)(stats_async_get(stats, A_BLOCK_WHY, event) % STATS_CORO_WAITS);
        place->row->waits[place->why]++;
    }
}

static void on_wake(stats_t *stats, const model_t *model, const event_t *event)
{
    if (event->thread) {
        enter(model, place_named(stats, A_WAKE_CORO, event), READY, event->time);
    }
}

static void on_end(stats_t *stats, const model_t *model, const event_t *event)
{
    if (event->thread) {
        place_t *place = place_named(stats, A_END_CORO, event);
        enter(model, place, GONE, event->time);
        place->row->alive--;
    }
}

const stats_binding_t stats_coro_bindings[] = {
    {"coro.spawn", on_spawn}, {"coro.run", on_run}, {"coro.block", on_block},
    {"coro.wake", on_wake},   {"coro.end", on_end}, {NULL, NULL},
};

/* Those that are left are what they are until the last event. */
void stats_end_coros(stats_t *stats, const model_t *model)
{
    const struct stats_async_private *p = stats->private->async;
    for (uint32_t i = 0; p->executors.slots && i <= p->executors.mask; i++) {
        executor_t *executor = p->executors.slots[i].key ? p->executors.slots[i].value : NULL;
        for (size_t k = 0; executor && k < executor->room; k++) {
            place_t *place = &executor->places[k];
            if (place->state == WAITING) {
                place->row->waiting[place->why]++;
            }
            enter(model, place, place->state, p->last);
        }
    }
}

void stats_free_coros(stats_t *stats)
{
    reftable_t *executors = &stats->private->async->executors;
    for (uint32_t i = 0; executors->slots && i <= executors->mask; i++) {
        executor_t *executor = executors->slots[i].key ? executors->slots[i].value : NULL;
        if (executor) {
            free(executor->places);
            free(executor);
        }
    }
    reftable_free(executors);
    for (size_t i = 0; i < stats->coro_count; i++) {
        free(stats->coros[i]);
    }
    free(stats->coros);
}
