/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "index_private.h"
#include "memory.h"
#include "trace/ids.h"

enum { BATCH = 2048 /* events between two chances for others to take the lock */ };

static void copy_thread(life_t *life, const thread_t *thread)
{
    life->thread = *thread;
    life->process = *thread->process;
    life->thread.process = &life->process;
}

static life_t *life_of(index_t *index, const thread_t *thread)
{
    if (thread->uid >= index->life_room) {
        size_t room = (size_t)thread->uid * 2 + 64;
        index->lives = memory_grow(index->lives, room, sizeof(index->lives[0]));
        index->order = memory_grow(index->order, room, sizeof(index->order[0]));
        memset(index->lives + index->life_room, 0,
               (room - index->life_room) * sizeof(index->lives[0]));
        index->life_room = room;
    }
    life_t *life = index->lives[thread->uid];
    if (!life) {
        life = index->lives[thread->uid] = memory_new(1, sizeof(*life));
        index->order[index->life_count++] = thread->uid;
        copy_thread(life, thread);
    }
    return life;
}

static uint32_t peer_of(const thread_t *thread, uint64_t time)
{
    if (thread->state == THREAD_POSTPONED) {
        uint64_t wait = thread->release > time ? thread->release - time : 0;
        return wait < UINT32_MAX ? (uint32_t)wait : UINT32_MAX;
    }
    if (thread->state == THREAD_RUNNING || thread->state == THREAD_IDLE) {
        return (uint32_t)thread->hart;
    }
    bool served = thread->state == THREAD_REPLY || thread->state == THREAD_FAULTED;
    return served && thread->call.active ? thread->call.server_uid : 0;
}

/* What a thread waits for in a state is what it waited for before, and what it has run follows. */
static void guess_band(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess)
{
    band_t *next = (band_t *)guess;
    const band_t *now = (const band_t *)rows + i, *last = (const band_t *)same;
    *next = last ? *last : (band_t){.busy = 0};
    next->busy = i ? band_busy(now - 1, now->time) : 0;
    next->imposed = i ? now[-1].imposed : 0;
}

/* Notes what a thread is in from now on, if that has changed. */
static void note_state(index_t *index, life_t *life, const thread_t *thread, uint64_t time,
                       thread_state_t state)
{
    static const series_shape_t shape = {.words = sizeof(band_t) / sizeof(uint64_t),
                                         .guess = guess_band};
    const band_t *last = series_last(&life->bands);
    uint32_t object = thread->wait_object         ? thread->wait_object->ref
                      : state == THREAD_POSTPONED ? thread->sc
                                                  : 0;
    bool same = last && last->state == state && last->object == object;
    if (same && (state == THREAD_POSTPONED || last->peer == peer_of(thread, time))) {
        return;
    }
    band_t band = {.time = time,
                   .state = state,
                   .object = object,
                   .peer = peer_of(thread, time),
                   .imposed = life->imposed};
    copy_thread(life, thread);
    if (last) {
        band.time = time > last->time ? time : last->time;
        band.busy = band_busy(last, band.time);
    }
    series_append(&life->bands, &shape, &index->pool, &band);
}

static void note_setting(index_t *index, life_t *life, const thread_t *thread, uint64_t time)
{
    static const series_shape_t shape = {.words = sizeof(setting_t) / sizeof(uint64_t)};
    const setting_t *last = series_last(&life->settings);
    const setting_t now = {.time = time,
                           .priority = thread->priority,
                           .sc = thread->sc,
                           .hart = (uint64_t)(thread->hart + 1)};
    if (!last || last->priority != now.priority || last->sc != now.sc || last->hart != now.hart) {
        series_append(&life->settings, &shape, &index->pool, &now);
    }
}

static void note_fault(index_t *index, life_t *life, uint64_t time, uint64_t row)
{
    static const series_shape_t shape = {.words = sizeof(fault_t) / sizeof(uint64_t)};
    const fault_t fault = {.time = time, .row = row};
    series_append(&life->faults, &shape, &index->pool, &fault);
}

static void look_at(index_t *index, const event_t *event, const thread_t *thread)
{
    enum { FACTS = EFFECT_THREAD_NEW | EFFECT_THREAD_NAMED | EFFECT_PROCESS };
    if (!thread) {
        return;
    }
    life_t *life = life_of(index, thread);
    if (event->effects & FACTS) {
        copy_thread(life, thread);
    }
    note_setting(index, life, thread, event->time);
    note_state(index, life, thread, event->time,
               event->gone == thread ? THREAD_DEAD : thread->state);
}

