/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages and signals: phases of waiting, what happened to endpoints and notifications, and the
 * flows. A flow begins where the sender's wait ends, or else at an instant on its track, at the
 * moment of the transfer; a reply's, where the work on the message has ended. It ends where the
 * receiver begins to work on it.
 */
#include "perfetto_sink.h"

static void arg_object(px_t *s, pf_event_t *e, enum px_arg arg, px_object_t *object)
{
    if (object) {
        pf_arg_name(e, &s->args[arg], &object->as_text);
    }
}

static void arg_thread(px_t *s, pf_event_t *e, enum px_arg arg, px_thread_t *x)
{
    if (x) {
        pf_arg_name(e, &s->args[arg], &x->as_text);
    }
}

/* The object that an event names, if it names one. */
static px_object_t *object_of(px_t *s, const model_t *model, enum px_group group, uint32_t ref,
                              const px_thread_t *waits)
{
    if (ref == 0) {
        return NULL;
    }
    const object_t *object = model_object(model, ref);
    return px_object(s, group, ref, object ? object->uid : 0, waits);
}

static void give_work(px_thread_t *to, int kind, uint64_t flow, px_thread_t *client,
                      px_object_t *object, uint64_t badge)
{
    to->work = (px_work_t){.kind = kind,
                           .flow = flow,
                           .client = client,
                           .client_uid = client ? client->uid : 0,
                           .badge = badge,
                           .object = object,
                           .object_uid = object ? object->uid : 0};
}

/* Where class kernel is not traced, nothing tells when the receiver leaves the kernel: it works
 * from when it runs. */
static void work_without_exit(px_t *s, const event_t *event, px_thread_t *x, const thread_t *thread)
{
    if (!s->kernel_seen && thread == event->thread) {
        px_work_begin(s, x);
    }
}

/* An instant from which a flow leads. */
static void put_source(px_t *s, const px_thread_t *x, pf_name_t *kind, uint64_t flow)
{
    pf_event_t e = px_event(s, EVENT_INSTANT, x->track);
    pf_name(&e, kind);
    pf_flow(&e, flow);
    pf_done(&e);
}

static void transfer_reply(px_t *s, px_thread_t *server, px_thread_t *client, pf_name_t *kind)
{
    uint64_t flow = server->reply_flow;
    server->reply_flow = 0;
    if (flow == 0) {
        flow = px_flow(s);
        put_source(s, server, kind, flow);
        if (!s->kernel_seen) {
            px_end(s, server, SLICE_SERVE);
        }
    }
    px_end(s, client, SLICE_PHASE);
    px_phase(s, client, &s->names[NAME_REPLIED], flow);
}

static void transfer_message(px_t *s, const event_t *event, px_thread_t *sender,
                             px_thread_t *receiver, px_object_t *endpoint, pf_name_t *kind)
{
    uint64_t flow = px_flow(s), badge = px_get(s, FIELD_TRANSFER_BADGE, event);
    unsigned how = (unsigned)px_get(s, FIELD_TRANSFER_KIND, event);
    bool fault = how == TRACE_IPC_KIND_FAULT || how == TRACE_IPC_KIND_TIMEOUT;

    if (sender->wait_open) {
        px_end_open(s, sender, SLICE_PHASE, flow);
    } else {
        px_end(s, sender, SLICE_PHASE);
        put_source(s, sender, kind, flow);
    }
    if (fault || how == TRACE_IPC_KIND_CALL) {
        px_phase(s, sender, px_phrase(s, receiver, PHRASE_SERVED), 0);
    }
    px_end(s, receiver, SLICE_PHASE);
    give_work(receiver, fault ? WORK_FAULT : WORK_MESSAGE, flow, sender, endpoint, badge);
    if (endpoint) {
        pf_name_t *name = px_phrase(s, sender, PHRASE_MESSAGE + how % PX_KINDS);
        pf_event_t e = px_object_event(s, endpoint->track, name);
        pf_done(&e);
    }
}

void px_on_transfer(px_t *s, const model_t *model, const event_t *event)
{
    if (!event->thread || !event->other) {
        px_on_generic(s, model, event);
        return;
    }
    bool sending = px_get(s, FIELD_TRANSFER_SIDE, event) == TRACE_IPC_SIDE_SENDER;
    const thread_t *from = sending ? event->thread : event->other;
    const thread_t *to = sending ? event->other : event->thread;
    px_thread_t *sender = px_thread(s, from), *receiver = px_thread(s, to);
    px_describe(s, sender, from);
    px_describe(s, receiver, to);
    s->hart->sender = sender;
    s->hart->receiver = receiver;

    unsigned how = (unsigned)px_get(s, FIELD_TRANSFER_KIND, event);
    pf_name_t *kind = px_enum_name(s, s->fields[FIELD_TRANSFER_KIND], how);
    kind = kind ? kind : s->event_names[event->record->event];
    if (how == TRACE_IPC_KIND_REPLY || how == TRACE_IPC_KIND_FAULT_REPLY) {
        transfer_reply(s, sender, receiver, kind);
        return;
    }
    uint32_t ref = (uint32_t)px_get(s, FIELD_TRANSFER_ENDPOINT, event);
    px_object_t *endpoint = object_of(s, model, GROUP_ENDPOINTS, ref, receiver);
    transfer_message(s, event, sender, receiver, endpoint, kind);
    work_without_exit(s, event, receiver, to);
}

