/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints, notifications, interrupts, scheduling contexts, the kernel's lock. */
#include <stdlib.h>

#include "index_private.h"
#include "memory.h"

uint64_t index_ns_between(const model_t *model, uint64_t from, uint64_t to)
{
    return from && to > from ? model_ns(model, to) - model_ns(model, from) : 0;
}

thing_t *index_thing(index_t *index, uint32_t ref, uint8_t type, uint64_t time)
{
    thing_t *thing = ref ? reftable_get(&index->thing_table, ref) : NULL;
    if (thing && !thing->gone && type && thing->type && type != thing->type) {
        thing->gone = time; /* its end is not in the trace */
    }
    if (thing && !thing->gone) {
        thing->type = type ? type : thing->type;
        thing->last_time = time;
        return thing;
    }
    index->things =
        index_grow(index->things, index->thing_count, &index->thing_room, sizeof(thing_t *));
    thing = memory_new(1, sizeof(*thing));
    *thing = (thing_t){.ref = ref, .type = type, .first_time = time, .last_time = time};
    thing->latency = memory_new(1, sizeof(*thing->latency));
    index->things[index->thing_count++] = thing;
    if (ref) {
        reftable_put(&index->thing_table, ref, thing);
    }
    return thing;
}

static void note_share(index_t *index, thing_t *thing, uint64_t time)
{
    static const series_shape_t shape = {.words = sizeof(share_t) / sizeof(uint64_t)};
    const model_sc_t *sc = model_sc(index->model, thing->ref);
    const share_t *last = series_last(&thing->shares);
    if (sc && (!last || last->owner != sc->thread_uid || last->budget_us != sc->budget_us ||
               last->period_us != sc->period_us)) {
        const share_t share = {.time = time,
                               .owner = sc->thread_uid,
                               .budget_us = sc->budget_us,
                               .period_us = sc->period_us};
        series_append(&thing->shares, &shape, &index->pool, &share);
    }
}

void index_things_loaded(index_t *index, const model_t *model)
{
    for (const object_t *o = model->objects; o; o = o->next) {
        note_share(index, index_thing(index, o->ref, o->type, model->time), model->time);
    }
}

static void signal_event(const index_t *index, thing_t *thing, const trace_record_t *record)
{
    uint64_t outcome = index_get(&index->fields, FIELD_SIGNAL_OUTCOME, record);
    thing->signals++;
    thing->merged += outcome == TRACE_SIGNAL_OUTCOME_MERGED;
    thing->woke +=
        outcome == TRACE_SIGNAL_OUTCOME_WOKE || outcome == TRACE_SIGNAL_OUTCOME_WOKE_BOUND;
}

/* What an object must be, when its making is not in the trace. */
static uint8_t type_by_event(const index_t *index, const trace_record_t *record)
{
    switch (index_id(&index->fields, record)) {
    case TRACE_IPC_TRANSFER: return TRACE_CAPTYPE_ENDPOINT;
    case TRACE_NTFN_SIGNAL:
    case TRACE_NTFN_RECEIVE: return TRACE_CAPTYPE_NOTIFICATION;
    case TRACE_IPC_BLOCK:
        return index_get(&index->fields, FIELD_BLOCK_WHY, record) == TRACE_BLOCK_KIND_NTFN
                   ? TRACE_CAPTYPE_NOTIFICATION
                   : TRACE_CAPTYPE_ENDPOINT;
    default: return 0;
    }
}

/* From the signal to the woken thread's running. */
static void signal_arrives(index_t *index, const event_t *event)
{
    life_t *life = event->other ? index_life(index, event->other->uid) : NULL;
    if (!life) {
        return;
    }
    if (event->effects & EFFECT_SWITCH && life->signalled) {
        thing_t *thing = index_thing(index, life->signalled_by, 0, event->time);
        histogram_add(thing->latency, index_ns_between(index->model, life->signalled, event->time));
        life->signalled = 0;
    } else if (index_id(&index->fields, event->record) == TRACE_NTFN_SIGNAL && event->object) {
        life->signalled = event->time;
        life->signalled_by = event->object->ref;
    }
}

/* Interrupts are known by number; an odd reference is no object's. */
static thing_t *irq_of(index_t *index, enum index_field field, const event_t *event)
{
    uint32_t number = (uint32_t)index_get(&index->fields, field, event->record);
    return index_thing(index, number * 2 + 1, TRACE_CAPTYPE_IRQ_HANDLER, event->time);
}

