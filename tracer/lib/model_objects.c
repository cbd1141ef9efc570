/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's tables: threads, processes, endpoints and notifications, by reference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "model_private.h"

thread_t *model_thread(const model_t *model, uint32_t ref)
{
    return ref ? reftable_get(&model->private->threads, ref) : NULL;
}

object_t *model_object(const model_t *model, uint32_t ref)
{
    return ref ? reftable_get(&model->private->objects, ref) : NULL;
}

static uint32_t take_index(model_t *model)
{
    struct model_private *p = model->private;
    if (p->free_count == 0) {
        return model->thread_count;
    }
    size_t smallest = 0;
    for (size_t i = 1; i < p->free_count; i++) {
        smallest = p->free_indices[i] < p->free_indices[smallest] ? i : smallest;
    }
    uint32_t index = p->free_indices[smallest];
    p->free_indices[smallest] = p->free_indices[--p->free_count];
    return index;
}

static void give_index(model_t *model, uint32_t index)
{
    struct model_private *p = model->private;
    if (p->free_count == p->free_room) {
        p->free_room = p->free_room ? 2 * p->free_room : 16;
        p->free_indices = memory_grow(p->free_indices, p->free_room, sizeof(uint32_t));
    }
    p->free_indices[p->free_count++] = index;
}

thread_t *model_thread_make(model_t *model, uint32_t ref, event_t *event)
{
    if (model->thread_count >= MODEL_MAX_THREADS) {
        /* Only a damaged trace has so many: forget the oldest that no hart runs. */
        thread_t *oldest = model->threads;
        while (oldest && (model_is_current(model, oldest) || oldest == event->thread ||
                          oldest == event->other || oldest == event->prev)) {
            oldest = oldest->next;
        }
        if (oldest) {
            model_thread_kill(model, oldest, event);
        }
    }
    thread_t *t = memory_new(1, sizeof(*t));
    t->ref = ref;
    t->uid = ++model->private->next_thread_uid;
    t->index = take_index(model);
    t->process = model->processes;
    t->hart = -1;
    t->born = t->since = event->time;
    t->last_block.ring = t->last_wake.ring = t->wake_cause.ring = EVENT_NONE;
    snprintf(t->name, sizeof(t->name), "tcb@%x", ref);
    t->prev = model->last_thread;
    *(model->last_thread ? &model->last_thread->next : &model->threads) = t;
    model->last_thread = t;
    model->thread_count++;
    model->thread_peak =
        model->thread_count > model->thread_peak ? model->thread_count : model->thread_peak;
    t->process->threads++;
    reftable_put(&model->private->threads, ref, t);
    event->effects |= EFFECT_THREAD_NEW;
    return t;
}

thread_t *model_thread_get(model_t *model, uint32_t ref, event_t *event)
{
    if (ref == 0) {
        return NULL;
    }
    thread_t *t = reftable_get(&model->private->threads, ref);
    if (t && t->loaded) {
        t->loaded = false;
        event->effects |= EFFECT_THREAD_NEW;
    }
    return t ? t : model_thread_make(model, ref, event);
}

static void leave_process(model_t *model, thread_t *thread)
{
    process_t *p = thread->process;
    if (--p->threads > 0 || p == model->processes) {
        return;
    }
    reftable_remove(&model->private->processes, p->vspace);
    p->prev->next = p->next;
    *(p->next ? &p->next->prev : &model->last_process) = p->prev;
    model->process_count--;
    p->next = model->private->doomed_process;
    model->private->doomed_process = p;
}

/* Nothing may point at a thread that dies. */
static void forget_thread(model_t *model, const thread_t *dead)
{
    for (uint32_t i = 0; i < model->hart_count; i++) {
        hart_t *hart = &model->harts[i];
        hart->current = hart->current == dead ? NULL : hart->current;
        hart->idle = hart->idle == dead ? NULL : hart->idle;
    }
    for (thread_t *t = model->threads; t; t = t->next) {
        t->call.server = t->call.server == dead ? NULL : t->call.server;
        t->last_call.server = t->last_call.server == dead ? NULL : t->last_call.server;
    }
}

