/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User interrupts: what each sender's index stands for, and every vector from its send to where
 * the receiver took it. Sends and handlers are told by the programs, in rings of their own;
 * registrations, emulated sends, waits and wakes by the kernel.
 */
#include <stdlib.h>

#include "memory.h"
#include "model_private.h"

enum { ENTRIES = 512, MAX_INDEX = 1 << 16, MAX_SENDERS = 1 << 20 };

/* An entry of the UINTC. */
typedef struct {
    uint64_t pending;
    uint64_t early; /* taken at `early_time`, before their sends were seen */
    uint64_t early_time;
    uint32_t ntfn;
    event_ref_t first[MODEL_VECTORS]; /* of those pending: the send that made it so */
} entry_t;

/* What an index sends; `entry` 0: nothing, else the entry's number + 1. */
typedef struct {
    uint16_t entry;
    uint8_t vector;
} sender_t;

typedef struct {
    uint32_t count;
    sender_t *senders;
} table_t;

/* A thread's part: its table, its entry, and what it has told of sending. */
typedef struct {
    uint32_t table;
    uint32_t entry;     /* + 1; 0: it is no receiver */
    uint32_t announced; /* index + 1, until the kernel emulates the send */
} user_t;

struct model_uintr_private {
    entry_t entries[ENTRIES];
    reftable_t tables, users;
    uint32_t senders; /* in all tables */
};

static struct model_uintr_private *private(model_t *model)
{
    struct model_private *p = model->private;
    if (!p->uintr) {
        p->uintr = memory_new(1, sizeof(*p->uintr));
    }
    return p->uintr;
}

void model_uintr_free(model_t *model)
{
    struct model_uintr_private *p = model->private->uintr;
    if (!p) {
        return;
    }
    for (uint32_t i = 0; p->tables.slots && i <= p->tables.mask; i++) {
        const table_t *table = p->tables.slots[i].key ? p->tables.slots[i].value : NULL;
        free(table ? table->senders : NULL);
    }
    reftable_free_values(&p->tables);
    reftable_free_values(&p->users);
    free(p);
}

static void *row(reftable_t *table, uint32_t key, size_t size)
{
    void *value = key ? reftable_get(table, key) : NULL;
    if (!value && key && table->used < MODEL_MAX_THREADS) {
        value = memory_new(1, size);
        reftable_put(table, key, value);
    }
    return value;
}

/* NULL for a thread that events give no reference of. */
static user_t *user(model_t *model, uint64_t thread)
{
    return row(&private(model)->users, (uint32_t)thread, sizeof(user_t));
}

/* NULL for an index that only a damaged trace has. */
static sender_t *sender(model_t *model, uint64_t table_ref, uint64_t index)
{
    struct model_uintr_private *p = private(model);
    table_t *table = row(&p->tables, (uint32_t)table_ref, sizeof(table_t));
    if (!table || index >= MAX_INDEX) {
        return NULL;
    }
    if (index >= table->count) {
        uint32_t count = (uint32_t)index * 2 + 16;
        if (p->senders + count - table->count > MAX_SENDERS) {
            return NULL;
        }
        p->senders += count - table->count;
        table->senders = memory_grow(table->senders, count, sizeof(sender_t));
        for (uint32_t i = table->count; i < count; i++) {
            table->senders[i] = (sender_t){0};
        }
        table->count = count;
    }
    return &table->senders[index];
}

static entry_t *entry(model_t *model, uint64_t number)
{
    return number < ENTRIES ? &private(model)->entries[number] : NULL;
}

/* ---- registrations ---- */

static void on_receiver(model_t *model, event_t *event)
{
    uint64_t number = model_get(model, F_RECEIVER_ENTRY, event);
    uint32_t thread = (uint32_t)model_get(model, F_RECEIVER_THREAD, event);
    entry_t *e = entry(model, number);
    user_t *u = user(model, thread);
    event->other = model_thread_get(model, thread, event);
    event->object = model_object_get(model, (uint32_t)model_get(model, F_RECEIVER_NTFN, event));
    if (e && u) {
        *e = (entry_t){.ntfn = (uint32_t)model_get(model, F_RECEIVER_NTFN, event)};
        u->entry = (uint32_t)number + 1;
    }
}

static void on_receiver_end(model_t *model, event_t *event)
{
    entry_t *e = entry(model, model_get(model, F_RECEIVER_END_ENTRY, event));
    user_t *u = user(model, model_get(model, F_RECEIVER_END_THREAD, event));
    if (e && u) {
        model->uintr.dropped += (uint64_t)__builtin_popcountll(e->pending);
        *e = (entry_t){0};
        u->entry = 0;
    }
}

static void on_sender(model_t *model, event_t *event)
{
    sender_t *s = sender(model, model_get(model, F_SENDER_TABLE, event),
                         model_get(model, F_SENDER_INDEX, event));
    uint64_t number = model_get(model, F_SENDER_ENTRY, event);
    event->object = model_object_get(model, (uint32_t)model_get(model, F_SENDER_NTFN, event));
    if (s && number < ENTRIES) {
        *s = (sender_t){.entry = (uint16_t)(number + 1),
                        .vector = model_get(model, F_SENDER_VECTOR, event) % MODEL_VECTORS};
    }
}

