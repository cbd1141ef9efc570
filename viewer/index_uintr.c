/* SPDX-License-Identifier: BSD-2-Clause */
/* Receivers of user interrupts; and who signalled or interrupted whom, for the timeline's arrows. */
#include "index_private.h"

/* The receiver that an event is about, by its entry in the UINTC. */
static thing_t *receiver_of_entry(index_t *index, unsigned id, const event_t *event)
{
    static const struct {
        unsigned id;
        enum index_field field;
    } entries[] = {
        {TRACE_UINTR_RECEIVER, FIELD_RECEIVER_ENTRY},
        {TRACE_UINTR_RECEIVER_END, FIELD_RECEIVER_END_ENTRY},
        {TRACE_UINTR_POST, FIELD_POST_ENTRY},
        {TRACE_UINTR_ENTER, FIELD_ENTER_ENTRY},
        {TRACE_UINTR_LEAVE, FIELD_LEAVE_ENTRY},
        {TRACE_UINTR_WAKE, FIELD_UWAKE_ENTRY},
        {TRACE_UINTR_DELIVER, FIELD_DELIVER_ENTRY},
        {TRACE_UINTR_TAKE, FIELD_TAKE_ENTRY},
    };
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (entries[i].id == id) {
            uint64_t entry = index_get(&index->fields, entries[i].field, event->record);
            return entry < THING_NO_ENTRY
                       ? index_thing(index, THING_RECEIVERS + (uint32_t)entry * 2, THING_RECEIVER,
                                     event->time)
                       : NULL;
        }
    }
    return NULL;
}

/* Programs' own events name no entry; the model knows the notification. */
static thing_t *receiver_of(index_t *index, unsigned id, const event_t *event)
{
    thing_t *thing = receiver_of_entry(index, id, event);
    if (!thing && event->object && (id == TRACE_UINTR_SEND || id == TRACE_UINTR_HANDLER)) {
        thing = reftable_get(&index->receiver_table, event->object->ref);
    }
    return thing;
}

static void begins_or_ends(index_t *index, thing_t *thing, unsigned id, const event_t *event)
{
    bool begins = id == TRACE_UINTR_RECEIVER;
    enum index_field field = begins ? FIELD_RECEIVER_NTFN : FIELD_RECEIVER_END_NTFN;
    uint32_t ntfn = (uint32_t)index_get(&index->fields, field, event->record);
    thing->bound = begins && event->other ? event->other->uid : 0;
    if (ntfn && begins) {
        reftable_put(&index->receiver_table, ntfn, thing);
    } else if (ntfn) {
        reftable_remove(&index->receiver_table, ntfn);
    }
}

static void note_wake(index_t *index, uint64_t time, uint32_t from, uint32_t to)
{
    static const series_shape_t shape = {.words = sizeof(wake_t) / sizeof(uint64_t)};
    const wake_t wake = {.time = time, .to = to, .from = from};
    series_append(&index->wakes, &shape, &index->pool, &wake);
}

/* Who is behind an event: the current thread, but not for an interrupt or the kernel itself. */
static uint32_t author_of(const index_t *index, unsigned id, const event_t *event)
{
    const hart_t *hart = event->hart < MODEL_MAX_HARTS ? &index->model->harts[event->hart] : NULL;
    bool own = hart && hart->entered && hart->entry_kind == TRACE_ENTRY_KIND_INTERRUPT;
    if (id == TRACE_UINTR_POST) {
        uint64_t source = index_get(&index->fields, FIELD_POST_SOURCE, event->record);
        own = source == TRACE_UINTR_SOURCE_IRQ || source == TRACE_UINTR_SOURCE_KERNEL;
    }
    return own || !event->thread ? 0 : event->thread->uid;
}

static void sent(index_t *index, thing_t *thing, uint64_t count, unsigned id, const event_t *event)
{
    thing->signals += count;
    thing->merged += thing->raised != 0;
    if (!thing->raised) {
        thing->raised = event->time;
        thing->raised_by = author_of(index, id, event);
    }
}

static void taken(index_t *index, thing_t *thing, const event_t *event)
{
    const thread_t *current = event->other ? event->other : event->thread;
    uint32_t to = thing->bound ? thing->bound : current ? current->uid : 0;
    thing->received++;
    histogram_add(thing->latency, index_ns_between(index->model, thing->raised, event->time));
    thing->raised = 0;
    note_wake(index, event->time, thing->raised_by, to);
}

/* From the first post, or send, to its being taken. A vector that the kernel delivers is taken
 * there, not once more in the handler. */
static void receiver_event(index_t *index, unsigned id, const event_t *event)
{
    const model_uintr_t *all = &index->model->uintr;
    uint64_t count = all->sent - index->uintr_sent;
    index->uintr_sent = all->sent;
    thing_t *thing = receiver_of(index, id, event);
    if (!thing) {
        return;
    }
    if (id == TRACE_UINTR_RECEIVER || id == TRACE_UINTR_RECEIVER_END) {
        begins_or_ends(index, thing, id, event);
    } else if (count) {
        sent(index, thing, count, id, event);
    }
    bool arrives = id == TRACE_UINTR_DELIVER || event->effects & EFFECT_UINTR_ARRIVED;
    if (arrives && thing->raised) {
        taken(index, thing, event);
    }
    thing->woke += id == TRACE_UINTR_WAKE;
}

void index_uintr_event(index_t *index, const event_t *event)
{
    unsigned id = index_id(&index->fields, event->record);
    receiver_event(index, id, event);
    if (id == TRACE_NTFN_SIGNAL && event->other) {
        note_wake(index, event->time, author_of(index, id, event), event->other->uid);
    }
}