void px_on_block(px_t *s, const model_t *model, const event_t *event)
{
    static const uint8_t names[] = {
        [TRACE_BLOCK_KIND_SEND] = NAME_SEND_WAIT, [TRACE_BLOCK_KIND_CALL] = NAME_SEND_WAIT,
        [TRACE_BLOCK_KIND_RECV] = NAME_RECV_WAIT, [TRACE_BLOCK_KIND_REPLY] = NAME_SERVED,
        [TRACE_BLOCK_KIND_NTFN] = NAME_NTFN_WAIT, [TRACE_BLOCK_KIND_FAULT] = NAME_FAULT_WAIT,
    };
    unsigned why = (unsigned)px_get(s, FIELD_BLOCK_WHY, event);
    if (!event->thread || why >= sizeof(names)) {
        return;
    }
    px_thread_t *x = px_thread(s, event->thread);
    px_describe(s, x, event->thread);
    bool receives = why == TRACE_BLOCK_KIND_RECV || why == TRACE_BLOCK_KIND_NTFN;
    if (why == TRACE_BLOCK_KIND_REPLY && px_is_open(x, SLICE_PHASE)) {
        return; /* the transfer has begun that phase */
    }
    if (receives && !s->kernel_seen) {
        px_end(s, x, SLICE_SERVE);
    }
    px_end(s, x, SLICE_PHASE);
    enum px_group group = why == TRACE_BLOCK_KIND_NTFN ? GROUP_NOTIFICATIONS : GROUP_ENDPOINTS;
    px_object_t *object =
        why == TRACE_BLOCK_KIND_REPLY
            ? NULL
            : object_of(s, model, group, (uint32_t)px_get(s, FIELD_BLOCK_OBJECT, event),
                        receives ? x : NULL);
    px_phase(s, x, object ? px_wait(s, object, why, names[why]) : &s->names[names[why]], 0);
    x->wait_open = true;
    if (object && !receives) {
        pf_event_t e = px_object_event(s, object->track, px_phrase(s, x, PHRASE_WAITS));
        pf_arg_uint(&e, &s->args[ARG_BADGE], px_get(s, FIELD_BLOCK_BADGE, event));
        pf_done(&e);
    }
}

void px_on_cancel(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    if (!event->other) {
        return;
    }
    px_thread_t *x = px_thread(s, event->other);
    px_thread_t *by = event->thread ? px_thread(s, event->thread) : NULL;
    px_describe(s, x, event->other);
    px_end(s, x, SLICE_PHASE);
    pf_event_t e = px_instant(s, x->track, CAT_WAIT, NAME_CANCELLED);
    arg_thread(s, &e, ARG_BY, by);
    pf_done(&e);
}

/* Capabilities follow their message in the same visit to the kernel. */
void px_on_cap_transfer(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *from = s->hart->sender, *to = s->hart->receiver;
    if (!from || !to) {
        px_on_generic(s, model, event);
        return;
    }
    uint64_t flow = px_flow(s);
    const schema_field_t *field = s->fields[FIELD_CAPXFER_TYPE];
    pf_name_t *type = px_enum_text(s, field, px_get(s, FIELD_CAPXFER_TYPE, event));
    for (int end = 0; end < 2; end++) {
        pf_event_t e = px_instant(s, end ? to->track : from->track, CAT_IPC,
                                  end ? NAME_CAP_RECEIVED : NAME_CAP_SENT);
        if (end) {
            px_flow_end(s, &e, flow);
        } else {
            pf_flow(&e, flow);
        }
        arg_thread(s, &e, end ? ARG_FROM : ARG_TO, end ? from : to);
        if (type) {
            pf_arg_name(&e, &s->args[ARG_OBJECT_TYPE], type);
        }
        pf_arg_hex(&e, &s->args[ARG_ADDRESS], px_get(s, FIELD_CAPXFER_OBJECT, event));
        pf_arg_uint(&e, &s->args[ARG_BADGE], px_get(s, FIELD_CAPXFER_BADGE, event));
        pf_done(&e);
    }
}

/* ---- notifications ---- */

