/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, calls in flight, notifications. */
#include "model_private.h"

/*
 * The kernel path that the current thread is on began with its entry, so a call or send begins
 * there, unless the entry is not traced or was another's.
 */
static uint64_t begin_time(const thread_t *client, uint64_t now)
{
    return client->entered && client->entered <= now ? client->entered : now;
}

static void call_begin(model_t *model, event_t *event, thread_t *client, uint8_t kind)
{
    if (client->call.active) {
        model_call_over(model, event, client, EFFECT_CALL_ENDED);
    }
    client->call = (call_t){
        .id = ++model->calls,
        .begun = begin_time(client, event->time),
        .first = event_ref(event),
        .transfer = {.ring = EVENT_NONE},
        .reply = {.ring = EVENT_NONE},
        .client = client,
        .client_uid = client->uid,
        .kind = kind,
        .active = true,
        .epoch = model->loss_epoch,
    };
    event->call = &client->call;
    event->effects |= EFFECT_CALL_BEGUN;
}

static void call_received(event_t *event, call_t *call, thread_t *server)
{
    call->received = event->time;
    call->transfer = event_ref(event);
    call->server = server;
    call->server_uid = server ? server->uid : 0;
    event->call = call;
    event->effects |= EFFECT_CALL_RECEIVED;
}

void model_call_over(model_t *model, event_t *event, thread_t *client, uint32_t effect)
{
    call_t *call = &client->call;
    call->active = false;
    call->done = event->time;
    call->certain = call->epoch == model->loss_epoch;
    client->last_call = *call;
    event->done = &client->last_call;
    event->effects |= effect;
}

static void on_block(model_t *model, event_t *event)
{
    static const struct {
        thread_state_t state;
        int call_kind; /* -1: begins none */
    } kinds[] = {
        [TRACE_BLOCK_KIND_SEND] = {THREAD_SENDING, TRACE_IPC_KIND_SEND},
        [TRACE_BLOCK_KIND_CALL] = {THREAD_CALLING, TRACE_IPC_KIND_CALL},
        [TRACE_BLOCK_KIND_RECV] = {THREAD_RECEIVING, -1},
        [TRACE_BLOCK_KIND_REPLY] = {THREAD_REPLY, -1},
        [TRACE_BLOCK_KIND_NTFN] = {THREAD_NTFN, -1},
        [TRACE_BLOCK_KIND_FAULT] = {THREAD_FAULTED, TRACE_IPC_KIND_FAULT},
    };
    uint64_t why = model_get(model, F_BLOCK_WHY, event);
    thread_t *t = event->thread;
    object_t *object = model_object_get(model, (uint32_t)model_get(model, F_BLOCK_OBJECT, event));
    event->object = object;
    if (!t || why >= sizeof(kinds) / sizeof(kinds[0])) {
        return;
    }
    if (kinds[why].call_kind >= 0) {
        call_begin(model, event, t, (uint8_t)kinds[why].call_kind);
        t->call.endpoint = object ? object->ref : 0;
        t->call.badge = model_get(model, F_BLOCK_BADGE, event);
        t->call.length = (uint8_t)model_get(model, F_BLOCK_LENGTH, event);
    }
    model_stop_waiting(t, event->time);
    t->waiting_since = event->time;
    t->wait_object = object;
    t->wait_badge = model_get(model, F_BLOCK_BADGE, event);
    if (object) {
        object->waiting++;
    }
    t->last_block = event_ref(event);
    event->effects |= EFFECT_BLOCKED;
    model_will_be(model, t, kinds[why].state, event->time);
}

/* The receiver has its message, the sender of a Call or fault now waits for the reply. */
static void call_transfer(model_t *model, event_t *event, thread_t *client, thread_t *server,
                          uint8_t kind)
{
    if (!client) {
        return;
    }
    call_t *call = &client->call;
    if (!call->active || call->received || call->kind != kind) {
        call_begin(model, event, client, kind);
    } else {
        event->cause = call->first;
        uint64_t waited = model_stop_waiting(client, event->time);
        event->waited = event->waited ? event->waited : waited;
    }
    call->endpoint = (uint32_t)model_get(model, F_TRANSFER_ENDPOINT, event);
    call->badge = model_get(model, F_TRANSFER_BADGE, event);
    call->length = (uint8_t)model_get(model, F_TRANSFER_LENGTH, event);
    call_received(event, call, server);
    client->waiting_since = event->time;
    model_will_be(model, client, kind == TRACE_IPC_KIND_CALL ? THREAD_REPLY : THREAD_FAULTED,
                  event->time);
}

/* A message that no reply is due to. */
static void send_transfer(model_t *model, event_t *event, thread_t *sender, thread_t *receiver,
                          uint8_t kind)
{
    if (!sender) {
        return;
    }
    call_t *call = &sender->call;
    bool waited_for = call->active && !call->received && call->kind == TRACE_IPC_KIND_SEND &&
                      sender != event->thread;
    if (waited_for) {
        event->cause = call->first;
        uint64_t waited = model_stop_waiting(sender, event->time);
        event->waited = event->waited ? event->waited : waited;
    } else {
        call_begin(model, event, sender, kind);
    }
    call->endpoint = (uint32_t)model_get(model, F_TRANSFER_ENDPOINT, event);
    call->badge = model_get(model, F_TRANSFER_BADGE, event);
    call->length = (uint8_t)model_get(model, F_TRANSFER_LENGTH, event);
    call_received(event, call, receiver);
    model_call_over(model, event, sender, EFFECT_CALL_DONE);
    if (sender != event->thread) {
        sender->wake_cause = event_ref(event);
        model_will_be(model, sender, THREAD_READY, event->time);
    }
}

