/* SPDX-License-Identifier: BSD-2-Clause */
#include "causal.h"

#include <string.h>

static void find_order(causal_t *causal, const schema_event_t *order)
{
    for (uint32_t hart = 0; hart < TRACE_MAX_HARTS; hart++) {
        causal->ring_of[hart] = hart;
    }
    if (!order) {
        return;
    }
    causal->order_hart = schema_find_field(order, "hart");
    causal->order_position = schema_find_field(order, "position");
    if (causal->order_hart && causal->order_position) {
        causal->order_id = order->id;
    }
}

void causal_init(causal_t *causal, const schema_t *schema)
{
    const schema_event_t *switched = schema_find_event(schema, "sched.switch");
    memset(causal, 0, sizeof(*causal));
    causal->switch_id = switched ? switched->id : 0;
    find_order(causal, schema_find_event(schema, "smp.order"));
    for (unsigned id = 0; id < TRACE_MAX_EVENTS; id++) {
        const schema_event_t *event = schema_event(schema, id);
        unsigned count = 0;
        for (size_t i = 0; i < event->field_count && count < CAUSAL_FIELDS; i++) {
            if (event->fields[i].type == FIELD_THREAD) {
                causal->names[id][count++] = &event->fields[i];
            }
        }
    }
}

/* Whom a record is about: the thread that runs, or the one that begins to. */
static uint32_t subject(const causal_t *causal, const trace_record_t *record)
{
    const schema_field_t *next = causal->names[record->event % TRACE_MAX_EVENTS][0];
    return record->event == causal->switch_id && next ? (uint32_t)schema_field(next, record)
                                                      : record->thread;
}

static bool names(const causal_t *causal, const trace_record_t *record, uint32_t thread)
{
    if (record->event == causal->switch_id || record->event >= TRACE_MAX_EVENTS) {
        return false;
    }
    for (unsigned i = 0; i < CAUSAL_FIELDS && causal->names[record->event][i]; i++) {
        if ((uint32_t)schema_field(causal->names[record->event][i], record) == thread) {
            return true;
        }
    }
    return false;
}

bool causal_tie(void *context, uint32_t ring_a, const trace_record_t *a, uint32_t ring_b,
                const trace_record_t *b)
{
    const causal_t *causal = context;
    bool a_by_b = names(causal, b, subject(causal, a));
    bool b_by_a = names(causal, a, subject(causal, b));
    return a_by_b != b_by_a ? a_by_b : ring_b < ring_a;
}

void causal_ring(causal_t *causal, uint32_t ring, uint32_t hart)
{
    if (hart < TRACE_MAX_HARTS) {
        causal->ring_of[hart] = ring;
    }
}

bool causal_after(void *context, const trace_record_t *record, uint32_t *ring, uint64_t *position)
{
    const causal_t *causal = context;
    uint64_t hart = schema_field(causal->order_hart, record);
    if (hart >= TRACE_MAX_HARTS) {
        return false;
    }
    *ring = causal->ring_of[hart];
    *position = schema_field(causal->order_position, record);
    return true;
}