static void on_sender_end(model_t *model, event_t *event)
{
    sender_t *s = sender(model, model_get(model, F_SENDER_END_TABLE, event),
                         model_get(model, F_SENDER_END_INDEX, event));
    if (s) {
        *s = (sender_t){0};
    }
}

static void on_table(model_t *model, event_t *event)
{
    user_t *u = user(model, model_get(model, F_TABLE_THREAD, event));
    if (u) {
        u->table = (uint32_t)model_get(model, F_TABLE_TABLE, event);
    }
}

/* ---- from send to handler ---- */

static void arrived(model_t *model, event_t *event, unsigned vector, event_ref_t cause)
{
    model_uintr_t *u = &model->uintr;
    u->delivered++;
    u->arrived[u->arrived_count].vector = (uint8_t)vector;
    u->arrived[u->arrived_count++].cause = cause;
    if (event->cause.ring == EVENT_NONE) {
        event->cause = cause;
    }
    event->effects |= EFFECT_UINTR_ARRIVED;
}

static void sent(model_t *model, event_t *event, entry_t *e, unsigned vector)
{
    uint64_t bit = 1ull << vector;
    model->uintr.sent++;
    event->object = model_object_get(model, e->ntfn);
    if (e->early & bit && e->early_time == event->time) {
        /* Rings tie within a tick of the clock: its handler came first. */
        e->early &= ~bit;
        model->uintr.arrived_count = 0;
        arrived(model, event, vector, event_ref(event));
    } else if (e->pending & bit) {
        model->uintr.coalesced++;
    } else {
        e->pending |= bit;
        e->first[vector] = event_ref(event);
    }
}

static void taken(model_t *model, event_t *event, entry_t *e, uint64_t vectors)
{
    model->uintr.arrived_count = 0;
    event->object = model_object_get(model, e->ntfn);
    for (uint64_t left = vectors & e->pending; left; left &= left - 1) {
        unsigned vector = (unsigned)__builtin_ctzll(left);
        arrived(model, event, vector, e->first[vector]);
    }
    if (vectors & ~e->pending) {
        e->early = vectors & ~e->pending;
        e->early_time = event->time;
    }
    e->pending &= ~vectors;
}

static void on_send(model_t *model, event_t *event)
{
    user_t *u = user(model, event->record->thread);
    uint64_t index = model_get(model, F_SEND_INDEX, event);
    const sender_t *s = u ? sender(model, u->table, index) : NULL;
    if (s && s->entry) {
        u->announced = (uint32_t)index + 1;
        sent(model, event, &private(model)->entries[s->entry - 1], s->vector);
    }
}

static void on_post(model_t *model, event_t *event)
{
    entry_t *e = entry(model, model_get(model, F_POST_ENTRY, event));
    user_t *u = user(model, event->record->thread);
    bool posted = model_get(model, F_POST_OUTCOME, event) == TRACE_UINTR_OUTCOME_POSTED;
    bool send = model_get(model, F_POST_SOURCE, event) == TRACE_UINTR_SOURCE_SEND;
    bool told = send && u && u->announced == model_get(model, F_POST_INDEX, event) + 1;
    if (send && u) {
        u->announced = 0;
    }
    if (!posted) {
        model->uintr.ignored++;
    } else if (e && !told) {
        sent(model, event, e, model_get(model, F_POST_VECTOR, event) % MODEL_VECTORS);
    }
}

static void on_handler(model_t *model, event_t *event)
{
    const user_t *u = user(model, event->record->thread);
    if (u && u->entry) {
        taken(model, event, &private(model)->entries[u->entry - 1],
              model_get(model, F_HANDLER_VECTORS, event));
    }
}

static void on_take(model_t *model, event_t *event)
{
    entry_t *e = entry(model, model_get(model, F_TAKE_ENTRY, event));
    if (e) {
        taken(model, event, e, model_get(model, F_TAKE_VECTORS, event));
    }
}

static void on_wake(model_t *model, event_t *event)
{
    entry_t *e = entry(model, model_get(model, F_UWAKE_ENTRY, event));
    thread_t *t = model_thread_get(model, (uint32_t)model_get(model, F_UWAKE_THREAD, event), event);
    event->other = t;
    if (e) {
        taken(model, event, e, model_get(model, F_UWAKE_VECTORS, event));
    }
    if (t) {
        event->waited = model_stop_waiting(t, event->time);
        t->wake_cause = event_ref(event);
        model_will_be(model, t, THREAD_READY, event->time);
    }
}

const model_handler_t model_uintr_handlers[] = {
    {"uintr.receiver", on_receiver},
    {"uintr.receiver_end", on_receiver_end},
    {"uintr.sender", on_sender},
    {"uintr.sender_end", on_sender_end},
    {"uintr.table", on_table},
    {"uintr.send", on_send},
    {"uintr.post", on_post},
    {"uintr.handler", on_handler},
    {"uintr.take", on_take},
    {"uintr.wake", on_wake},
    {NULL, NULL},
};