/* Who is there from the beginning, and perhaps does nothing all the time. */
static void on_loaded(void *self, const model_t *model)
{
    index_t *index = self;
    for (const thread_t *t = model->threads; t; t = t->next) {
        note_setting(index, life_of(index, t), t, t->since);
        note_state(index, life_of(index, t), t, t->since, t->state);
    }
    index_things_loaded(index, model);
}

static void look_at_hart(index_t *index, const model_t *model, uint32_t hart, uint64_t time)
{
    if (hart >= MODEL_MAX_HARTS) {
        return;
    }
    const thread_t *current = model->harts[hart].blind ? NULL : model->harts[hart].current;
    uint32_t uid = current ? current->uid : 0;
    static const series_shape_t shape = {.words = sizeof(turn_t) / sizeof(uint64_t)};
    series_t *turns = &index->turns[hart];
    const turn_t *last = series_last(turns);
    if (!last || last->thread != uid) {
        const turn_t turn = {.time = time, .thread = uid};
        series_append(turns, &shape, &index->pool, &turn);
    }
}

static uint32_t call_of(const event_t *event)
{
    return event->call ? (uint32_t)event->call->id : event->done ? (uint32_t)event->done->id : 0;
}

static row_t row_of(const event_t *event)
{
    return (row_t){
        .record = *event->record,
        .thread = event->thread ? event->thread->uid : 0,
        .other = event->other ? event->other->uid : 0,
        .call = call_of(event),
        .waited = event->waited > UINT32_MAX ? UINT32_MAX : (uint32_t)event->waited,
        .effects = event->effects,
        .ring = (uint8_t)event->ring,
        .hart = event->hart < 255 ? (uint8_t)event->hart : 255,
        .position = event->position,
    };
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    index_t *index = self;
    if (++index->batch >= BATCH) {
        index->batch = 0;
        index_breathe(index);
    }
    if (atomic_load(&index->stop)) {
        err->text[0] = 0;
        return false;
    }
    row_t row = row_of(event);
    uint64_t number = index->spool.count, time = event->time;
    index->first_time = number == 0 ? time : index->first_time;
    index->last_time = time > index->last_time ? time : index->last_time;
    if (event->effects & (EFFECT_CALL_DONE | EFFECT_CALL_ENDED) && event->done) {
        index_message_over(index, event, number); /* before its client's next state */
    }
    look_at(index, event, event->thread);
    look_at(index, event, event->other);
    look_at(index, event, event->prev);
    look_at(index, event, event->gone);
    look_at_hart(index, model, event->hart, time);
    index_thing_event(index, event);
    index_async_event(index, event, number);
    if (index_id(&index->fields, event->record) == TRACE_FAULT_RAISED && event->thread) {
        note_fault(index, life_of(index, event->thread), time, number);
    }
    spool_append(&index->spool, &index->pool, &row);
    index->records += !event->again;
    return true;
}

static void on_loss(void *self, const model_t *model, const loss_t *loss)
{
    index_t *index = self;
    index->holes = index_grow(index->holes, index->hole_count, &index->hole_room, sizeof(hole_t));
    index->holes[index->hole_count++] = (hole_t){.loss = *loss, .row = index->spool.count};
    look_at_hart(index, model, loss->hart, loss->after);
}

static void end_line(index_t *index, uint64_t time)
{
    index->lines = index_grow(index->lines, index->line_count, &index->line_room, sizeof(line_t));
    char *text = memory_new(1, index->line_length + 1);
    memcpy(text, index->line, index->line_length);
    index->lines[index->line_count++] = (line_t){.time = time, .text = text};
    index->line_length = 0;
}

static void on_console(void *self, const model_t *model, const console_t *console)
{
    index_t *index = self;
    (void)model;
    for (size_t i = 0; i < console->length; i++) {
        unsigned char c = (unsigned char)console->text[i];
        if (c == '\n' || index->line_length == sizeof(index->line) - 1) {
            end_line(index, console->guest_time);
        }
        if (c != '\n' && c != '\r') {
            index->line[index->line_length++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
        }
    }
}

static bool on_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    index_t *index = self;
    (void)err;
    index->model = model;
    index->info = info;
    index_fields_find(&index->fields, model->schema);
    return true;
}

static void on_idle(void *self, const model_t *model)
{
    (void)model;
    index_breathe(self);
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    index_t *index = self;
    (void)info;
    (void)err;
    if (index->line_length) {
        end_line(index, model->time);
    }
    return true;
}

const sink_ops_t index_sink = {
    .name = "view",
    .begin = on_begin,
    .loaded = on_loaded,
    .event = on_event,
    .loss = on_loss,
    .console = on_console,
    .idle = on_idle,
    .end = on_end,
};
