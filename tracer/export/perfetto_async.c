/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Async system calls: a track for each thread that has a ring of them, with a slice from where
 * the kernel takes a call out of the ring to its answer, and a counter of how many lie there.
 * Arrows lead there from the coroutine that submits a call, and back to it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

/* A call of which the program has told; between submit and fetch. */
typedef struct submitted {
    uint32_t token;
    uint64_t track; /* of the coroutine */
    uint64_t flow;  /* on its way; 0: none */
    struct submitted *next;
} submitted_t;

typedef struct ring {
    uint32_t thread_uid;
    uint64_t track, depth_track;
    uint32_t token; /* of the call in hand */
    bool open;      /* its slice is */
    submitted_t *calls;
    struct ring *next;
} ring_t;

struct px_async {
    ring_t *rings;
};

static void part_init(px_t *s)
{
    s->async = memory_new(1, sizeof(*s->async));
}

static void part_free(px_t *s)
{
    for (ring_t *next, *r = s->async ? s->async->rings : NULL; r; r = next) {
        next = r->next;
        for (submitted_t *later, *c = r->calls; c; c = later) {
            later = c->next;
            free(c);
        }
        free(r);
    }
    free(s->async);
}

static ring_t *ring_of_thread(px_t *s, const thread_t *thread)
{
    ring_t *r = s->async->rings;
    while (r && r->thread_uid != thread->uid) {
        r = r->next;
    }
    if (!r) {
        px_thread_t *x = px_thread(s, thread);
        char name[PX_TEXT + 32];
        r = memory_new(1, sizeof(*r));
        *r = (ring_t){.thread_uid = thread->uid, .next = s->async->rings};
        s->async->rings = r;
        px_describe(s, x, thread);
        snprintf(name, sizeof(name), "calls of %s", x->name);
        r->track = px_child_track(s, GROUP_ASYNC, name, thread->uid);
        snprintf(name, sizeof(name), "async ring depth: %s", x->name);
        r->depth_track = px_counter_track(s, name, "", PX_ASYNC_RANK + thread->uid);
    }
    return r;
}

/* The ring of the thread that a field names; NULL if it names none. */
static ring_t *ring_of(px_t *s, const model_t *model, const event_t *event, enum px_field field)
{
    const thread_t *thread = model_thread(model, (uint32_t)px_get(s, field, event));
    return thread ? ring_of_thread(s, thread) : NULL;
}

static submitted_t **call_of(ring_t *r, uint32_t token)
{
    submitted_t **link = &r->calls;
    while (*link && (*link)->token != token) {
        link = &(*link)->next;
    }
    return link;
}

static void cut(px_t *s, ring_t *r)
{
    if (r->open) {
        r->open = false;
        pf_event_t e = px_event(s, EVENT_END, r->track);
        pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
        pf_done(&e);
    }
}

static void part_cut(px_t *s)
{
    for (ring_t *r = s->async->rings; r; r = r->next) {
        cut(s, r);
    }
}

static void on_ring(px_t *s, const model_t *model, const event_t *event)
{
    ring_t *r = ring_of(s, model, event, FIELD_RING_THREAD);
    if (r) {
        cut(s, r);
        px_figure(s, r->depth_track, 0);
        px_all_fields(s, model, event, r->track);
    }
}

static void on_pickup(px_t *s, const model_t *model, const event_t *event)
{
    ring_t *r = ring_of(s, model, event, FIELD_PICKUP_THREAD);
    if (!r) {
        px_on_generic(s, model, event);
        return;
    }
    cut(s, r);
    uint64_t label = px_get(s, FIELD_PICKUP_LABEL, event);
    pf_name_t *name =
        label < PX_LABELS && s->labels[label].kind ? &s->labels[label] : &s->names[NAME_ASYNC_CALL];
    r->open = true;
    r->token = (uint32_t)px_get(s, FIELD_PICKUP_TOKEN, event);
    pf_event_t e = px_event(s, EVENT_BEGIN, r->track);
    pf_named(&e, &s->categories[CAT_ASYNC], name);
    pf_arg_hex(&e, &s->args[ARG_CPTR], px_get(s, FIELD_PICKUP_CPTR, event));
    pf_arg_hex(&e, &s->args[ARG_TOKEN], r->token);
    submitted_t *call = *call_of(r, r->token);
    if (call && call->flow) {
        px_flow_end(s, &e, call->flow);
        call->flow = 0;
    }
    pf_done(&e);
    px_figure(s, r->depth_track, px_get(s, FIELD_PICKUP_QUEUED, event));
}

