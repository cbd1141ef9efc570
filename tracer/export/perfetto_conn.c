/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Async IPC: a track for each connection, with a row for each call that is on its way: the whole
 * of it from request to answer, and inside what it waits for: in the ring, with the server, in
 * the ring back. Arrows lead from the client's coroutine to the server's and back, across address
 * spaces; counters tell how full the rings are. Both sides' events name connection and request
 * alike.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

enum { BUCKETS = 64 };

/* Calls of a connection overlap: each has a row for itself while it lasts. */
typedef struct request {
    uint32_t token;
    bool active;
    uint8_t depth; /* open slices */
    uint64_t track, client_track, flow;
    struct request *next;
} request_t;

typedef struct conn {
    uint32_t id;
    uint32_t client_uid, server_uid; /* 0: that side has not told */
    uint64_t track;                  /* 0: not described */
    uint64_t requests, answers;      /* counter tracks, 0: not described */
    uint64_t answers_depth;
    unsigned rows;
    request_t *calls;
    struct conn *next;
} conn_t;

struct px_conn {
    conn_t *conns[BUCKETS];
    unsigned count;
};

static void part_init(px_t *s)
{
    s->conn = memory_new(1, sizeof(*s->conn));
}

static void free_calls(conn_t *c)
{
    for (request_t *next, *call = c->calls; call; call = next) {
        next = call->next;
        free(call);
    }
}

static void part_free(px_t *s)
{
    for (size_t i = 0; s->conn && i < BUCKETS; i++) {
        for (conn_t *next, *c = s->conn->conns[i]; c; c = next) {
            next = c->next;
            free_calls(c);
            free(c);
        }
    }
    free(s->conn);
}

static conn_t *conn_of(px_t *s, uint32_t id)
{
    conn_t **link = &s->conn->conns[(id ^ id >> 6) % BUCKETS];
    while (*link && (*link)->id != id) {
        link = &(*link)->next;
    }
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
        (*link)->id = id;
    }
    return *link;
}

static const char *name_of(const model_t *model, uint32_t uid)
{
    for (const thread_t *t = uid ? model->threads : NULL; t; t = t->next) {
        if (t->uid == uid) {
            return t->name;
        }
    }
    return "?";
}

/* The connection that an event of thread `x` is about, described: once it is used both sides have
 * told who they are, if they ever do. */
static conn_t *used(px_t *s, const model_t *model, uint64_t id, const px_thread_t *x, bool server)
{
    conn_t *c = conn_of(s, (uint32_t)id);
    if (c->track == 0) {
        char name[2 * PX_TEXT + 40];
        *(server ? &c->server_uid : &c->client_uid) = x->uid;
        snprintf(name, sizeof(name), "%s > %s (connection %x)", name_of(model, c->client_uid),
                 name_of(model, c->server_uid), c->id);
        c->track = px_child_track(s, GROUP_CONNECTIONS, name, ++s->conn->count);
        c->requests = px_counter_below(s, c->track, "requests in the ring", "", 1);
        c->answers = px_counter_below(s, c->track, "answers in the ring", "", 2);
    }
    return c;
}

/* ---- calls ---- */

static request_t *call_of(conn_t *c, uint32_t token)
{
    request_t *call = c->calls;
    while (call && (!call->active || call->token != token)) {
        call = call->next;
    }
    return call;
}

static request_t *new_call(px_t *s, conn_t *c, uint32_t token)
{
    request_t *call = c->calls;
    while (call && call->active) {
        call = call->next;
    }
    if (!call) {
        enum { FIRST_RANK = 3 }; /* behind the counters */
        call = memory_new(1, sizeof(*call));
        call->track = px_track_below(s, c->track, "calls", FIRST_RANK + c->rows++);
        call->next = c->calls;
        c->calls = call;
    }
    call->active = true;
    call->token = token;
    call->depth = 0;
    return call;
}