void model_thread_kill(model_t *model, thread_t *thread, event_t *event)
{
    if (thread->call.active) {
        model_call_over(model, event, thread, EFFECT_CALL_ENDED);
    }
    model_stop_waiting(thread, event->time);
    model_set_state(model, thread, THREAD_DEAD, event->time);
    forget_thread(model, thread);
    reftable_remove(&model->private->threads, thread->ref);
    *(thread->prev ? &thread->prev->next : &model->threads) = thread->next;
    *(thread->next ? &thread->next->prev : &model->last_thread) = thread->prev;
    give_index(model, thread->index);
    model->thread_count--;
    leave_process(model, thread);
    thread->next = model->private->doomed_thread;
    model->private->doomed_thread = thread;
    event->gone = thread;
    event->effects |= EFFECT_THREAD_GONE;
}

object_t *model_object_get(model_t *model, uint32_t ref)
{
    if (ref == 0) {
        return NULL;
    }
    object_t *object = reftable_get(&model->private->objects, ref);
    if (object) {
        return object;
    }
    if (model->object_count >= MODEL_MAX_OBJECTS) {
        object_t *oldest = model->objects;
        model_object_kill(model, oldest);
    }
    object = memory_new(1, sizeof(*object));
    object->ref = ref;
    object->uid = ++model->private->next_object_uid;
    object->last_signal.ring = EVENT_NONE;
    object->prev = model->last_object;
    *(model->last_object ? &model->last_object->next : &model->objects) = object;
    model->last_object = object;
    model->object_count++;
    reftable_put(&model->private->objects, ref, object);
    return object;
}

void model_object_kill(model_t *model, object_t *object)
{
    for (thread_t *t = model->threads; object->waiting && t; t = t->next) {
        if (t->wait_object == object) {
            t->wait_object = NULL;
            object->waiting--;
        }
    }
    reftable_remove(&model->private->objects, object->ref);
    *(object->prev ? &object->prev->next : &model->objects) = object->next;
    *(object->next ? &object->next->prev : &model->last_object) = object->prev;
    model->object_count--;
    object->next = model->private->doomed_object;
    model->private->doomed_object = object;
}

static process_t *process_get(model_t *model, uint32_t vspace)
{
    process_t *p = reftable_get(&model->private->processes, vspace);
    if (p) {
        return p;
    }
    p = memory_new(1, sizeof(*p));
    p->id = ++model->private->next_process_id;
    p->uid = ++model->private->next_process_uid;
    p->vspace = vspace;
    snprintf(p->name, sizeof(p->name), "vspace@%x", vspace);
    p->prev = model->last_process;
    model->last_process->next = p;
    model->last_process = p;
    model->process_count++;
    reftable_put(&model->private->processes, vspace, p);
    return p;
}

void model_thread_process(model_t *model, thread_t *thread, uint32_t vspace)
{
    if (vspace == 0 || thread->vspace == vspace) {
        return;
    }
    process_t *p = process_get(model, vspace);
    p->threads++;
    leave_process(model, thread);
    thread->process = p;
    thread->vspace = vspace;
}

void model_free_doomed_now(model_t *model)
{
    struct model_private *p = model->private;
    while (p->doomed_thread) {
        thread_t *next = p->doomed_thread->next;
        free(p->doomed_thread);
        p->doomed_thread = next;
    }
    while (p->doomed_process) {
        process_t *next = p->doomed_process->next;
        free(p->doomed_process);
        p->doomed_process = next;
    }
    while (p->doomed_object) {
        object_t *next = p->doomed_object->next;
        free(p->doomed_object);
        p->doomed_object = next;
    }
}

void model_objects_free(model_t *model)
{
    struct model_private *p = model->private;
    model_free_doomed(model);
    p->doomed_thread = model->threads;
    p->doomed_object = model->objects;
    p->doomed_process = model->processes;
    model_free_doomed(model);
    reftable_free(&p->threads);
    reftable_free(&p->objects);
    reftable_free(&p->processes);
    free(p->free_indices);
}