static void interrupt_event(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    thing_t *irq;
    switch (index_id(fields, event->record)) {
    case TRACE_IRQ_BIND:
        irq = irq_of(index, FIELD_IRQ_BIND_IRQ, event);
        irq->bound = (uint32_t)index_get(fields, FIELD_IRQ_BIND_NTFN, event->record);
        break;
    case TRACE_IRQ_RAISED:
        irq = irq_of(index, FIELD_IRQ_RAISED_IRQ, event);
        irq->bound = (uint32_t)index_get(fields, FIELD_IRQ_RAISED_NTFN, event->record);
        irq->signals++;
        irq->raised = event->time;
        break;
    case TRACE_IRQ_ACK:
        irq = irq_of(index, FIELD_IRQ_ACK_IRQ, event);
        if (irq->raised) {
            histogram_add(irq->latency, index_ns_between(index->model, irq->raised, event->time));
            irq->raised = 0;
        }
        break;
    default: break;
    }
}

/* Scheduling contexts: who runs on them, how often and for how long they made somebody wait. */
static void context_event(index_t *index, const event_t *event)
{
    static const struct {
        unsigned id;
        enum index_field field;
    } contexts[] = {
        {TRACE_SCHED_SC_CONFIGURE, FIELD_SC_CONFIGURE_SC},
        {TRACE_SCHED_SC_CHARGE, FIELD_SC_CHARGE_SC},
        {TRACE_SCHED_SC_DONATE, FIELD_SC_DONATE_SC},
        {TRACE_SCHED_SC_POSTPONE, FIELD_SC_POSTPONE_SC},
        {TRACE_SCHED_SC_RELEASE, FIELD_SC_RELEASE_SC},
    };
    unsigned id = index_id(&index->fields, event->record);
    for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
        if (contexts[i].id == id) {
            uint32_t ref = (uint32_t)index_get(&index->fields, contexts[i].field, event->record);
            thing_t *thing = index_thing(index, ref, TRACE_CAPTYPE_SCHED_CONTEXT, event->time);
            index->contexts = true;
            note_share(index, thing, event->time);
            thing->signals += id == TRACE_SCHED_SC_CHARGE;
            thing->blocked += id == TRACE_SCHED_SC_POSTPONE;
            if (id == TRACE_SCHED_SC_RELEASE && event->waited) {
                histogram_add(thing->latency, model_ns(index->model, event->waited));
            }
        }
    }
}

/* Waits for the kernel's lock, on several harts. */
static void lock_event(index_t *index, const event_t *event)
{
    if (index_id(&index->fields, event->record) == TRACE_SMP_LOCK) {
        thing_t *lock = index_thing(index, THING_LOCK_REF, THING_LOCK, event->time);
        uint64_t waited = index_get(&index->fields, FIELD_LOCK_WAITED, event->record);
        lock->signals++;
        histogram_add(lock->latency, model_ns(index->model, waited));
    }
}

/* What is made of its memory later is another object. */
static void object_ends(index_t *index, const event_t *event)
{
    const index_fields_t *fields = &index->fields;
    if (index_id(fields, event->record) == TRACE_CAP_DELETE &&
        index_get(fields, FIELD_DELETE_FINAL, event->record)) {
        uint32_t ref = (uint32_t)index_get(fields, FIELD_DELETE_OBJECT, event->record);
        thing_t *thing = ref ? reftable_get(&index->thing_table, ref) : NULL;
        bool same = thing && thing->type == index_get(fields, FIELD_DELETE_TYPE, event->record);
        if (same && !thing->gone) {
            thing->gone = event->time;
        }
    }
}

void index_thing_event(index_t *index, const event_t *event)
{
    signal_arrives(index, event);
    interrupt_event(index, event);
    context_event(index, event);
    lock_event(index, event);
    index_uintr_event(index, event);
    object_ends(index, event);
    const object_t *object = event->object;
    if (!object || !object->ref || index_id(&index->fields, event->record) == TRACE_CAP_DELETE) {
        return;
    }
    uint8_t type = object->type ? object->type : type_by_event(index, event->record);
    thing_t *thing = index_thing(index, object->ref, type, event->time);
    switch (index_id(&index->fields, event->record)) {
    case TRACE_IPC_TRANSFER: thing->transfers++; break;
    case TRACE_IPC_BLOCK: thing->blocked++; break;
    case TRACE_NTFN_SIGNAL: signal_event(index, thing, event->record); break;
    case TRACE_NTFN_RECEIVE: thing->received++; break;
    default: break;
    }
}