static pf_event_t begin(px_t *s, request_t *call, pf_name_t *name)
{
    call->depth++;
    pf_event_t e = px_event(s, EVENT_BEGIN, call->track);
    pf_named(&e, &s->categories[CAT_ASYNC], name);
    return e;
}

/* Ends slices until `depth` are open. */
static void end(px_t *s, request_t *call, uint8_t depth, bool cut)
{
    while (call->depth > depth) {
        call->depth--;
        pf_event_t e = px_event(s, EVENT_END, call->track);
        if (cut) {
            pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
        }
        pf_done(&e);
    }
}

/* What the call waits for from now on. */
static void phase(px_t *s, request_t *call, pf_name_t *name)
{
    end(s, call, 1, false);
    pf_event_t e = begin(s, call, name);
    pf_done(&e);
}

static void cut_calls(px_t *s, conn_t *c)
{
    for (request_t *call = c->calls; call; call = call->next) {
        end(s, call, 0, true);
        call->active = false;
    }
}

static void part_cut(px_t *s)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (conn_t *c = s->conn->conns[i]; c; c = c->next) {
            cut_calls(s, c);
        }
    }
}

/* ---- events ---- */

/* A step of a call: who takes it, and which call it is. */
typedef struct {
    px_thread_t *x;
    conn_t *c;
    request_t *call; /* NULL: its request is not known */
    uint32_t token;
    uint64_t label;
} step_t;

/* Finds that out of an event; false if it does not tell whose it is: it is written as any other. */
static bool find_step(px_t *s, const model_t *model, const event_t *event, enum px_field conn,
                      enum px_field token, enum px_field label, bool server, step_t *step)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return false;
    }
    *step = (step_t){.x = x,
                     .c = used(s, model, px_get(s, conn, event), x, server),
                     .token = (uint32_t)px_get(s, token, event),
                     .label = px_get(s, label, event)};
    step->call = call_of(step->c, step->token);
    return true;
}

/* The step as an instant on a track; the caller adds arrows and ends it. */
static pf_event_t put_step(px_t *s, uint64_t track, enum px_name name, const step_t *step)
{
    pf_event_t e = px_instant(s, track, CAT_ASYNC, name);
    pf_arg_hex(&e, &s->args[ARG_CONNECTION], step->c->id);
    pf_arg_hex(&e, &s->args[ARG_TOKEN], step->token);
    pf_arg_uint(&e, &s->args[ARG_LABEL], step->label);
    return e;
}

static void begin_flow(px_t *s, pf_event_t *e, request_t *call)
{
    call->flow = px_flow(s);
    pf_flow(e, call->flow);
}

/* The step in the making is where the call's arrow leads to. */
static void end_flow(px_t *s, pf_event_t *e, request_t *call)
{
    if (call && call->flow) {
        px_flow_end(s, e, call->flow);
        call->flow = 0;
    }
}

static void end_call(px_t *s, request_t *call)
{
    end(s, call, 0, false);
    call->active = false;
}

static void on_connect(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    conn_t *c = conn_of(s, (uint32_t)px_get(s, FIELD_CONNECT_CONN, event));
    bool server = px_get(s, FIELD_CONNECT_SERVER, event);
    if (x) {
        *(server ? &c->server_uid : &c->client_uid) = x->uid;
    }
    px_on_generic(s, model, event);
}

static void on_disconnect(px_t *s, const model_t *model, const event_t *event)
{
    conn_t *c = conn_of(s, (uint32_t)px_get(s, FIELD_DISCONNECT_CONN, event));
    cut_calls(s, c);
    px_on_generic(s, model, event);
}