static void on_complete(px_t *s, const model_t *model, const event_t *event)
{
    ring_t *r = ring_of(s, model, event, FIELD_COMPLETE_THREAD);
    if (!r || !r->open || r->token != px_get(s, FIELD_COMPLETE_TOKEN, event)) {
        px_on_generic(s, model, event);
        return;
    }
    pf_name_t *result =
        px_enum_text(s, s->fields[FIELD_COMPLETE_ERROR], px_get(s, FIELD_COMPLETE_ERROR, event));
    submitted_t *call = *call_of(r, r->token);
    pf_event_t e;
    if (call) {
        call->flow = px_flow(s);
        e = px_instant(s, r->track, CAT_ASYNC, NAME_COMPLETE);
        pf_flow(&e, call->flow);
        pf_done(&e);
    }
    r->open = false;
    e = px_event(s, EVENT_END, r->track);
    if (result) {
        pf_arg_name(&e, &s->args[ARG_RESULT], result);
    }
    pf_done(&e);
    if (s->fields[FIELD_COMPLETE_LEFT] != &schema_no_field) { /* older kernels do not tell */
        px_figure(s, r->depth_track, px_get(s, FIELD_COMPLETE_LEFT, event));
    }
}

static void on_submit(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    ring_t *r = ring_of_thread(s, event->thread);
    uint32_t token = (uint32_t)px_get(s, FIELD_SUBMIT_TOKEN, event);
    uint64_t label = px_get(s, FIELD_SUBMIT_LABEL, event);
    submitted_t **link = call_of(r, token);
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
    }
    submitted_t *call = *link;
    *call = (submitted_t){
        .token = token, .track = px_coro_track(s, x), .flow = px_flow(s), .next = call->next};
    pf_event_t e = px_instant(s, call->track, CAT_ASYNC, NAME_SUBMIT);
    pf_flow(&e, call->flow);
    if (label < PX_LABELS && s->label_texts[label].kind) {
        pf_arg_name(&e, &s->args[ARG_LABEL], &s->label_texts[label]);
    }
    pf_arg_hex(&e, &s->args[ARG_CPTR], px_get(s, FIELD_SUBMIT_CPTR, event));
    pf_arg_hex(&e, &s->args[ARG_TOKEN], token);
    pf_done(&e);
    px_figure(s, r->depth_track, px_get(s, FIELD_SUBMIT_DEPTH, event));
}

static void on_fetch(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    submitted_t **link =
        x ? call_of(ring_of_thread(s, event->thread), (uint32_t)px_get(s, FIELD_FETCH_TOKEN, event))
          : NULL;
    if (!link || !*link) {
        px_on_generic(s, model, event);
        return;
    }
    submitted_t *call = *link;
    pf_name_t *result =
        px_enum_text(s, s->fields[FIELD_FETCH_ERROR], px_get(s, FIELD_FETCH_ERROR, event));
    pf_event_t e = px_instant(s, call->track, CAT_ASYNC, NAME_FETCH);
    if (call->flow) {
        px_flow_end(s, &e, call->flow);
    }
    if (result) {
        pf_arg_name(&e, &s->args[ARG_RESULT], result);
    }
    pf_done(&e);
    *link = call->next;
    free(call);
}

static const px_binding_t bindings[] = {
    {"async.ring", on_ring},     {"async.pickup", on_pickup}, {"async.complete", on_complete},
    {"async.submit", on_submit}, {"async.fetch", on_fetch},   {NULL, NULL},
};

const px_part_t px_async_part = {
    .init = part_init, .free = part_free, .cut = part_cut, .bindings = bindings};
