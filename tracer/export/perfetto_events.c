/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts, and every other event as an instant with all its fields by their names in the
 * event table: what the table gains, the timeline shows.
 */
#include "perfetto_sink.h"

static void add_field(px_t *s, pf_event_t *e, const model_t *model, const event_t *event,
                      unsigned i)
{
    const schema_field_t *field = &event->type->fields[i];
    pf_name_t *name = s->event_args[event->record->event][i];
    if (field->type == FIELD_STR) {
        char text[13];
        schema_field_str(field, event->record, text);
        pf_arg_text(e, name, text);
        return;
    }
    uint64_t value = schema_field(field, event->record);
    pf_name_t *text = NULL;
    const thread_t *thread = NULL;
    if (field->type == FIELD_ENUM) {
        text = px_enum_text(s, field, value);
    } else if (field->type == FIELD_LABEL && value < PX_LABELS && s->label_texts[value].kind) {
        text = &s->label_texts[value];
    } else if (field->type == FIELD_THREAD && (thread = model_thread(model, (uint32_t)value))) {
        px_thread_t *x = px_thread_known(s, thread);
        text = x ? &x->as_text : NULL;
    }
    if (text) {
        pf_arg_name(e, name, text);
    } else if (schema_signed(field)) {
        pf_arg(e, name, F_ANNOTATION_INT, value);
    } else if (field->type == FIELD_BOOL) {
        pf_arg(e, name, F_ANNOTATION_BOOL, value);
    } else if (field->type == FIELD_UINT || field->type == FIELD_TICKS) {
        pf_arg_uint(e, name, value);
    } else {
        pf_arg_hex(e, name, value);
    }
}

void px_all_fields(px_t *s, const model_t *model, const event_t *event, uint64_t track)
{
    unsigned id = event->record->event;
    pf_event_t e = px_event(s, EVENT_INSTANT, track);
    pf_named(&e, s->class_names[event->type->class_index], s->event_names[id]);
    for (unsigned i = 0; i < event->type->field_count; i++) {
        add_field(s, &e, model, event, i);
    }
    pf_done(&e);
}

void px_on_generic(px_t *s, const model_t *model, const event_t *event)
{
    bool known = s->hart->running || event->hart >= MODEL_MAX_HARTS;
    if (!event->thread || event->thread->idle || !known) {
        px_on_hart(s, model, event);
        return;
    }
    px_thread_t *x = px_thread(s, event->thread);
    px_describe(s, x, event->thread);
    px_all_fields(s, model, event, x->track);
}

void px_on_hart(px_t *s, const model_t *model, const event_t *event)
{
    px_all_fields(s, model, event, px_hart_track(s, event->hart));
}

void px_on_object(px_t *s, const model_t *model, const event_t *event)
{
    if (!event->object) {
        px_on_generic(s, model, event);
        return;
    }
    px_object_t *object = px_object(s, GROUP_NOTIFICATIONS, event->object->ref, event->object->uid,
                                    event->other ? px_thread(s, event->other) : NULL);
    px_all_fields(s, model, event, object->track);
}

/* A thread that is suspended shows why it does not go on. */
void px_on_suspend(px_t *s, const model_t *model, const event_t *event)
{
    px_on_generic(s, model, event);
    if (!event->other || event->other->idle) {
        return;
    }
    px_thread_t *x = px_thread(s, event->other);
    if (!x->described && event->other->process->id == 0) {
        return; /* deleted before it did anything: it would be a process of its own */
    }
    px_thread_t *by = event->thread ? px_thread(s, event->thread) : NULL;
    px_describe(s, x, event->other);
    px_end(s, x, SLICE_PHASE);
    pf_event_t e = px_begin(s, x, SLICE_PHASE, CAT_WAIT, &s->names[NAME_SUSPENDED]);
    if (by) {
        pf_arg_name(&e, &s->args[ARG_BY], &by->as_text);
    }
    pf_done(&e);
}

void px_on_resume(px_t *s, const model_t *model, const event_t *event)
{
    px_on_generic(s, model, event);
    if (event->other) {
        px_end(s, px_thread(s, event->other), SLICE_PHASE);
    }
}

void px_on_nothing(px_t *s, const model_t *model, const event_t *event)
{
    (void)s;
    (void)model;
    (void)event;
}

/* An interrupt is pending on its track from its arrival to the acknowledgement. */
void px_on_irq(px_t *s, const model_t *model, const event_t *event)
{
    uint32_t number = (uint32_t)px_get(s, FIELD_RAISED_IRQ, event);
    uint32_t ref = (uint32_t)px_get(s, FIELD_RAISED_NTFN, event);
    const object_t *object = ref ? model_object(model, ref) : NULL;
    px_object_t *ntfn =
        ref ? px_object(s, GROUP_NOTIFICATIONS, ref, object ? object->uid : 0, NULL) : NULL;
    px_object_t *irq = px_irq(s, number);
    uint64_t flow = px_flow(s);

    pf_event_t e = px_instant(s, px_hart_track(s, event->hart), CAT_IRQ, NAME_RAISED);
    pf_arg_uint(&e, &s->args[ARG_IRQ], number);
    if (ntfn) {
        pf_flow(&e, flow);
        s->hart->irq_flow = flow;
    }
    pf_done(&e);

    if (irq->pending) {
        e = px_event(s, EVENT_END, irq->track);
        pf_done(&e);
    }
    irq->pending = true;
    e = px_event(s, EVENT_BEGIN, irq->track);
    pf_named(&e, &s->categories[CAT_IRQ], &s->names[NAME_PENDING]);
    pf_arg_uint(&e, &s->args[ARG_IRQ], number);
    if (ntfn) {
        pf_arg_name(&e, &s->args[ARG_NOTIFICATION], &ntfn->as_text);
        pf_arg_uint(&e, &s->args[ARG_BADGE], px_get(s, FIELD_RAISED_BADGE, event));
    }
    pf_done(&e);
}

/* The visit's slice says that the timer fired, unless that came later: at a preemption point, or
 * behind another interrupt. */
void px_on_timer(px_t *s, const model_t *model, const event_t *event)
{
    if (!s->hart->timer && s->kernel_tracks) {
        px_on_hart(s, model, event);
    }
    s->hart->timer = false;
}

void px_on_irq_ack(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    uint32_t number = (uint32_t)px_get(s, FIELD_ACK_IRQ, event);
    px_object_t *irq = px_irq(s, number);
    pf_event_t e;
    if (irq->pending) {
        irq->pending = false;
        e = px_event(s, EVENT_END, irq->track);
        pf_done(&e);
    } else {
        e = px_instant(s, irq->track, CAT_IRQ, NAME_ACK);
        pf_done(&e);
    }
}

void px_irqs_cut(px_t *s)
{
    for (size_t i = 0; i < PX_OBJECT_BUCKETS; i++) {
        for (px_object_t *irq = s->irqs[i]; irq; irq = irq->next) {
            if (irq->pending) {
                pf_event_t e = px_event(s, EVENT_END, irq->track);
                pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
                pf_done(&e);
                irq->pending = false;
            }
        }
    }
}
