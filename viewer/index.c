/* SPDX-License-Identifier: BSD-2-Clause */
#include "index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "index_private.h"
#include "memory.h"
#include "trace/ids.h"

bool index_open(index_t *index, u4_error_t *err)
{
    pthread_mutex_init(&index->lock, NULL);
    int fd = index_file(err); /* there will be more, where this is possible */
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

void index_close(index_t *index)
{
    for (size_t i = 0; i < index->life_room; i++) {
        if (index->lives[i]) {
            life_t *life = index->lives[i];
            series_free(&life->bands);
            series_free(&life->settings);
            series_free(&life->faults);
            free(index->lives[i]);
        }
    }
    for (size_t i = 0; i < MODEL_MAX_HARTS; i++) {
        series_free(&index->turns[i]);
    }
    for (size_t i = 0; i < index->thing_count; i++) {
        series_free(&index->things[i]->shares);
        free(index->things[i]->latency);
        free(index->things[i]);
    }
    for (size_t i = 0; i < index->pair_count; i++) {
        free(index->pairs[i]);
    }
    for (size_t i = 0; i < index->line_count; i++) {
        free(index->lines[i].text);
    }
    free(index->lives);
    free(index->order);
    series_free(&index->messages);
    series_free(&index->wakes);
    index_drop(index->things, index->thing_room, sizeof(thing_t *));
    reftable_free(&index->thing_table);
    reftable_free(&index->receiver_table);
    index_drop(index->pairs, index->pair_room, sizeof(pair_t *));
    async_free(&index->async);
    index_drop(index->lines, index->line_room, sizeof(line_t));
    index_drop(index->holes, index->hole_room, sizeof(hole_t));
    series_free(&index->spool.rows);
    series_pool_free(&index->pool);
    pthread_mutex_destroy(&index->lock);
}

uint64_t index_memory(const index_t *index)
{
    uint64_t bytes = series_memory(&index->messages) + series_memory(&index->wakes) +
                     index->line_room * sizeof(line_t) + index->hole_room * sizeof(hole_t) +
                     index->thing_count * (sizeof(thing_t) + sizeof(histogram_t)) +
                     index->pair_count * sizeof(pair_t) + index->life_count * sizeof(life_t);
    for (size_t i = 0; i < index->life_count; i++) {
        const life_t *life = index_life(index, index->order[i]);
        bytes += series_memory(&life->bands) + series_memory(&life->settings) +
                 series_memory(&life->faults);
    }
    for (size_t i = 0; i < index->thing_count; i++) {
        bytes += series_memory(&index->things[i]->shares);
    }
    for (size_t i = 0; i < MODEL_MAX_HARTS; i++) {
        bytes += series_memory(&index->turns[i]);
    }
    return bytes + async_memory(&index->async);
}

void index_lock(index_t *index)
{
    atomic_fetch_add(&index->wanted, 1);
    pthread_mutex_lock(&index->lock);
    atomic_fetch_sub(&index->wanted, 1);
}

void index_unlock(index_t *index)
{
    pthread_mutex_unlock(&index->lock);
}

/* Who waits for the lock may have to wait for another that does so, and goes on after it. */
void index_breathe(index_t *index)
{
    index_unlock(index);
    const struct timespec nap = {.tv_nsec = 50000};
    while (atomic_load(&index->wanted)) {
        nanosleep(&nap, NULL);
    }
    index_lock(index);
}

life_t *index_life(const index_t *index, uint32_t uid)
{
    return uid < index->life_room ? index->lives[uid] : NULL;
}

const char *index_name(const index_t *index, uint32_t uid)
{
    const life_t *life = index_life(index, uid);
    return life ? life->thread.name : "-";
}

uint32_t index_uid(const index_t *index, uint32_t ref, uint64_t time)
{
    uint32_t uid = 0;
    for (size_t i = 0; i < index->life_count && ref; i++) {
        const life_t *life = index_life(index, index->order[i]);
        if (life->thread.ref == ref && (!uid || life->thread.born <= time)) {
            uid = life->thread.uid;
        }
    }
    return uid;
}

uint64_t index_busy(const life_t *life, uint64_t time)
{
    band_t band;
    return index_band(life, time, &band) ? band_busy(&band, time) : 0;
}

/* Events of a time come later than console text that was read then. */
uint64_t index_line_row(const index_t *index, size_t line)
{
    line_t *l = &index->lines[line];
    if (!l->placed) {
        l->row = spool_find(&index->spool, l->time + 1);
        l->placed = index->done || l->row < index->spool.count;
    }
    return l->row;
}

const char *thing_name(const thing_t *thing, char *text, size_t size)
{
    switch (thing->type) {
    case TRACE_CAPTYPE_IRQ_HANDLER: snprintf(text, size, "irq %u", thing->ref / 2); break;
    case THING_RECEIVER:
        snprintf(text, size, "receiver %u", (thing->ref - THING_RECEIVERS) / 2);
        break;
    case THING_LOCK: snprintf(text, size, "kernel lock"); break;
    case TRACE_CAPTYPE_ENDPOINT: snprintf(text, size, "endpoint %08x", thing->ref); break;
    case TRACE_CAPTYPE_NOTIFICATION: snprintf(text, size, "notification %08x", thing->ref); break;
    case TRACE_CAPTYPE_SCHED_CONTEXT: snprintf(text, size, "sc %08x", thing->ref); break;
    default: snprintf(text, size, "object %08x", thing->ref); break;
    }
    return text;
}

const char *index_thing_name(const index_t *index, uint32_t ref, char *text, size_t size)
{
    const thing_t *thing = reftable_get(&index->thing_table, ref);
    const thing_t unknown = {.ref = ref};
    return thing_name(thing ? thing : &unknown, text, size);
}
