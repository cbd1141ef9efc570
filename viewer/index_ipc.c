/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "index_private.h"
#include "memory.h"
#include "trace/ids.h"

static uint64_t ns_between(const model_t *model, uint64_t from, uint64_t to)
{
    return from && to > from ? model_ns(model, to) - model_ns(model, from) : 0;
}

/* By the trace's own table: an older one may have its fields elsewhere. 0 if there is none. */
static uint64_t value(const event_t *event, const char *name)
{
    const schema_field_t *field = schema_find_field(event->type, name);
    return field ? schema_field(field, event->record) : 0;
}

static thing_t *thing_of(index_t *index, uint32_t ref, uint8_t type, uint64_t time)
{
    thing_t *thing = ref ? reftable_get(&index->thing_table, ref) : NULL;
    if (thing) {
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

void index_things_loaded(index_t *index, const model_t *model)
{
    for (const object_t *o = model->objects; o; o = o->next) {
        thing_of(index, o->ref, o->type, model->time);
    }
}

static void signal_event(thing_t *thing, const event_t *event)
{
    uint64_t outcome = value(event, "outcome");
    thing->signals++;
    thing->merged += outcome == TRACE_SIGNAL_OUTCOME_MERGED;
    thing->woke +=
        outcome == TRACE_SIGNAL_OUTCOME_WOKE || outcome == TRACE_SIGNAL_OUTCOME_WOKE_BOUND;
}

/* What an object must be, when its making is not in the trace. */
static uint8_t type_by_event(const event_t *event)
{
    switch (event->record->event) {
    case TRACE_IPC_TRANSFER: return TRACE_CAPTYPE_ENDPOINT;
    case TRACE_NTFN_SIGNAL:
    case TRACE_NTFN_RECEIVE: return TRACE_CAPTYPE_NOTIFICATION;
    case TRACE_IPC_BLOCK:
        return value(event, "why") == TRACE_BLOCK_KIND_NTFN ? TRACE_CAPTYPE_NOTIFICATION
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
        thing_t *thing = thing_of(index, life->signalled_by, 0, event->time);
        histogram_add(thing->latency, ns_between(index->model, life->signalled, event->time));
        life->signalled = 0;
    } else if (event->record->event == TRACE_NTFN_SIGNAL && event->object) {
        life->signalled = event->time;
        life->signalled_by = event->object->ref;
    }
}

/* Interrupts are known by number; an odd reference is no object's. */
static void interrupt_event(index_t *index, const event_t *event)
{
    unsigned id = event->record->event;
    if (id != TRACE_IRQ_RAISED && id != TRACE_IRQ_ACK && id != TRACE_IRQ_BIND) {
        return;
    }
    uint32_t ref = (uint32_t)value(event, "irq") * 2 + 1;
    thing_t *irq = thing_of(index, ref, TRACE_CAPTYPE_IRQ_HANDLER, event->time);
    irq->bound = id == TRACE_IRQ_ACK ? irq->bound : (uint32_t)value(event, "ntfn");
    if (id == TRACE_IRQ_RAISED) {
        irq->signals++;
        irq->raised = event->time;
    } else if (id == TRACE_IRQ_ACK && irq->raised) {
        histogram_add(irq->latency, ns_between(index->model, irq->raised, event->time));
        irq->raised = 0;
    }
}

/* Receivers of user interrupts, by their entry in the UINTC: from a post to its being taken. */
static void receiver_event(index_t *index, const event_t *event)
{
    unsigned id = event->record->event;
    if (id < TRACE_UINTR_RECEIVER || id > TRACE_UINTR_TAKE || id == TRACE_UINTR_SENDER ||
        id == TRACE_UINTR_SENDER_END || id == TRACE_UINTR_TABLE) {
        return;
    }
    uint32_t entry = (uint32_t)value(event, "entry");
    if (entry >= THING_NO_ENTRY) {
        return;
    }
    thing_t *thing = thing_of(index, THING_RECEIVERS + entry * 2, THING_RECEIVER, event->time);
    if (id == TRACE_UINTR_RECEIVER || id == TRACE_UINTR_RECEIVER_END) {
        thing->bound = id == TRACE_UINTR_RECEIVER && event->other ? event->other->uid : 0;
    } else if (id == TRACE_UINTR_POST && value(event, "outcome") == TRACE_UINTR_OUTCOME_POSTED) {
        thing->signals++;
        thing->merged += thing->raised != 0;
        thing->raised = thing->raised ? thing->raised : event->time;
    } else if (id == TRACE_UINTR_DELIVER || id == TRACE_UINTR_TAKE) {
        thing->received++;
        if (thing->raised) {
            histogram_add(thing->latency, ns_between(index->model, thing->raised, event->time));
            thing->raised = 0;
        }
    }
    thing->woke += id == TRACE_UINTR_WAKE;
}

/* For the timeline's arrows. */
static void wake_event(index_t *index, const event_t *event)
{
    unsigned id = event->record->event;
    bool wakes = id == TRACE_NTFN_SIGNAL || id == TRACE_UINTR_POST || id == TRACE_UINTR_WAKE;
    if (!wakes || !event->other) {
        return;
    }
    const hart_t *hart = event->hart < MODEL_MAX_HARTS ? &index->model->harts[event->hart] : NULL;
    bool interrupt = id == TRACE_UINTR_WAKE;
    interrupt |= hart && hart->entered && hart->entry_kind == TRACE_ENTRY_KIND_INTERRUPT;
    index->wakes = index_grow(index->wakes, index->wake_count, &index->wake_room, sizeof(wake_t));
    index->wakes[index->wake_count++] =
        (wake_t){.time = event->time,
                 .from = interrupt || !event->thread ? 0 : event->thread->uid,
                 .to = event->other->uid};
}

void index_thing_event(index_t *index, const event_t *event)
{
    signal_arrives(index, event);
    interrupt_event(index, event);
    receiver_event(index, event);
    wake_event(index, event);
    const object_t *object = event->object;
    if (!object || !object->ref) {
        return;
    }
    uint8_t type = object->type ? object->type : type_by_event(event);
    thing_t *thing = thing_of(index, object->ref, type, event->time);
    switch (event->record->event) {
    case TRACE_IPC_TRANSFER: thing->transfers++; break;
    case TRACE_IPC_BLOCK: thing->blocked++; break;
    case TRACE_NTFN_SIGNAL: signal_event(thing, event); break;
    case TRACE_NTFN_RECEIVE: thing->received++; break;
    default: break;
    }
}

static pair_t *pair_of(index_t *index, const call_t *call)
{
    for (size_t i = 0; i < index->pair_count; i++) {
        pair_t *pair = index->pairs[i];
        if (pair->client == call->client_uid && pair->server == call->server_uid &&
            pair->endpoint == call->endpoint && pair->kind == call->kind) {
            return pair;
        }
    }
    index->pairs = index_grow(index->pairs, index->pair_count, &index->pair_room, sizeof(pair_t *));
    pair_t *pair = memory_new(1, sizeof(*pair));
    pair->client = call->client_uid;
    pair->server = call->server_uid;
    pair->endpoint = call->endpoint;
    pair->kind = call->kind;
    index->pairs[index->pair_count++] = pair;
    return pair;
}

/* Latency counts only where no record was lost since the call began. */
static void count_latency(index_t *index, const call_t *call, uint64_t done, uint64_t row)
{
    const model_t *model = index->model;
    pair_t *pair = pair_of(index, call);
    uint64_t total = ns_between(model, call->begun, done);
    if (total >= pair->latency.max) {
        pair->worst_row = row;
    }
    histogram_add(&pair->latency, total);
    pair->wait += ns_between(model, call->begun, call->received);
    pair->run += ns_between(model, call->received, call->replied);
    life_t *client = index_life(index, call->client_uid);
    if (client && call->received && call->replied > call->received) {
        client->imposed += call->replied - call->received;
    }
    pair->reply += ns_between(model, call->replied, done);
    histogram_add(thing_of(index, call->endpoint, 0, done)->latency, total);
}

void index_message_over(index_t *index, const event_t *event, uint64_t row)
{
    const call_t *call = event->done;
    bool cancelled = event->effects & EFFECT_CALL_ENDED;
    message_t message = {
        .begun = call->begun,
        .received = call->received,
        .replied = call->replied,
        .done = event->time,
        .client = call->client_uid,
        .server = call->server_uid,
        .endpoint = call->endpoint,
        .id = (uint32_t)call->id,
        .kind = call->kind,
        .cancelled = cancelled,
        .certain = call->certain,
        .fast = call->fast,
    };
    index->messages =
        index_grow(index->messages, index->message_count, &index->message_room, sizeof(message_t));
    index->messages[index->message_count++] = message;
    if (cancelled) {
        pair_of(index, call)->cancelled++;
    } else if (call->certain && call->endpoint) {
        count_latency(index, call, event->time, row);
    }
}