static void on_request(px_t *s, const model_t *model, const event_t *event)
{
    step_t step;
    if (!find_step(s, model, event, FIELD_REQUEST_CONN, FIELD_REQUEST_TOKEN, FIELD_REQUEST_LABEL,
                   false, &step)) {
        return;
    }
    bool send = px_get(s, FIELD_REQUEST_SEND, event);
    request_t *call = new_call(s, step.c, step.token);
    call->client_track = px_coro_track(s, step.x);
    pf_event_t e =
        put_step(s, call->client_track, send ? NAME_ASYNC_SEND : NAME_ASYNC_REQUEST, &step);
    begin_flow(s, &e, call);
    pf_done(&e);
    e = begin(s, call, &s->names[send ? NAME_ASYNC_SEND : NAME_ASYNC_CALL]);
    pf_arg_name(&e, &s->args[ARG_FROM], &step.x->as_text);
    pf_arg_uint(&e, &s->args[ARG_LABEL], step.label);
    pf_arg_hex(&e, &s->args[ARG_TOKEN], step.token);
    pf_done(&e);
    phase(s, call, &s->names[NAME_IN_RING]);
    px_figure(s, step.c->requests, px_get(s, FIELD_REQUEST_DEPTH, event));
}

static void on_take(px_t *s, const model_t *model, const event_t *event)
{
    step_t step;
    if (!find_step(s, model, event, FIELD_TAKE_CONN, FIELD_TAKE_TOKEN, FIELD_TAKE_LABEL, true,
                   &step)) {
        return;
    }
    pf_event_t e = put_step(s, px_coro_track(s, step.x), NAME_ASYNC_TAKE, &step);
    end_flow(s, &e, step.call);
    pf_done(&e);
    if (step.call && px_get(s, FIELD_TAKE_SEND, event)) {
        end_call(s, step.call);
    } else if (step.call) {
        phase(s, step.call, px_phrase(s, step.x, PHRASE_SERVED));
    }
    px_figure(s, step.c->requests, px_get(s, FIELD_TAKE_DEPTH, event));
}

static void on_reply(px_t *s, const model_t *model, const event_t *event)
{
    step_t step;
    if (!find_step(s, model, event, FIELD_REPLY_CONN, FIELD_REPLY_TOKEN, FIELD_REPLY_LABEL, true,
                   &step)) {
        return;
    }
    pf_event_t e = put_step(s, px_coro_track(s, step.x), NAME_ASYNC_REPLY, &step);
    if (step.call) {
        begin_flow(s, &e, step.call);
    }
    pf_done(&e);
    if (step.call) {
        phase(s, step.call, &s->names[NAME_IN_RING_BACK]);
    }
    step.c->answers_depth = px_get(s, FIELD_REPLY_DEPTH, event);
    px_figure(s, step.c->answers, step.c->answers_depth);
}

/* The executor takes the answer; the arrow ends where the coroutine waits for it. */
static void on_answer(px_t *s, const model_t *model, const event_t *event)
{
    step_t step;
    if (!find_step(s, model, event, FIELD_ANSWER_CONN, FIELD_ANSWER_TOKEN, FIELD_ANSWER_LABEL,
                   false, &step)) {
        return;
    }
    uint64_t track = step.call ? step.call->client_track : px_coro_track(s, step.x);
    pf_event_t e = put_step(s, track, NAME_ASYNC_ANSWER, &step);
    end_flow(s, &e, step.call);
    if (px_get(s, FIELD_ANSWER_LATE, event)) {
        pf_arg(&e, &s->args[ARG_LATE], F_ANNOTATION_BOOL, 1);
    }
    pf_done(&e);
    if (step.call) {
        end_call(s, step.call);
    }
    step.c->answers_depth -= step.c->answers_depth > 0;
    px_figure(s, step.c->answers, step.c->answers_depth);
}

static const px_binding_t bindings[] = {
    {"async.connect", on_connect},
    {"async.disconnect", on_disconnect},
    {"async.request", on_request},
    {"async.take", on_take},
    {"async.reply", on_reply},
    {"async.answer", on_answer},
    {NULL, NULL},
};

const px_part_t px_conn_part = {
    .init = part_init, .free = part_free, .cut = part_cut, .bindings = bindings};