static void reply_transfer(model_t *model, event_t *event, thread_t *client)
{
    if (!client) {
        return;
    }
    call_t *call = &client->call;
    if (call->active && call->received && !call->replied) {
        call->replied = event->time;
        call->reply = event_ref(event);
        call->reply_length = (uint8_t)model_get(model, F_TRANSFER_LENGTH, event);
        event->call = call;
        event->cause = call->transfer;
        event->effects |= EFFECT_CALL_REPLIED;
    }
    event->waited = model_stop_waiting(client, event->time);
    client->wake_cause = event_ref(event);
    model_will_be(model, client, THREAD_READY, event->time);
}

static void on_transfer(model_t *model, event_t *event)
{
    uint8_t kind = (uint8_t)model_get(model, F_TRANSFER_KIND, event);
    uint32_t peer = (uint32_t)model_get(model, F_TRANSFER_PEER, event);
    bool sends = model_get(model, F_TRANSFER_SIDE, event) == TRACE_IPC_SIDE_SENDER;
    event->other = model_thread_get(model, peer, event);
    event->object = model_object_get(model, (uint32_t)model_get(model, F_TRANSFER_ENDPOINT, event));
    if (event->object) {
        event->object->count++;
    }
    thread_t *sender = sends ? event->thread : event->other;
    thread_t *receiver = sends ? event->other : event->thread;
    bool reply = kind == TRACE_IPC_KIND_REPLY || kind == TRACE_IPC_KIND_FAULT_REPLY;
    if (!reply && receiver && receiver != event->thread) {
        /* The receiver had been waiting for this. */
        event->cause = receiver->last_block;
        event->waited = model_stop_waiting(receiver, event->time);
        receiver->wake_cause = event_ref(event);
        model_will_be(model, receiver, THREAD_READY, event->time);
    }
    switch (kind) {
    case TRACE_IPC_KIND_CALL:
    case TRACE_IPC_KIND_FAULT:
    case TRACE_IPC_KIND_TIMEOUT: call_transfer(model, event, sender, receiver, kind); break;
    case TRACE_IPC_KIND_REPLY:
    case TRACE_IPC_KIND_FAULT_REPLY: reply_transfer(model, event, receiver); break;
    default: send_transfer(model, event, sender, receiver, kind); break;
    }
}

static void on_cancel(model_t *model, event_t *event)
{
    thread_t *t =
        model_thread_get(model, (uint32_t)model_get(model, F_CANCEL_THREAD, event), event);
    event->other = t;
    if (!t) {
        return;
    }
    event->object = t->wait_object;
    if (t->call.active) {
        model_call_over(model, event, t, EFFECT_CALL_ENDED);
    }
    event->waited = model_stop_waiting(t, event->time);
    model_will_be(model, t, THREAD_STOPPED, event->time);
}

static void on_no_partner(model_t *model, event_t *event)
{
    event->object =
        model_object_get(model, (uint32_t)model_get(model, F_NO_PARTNER_ENDPOINT, event));
}

static void on_signal(model_t *model, event_t *event)
{
    object_t *ntfn = model_object_get(model, (uint32_t)model_get(model, F_SIGNAL_NTFN, event));
    thread_t *woken =
        model_thread_get(model, (uint32_t)model_get(model, F_SIGNAL_WOKEN, event), event);
    event->object = ntfn;
    event->other = woken;
    if (ntfn) {
        ntfn->count++;
        ntfn->last_signal = event_ref(event);
        ntfn->pending |= woken ? 0 : model_get(model, F_SIGNAL_BADGE, event);
    }
    if (woken) {
        event->waited = model_stop_waiting(woken, event->time);
        woken->wake_cause = event_ref(event);
        model_will_be(model, woken, THREAD_READY, event->time);
    }
}

static void on_receive(model_t *model, event_t *event)
{
    object_t *ntfn = model_object_get(model, (uint32_t)model_get(model, F_RECEIVE_NTFN, event));
    event->object = ntfn;
    if (ntfn) {
        event->cause = ntfn->last_signal;
        ntfn->pending = 0;
    }
}

static void on_bind(model_t *model, event_t *event)
{
    event->object = model_object_get(model, (uint32_t)model_get(model, F_BIND_NTFN, event));
    event->other = model_thread_get(model, (uint32_t)model_get(model, F_BIND_THREAD, event), event);
}

static void on_unbind(model_t *model, event_t *event)
{
    event->object = model_object_get(model, (uint32_t)model_get(model, F_UNBIND_NTFN, event));
    event->other =
        model_thread_get(model, (uint32_t)model_get(model, F_UNBIND_THREAD, event), event);
}

static void on_irq(model_t *model, event_t *event)
{
    event->object = model_object_get(model, (uint32_t)model_get(model, F_IRQ_RAISED_NTFN, event));
}

const model_handler_t model_ipc_handlers[] = {
    {"ipc.block", on_block},    {"ipc.transfer", on_transfer},
    {"ipc.cancel", on_cancel},  {"ipc.no_partner", on_no_partner},
    {"ntfn.signal", on_signal}, {"ntfn.receive", on_receive},
    {"ntfn.bind", on_bind},     {"ntfn.unbind", on_unbind},
    {"irq.raised", on_irq},     {NULL, NULL},
};