void px_on_signal(px_t *s, const model_t *model, const event_t *event)
{
    uint32_t ref = (uint32_t)px_get(s, FIELD_SIGNAL_NTFN, event);
    px_thread_t *woken = event->other ? px_thread(s, event->other) : NULL;
    px_object_t *ntfn = object_of(s, model, GROUP_NOTIFICATIONS, ref, woken);
    uint64_t badge = px_get(s, FIELD_SIGNAL_BADGE, event);
    unsigned outcome = (unsigned)px_get(s, FIELD_SIGNAL_OUTCOME, event);

    /* In an interrupt it is not the thread that signals, which only happened to run. */
    bool interrupt = s->hart->visit_kind == TRACE_ENTRY_KIND_INTERRUPT + 1;
    px_thread_t *x = event->thread && !interrupt ? px_thread(s, event->thread) : NULL;
    if (x) {
        px_describe(s, x, event->thread);
    }
    uint64_t flow = interrupt && s->hart->irq_flow ? s->hart->irq_flow : px_flow(s);
    uint64_t track = x ? x->track : px_hart_track(s, event->hart);
    pf_event_t e = px_instant(s, track, CAT_SIGNAL, NAME_SIGNAL);
    pf_flow(&e, flow);
    arg_object(s, &e, ARG_NOTIFICATION, ntfn);
    pf_done(&e);

    if (woken) {
        px_describe(s, woken, event->other);
        px_end(s, woken, SLICE_PHASE);
        give_work(woken, WORK_SIGNAL, flow, x, ntfn, badge);
    }
    if (ntfn) {
        ntfn->last_flow = woken ? 0 : flow;
        pf_name_t *name = x ? px_phrase(s, x, PHRASE_SIGNAL + outcome % PX_KINDS)
                            : px_enum_name(s, s->fields[FIELD_SIGNAL_OUTCOME], outcome);
        e = px_object_event(s, ntfn->track, name ? name : &s->names[NAME_SIGNAL]);
        pf_done(&e);
    }
}

void px_on_receive(px_t *s, const model_t *model, const event_t *event)
{
    if (!event->thread) {
        return;
    }
    uint32_t ref = (uint32_t)px_get(s, FIELD_RECEIVE_NTFN, event);
    px_thread_t *x = px_thread(s, event->thread);
    px_object_t *ntfn = object_of(s, model, GROUP_NOTIFICATIONS, ref, x);
    uint64_t badge = px_get(s, FIELD_RECEIVE_BADGE, event);
    px_describe(s, x, event->thread);
    px_end(s, x, SLICE_PHASE);
    give_work(x, WORK_SIGNAL, ntfn ? ntfn->last_flow : 0, NULL, ntfn, badge);
    if (ntfn) {
        ntfn->last_flow = 0;
        pf_event_t e = px_object_event(s, ntfn->track, &s->names[NAME_RECEIVE]);
        arg_thread(s, &e, ARG_TO, x);
        pf_arg_uint(&e, &s->args[ARG_BADGE], badge);
        pf_done(&e);
    }
    work_without_exit(s, event, x, event->thread);
}

/* ---- faults ---- */

/* The slice has begun with the kernel entry; a fault in a system call (a capability that is not
 * there) lies inside that call. */
void px_on_fault(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    if (!event->thread) {
        return;
    }
    px_thread_t *x = px_thread(s, event->thread);
    px_describe(s, x, event->thread);
    pf_event_t e = px_event(s, EVENT_INSTANT, x->track);
    pf_named(&e, &s->categories[CAT_FAULT], s->event_names[event->record->event]);
    pf_name_t *kind =
        px_enum_text(s, s->fields[FIELD_FAULT_KIND], px_get(s, FIELD_FAULT_KIND, event));
    if (kind) {
        pf_arg_name(&e, &s->args[ARG_KIND], kind);
    }
    pf_arg_hex(&e, &s->args[ARG_ADDRESS], px_get(s, FIELD_FAULT_ADDRESS, event));
    pf_arg_uint(&e, &s->args[ARG_CODE], px_get(s, FIELD_FAULT_CODE, event));
    pf_arg_hex(&e, &s->args[ARG_PC], px_get(s, FIELD_FAULT_PC, event));
    pf_done(&e);
}

/* A wake that no message and no signal explains has an arrow of its own. */
void px_on_wake(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    unsigned reason = (unsigned)px_get(s, FIELD_WAKE_REASON, event);
    if (!event->other || !event->thread || reason == TRACE_WAKE_REASON_REPLY ||
        reason == TRACE_WAKE_REASON_MESSAGE || reason == TRACE_WAKE_REASON_SIGNAL ||
        reason == TRACE_WAKE_REASON_FAULT_REPLY) {
        return;
    }
    px_thread_t *x = px_thread(s, event->other), *by = NULL;
    px_describe(s, x, event->other);
    if (s->hart->running && !event->thread->idle) {
        by = px_thread(s, event->thread);
        px_describe(s, by, event->thread);
    }
    uint64_t flow = px_flow(s);
    uint64_t track = by ? by->track : px_hart_track(s, event->hart);
    pf_event_t e = px_instant(s, track, CAT_SIGNAL, NAME_WAKE);
    pf_flow(&e, flow);
    arg_thread(s, &e, ARG_THREAD, x);
    pf_name_t *text = px_enum_text(s, s->fields[FIELD_WAKE_REASON], reason);
    if (text) {
        pf_arg_name(&e, &s->args[ARG_REASON], text);
    }
    pf_done(&e);
    x->arrow = flow;
}
