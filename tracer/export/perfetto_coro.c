/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines of the async runtime: each is a track inside its thread, on which it is ready, runs,
 * or waits for something, one after the other. What the thread does meanwhile (it may be
 * preempted) its own track tells.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

enum { BUCKETS = 256, NAMES = 32 };

typedef struct coro {
    uint32_t thread_uid, number;
    uint64_t track;
    bool open; /* a slice is */
    struct coro *next;
} coro_t;

/* What a thread runs: of those threads that have told. */
typedef struct running {
    uint32_t thread_uid, number; /* 0: its executor */
    struct running *next;
} running_t;

struct px_coro {
    coro_t *coros[BUCKETS];
    running_t *running[BUCKETS];
    pf_name_t *waits[NAMES]; /* by why it waits; NULL: its name in the event table does */
};

static const struct {
    const char *why;
    enum px_name name;
} wait_names[] = {
    {"sleep", NAME_CORO_SLEEP},   {"join", NAME_CORO_JOIN},   {"call", NAME_CORO_CALL},
    {"room", NAME_CORO_ROOM},     {"recv", NAME_CORO_RECV},   {"notify", NAME_CORO_NOTIFY},
    {"syscall", NAME_CORO_CALLS}, {"event", NAME_CORO_EVENT},
};

static void part_init(px_t *s)
{
    s->coro = memory_new(1, sizeof(*s->coro));
    for (unsigned why = 0; why < NAMES; why++) {
        const pf_name_t *text = px_enum_name(s, s->fields[FIELD_CORO_BLOCK_WHY], why);
        for (size_t i = 0; text && i < sizeof(wait_names) / sizeof(wait_names[0]); i++) {
            if (strcmp(text->text, wait_names[i].why) == 0) {
                s->coro->waits[why] = &s->names[wait_names[i].name];
            }
        }
    }
}

static void part_free(px_t *s)
{
    for (size_t i = 0; s->coro && i < BUCKETS; i++) {
        for (coro_t *next, *c = s->coro->coros[i]; c; c = next) {
            next = c->next;
            free(c);
        }
        for (running_t *next, *r = s->coro->running[i]; r; r = next) {
            next = r->next;
            free(r);
        }
    }
    free(s->coro);
}

static coro_t **find(px_t *s, uint32_t thread_uid, uint32_t number)
{
    coro_t **link = &s->coro->coros[(thread_uid * 31 + number) % BUCKETS];
    while (*link && ((*link)->thread_uid != thread_uid || (*link)->number != number)) {
        link = &(*link)->next;
    }
    return link;
}

static running_t *running_of(px_t *s, uint32_t thread_uid)
{
    running_t **link = &s->coro->running[thread_uid % BUCKETS];
    while (*link && (*link)->thread_uid != thread_uid) {
        link = &(*link)->next;
    }
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
        (*link)->thread_uid = thread_uid;
    }
    return *link;
}

/* The coroutine's low half is its place in the pool: one after the other there may share a row. */
static coro_t *make(px_t *s, const px_thread_t *x, uint32_t number, const char *name)
{
    coro_t **link = find(s, x->uid, number);
    if (!*link) {
        char text[64];
        snprintf(text, sizeof(text), "coroutine %s%s%u", name, name[0] ? " " : "", number & 0xffff);
        *link = memory_new(1, sizeof(**link));
        (*link)->thread_uid = x->uid;
        (*link)->number = number;
        (*link)->track = px_track_below(s, x->track, text, number & 0xffff);
    }
    return *link;
}

static void end_state(px_t *s, coro_t *c, bool cut)
{
    if (c->open) {
        c->open = false;
        pf_event_t e = px_event(s, EVENT_END, c->track);
        if (cut) {
            pf_arg(&e, &s->args[ARG_UNFINISHED], F_ANNOTATION_BOOL, 1);
        }
        pf_done(&e);
    }
}

static pf_event_t begin_state(px_t *s, coro_t *c, pf_name_t *name)
{
    end_state(s, c, false);
    c->open = true;
    pf_event_t e = px_event(s, EVENT_BEGIN, c->track);
    pf_named(&e, &s->categories[CAT_CORO], name);
    return e;
}

static void part_cut(px_t *s)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (coro_t *c = s->coro->coros[i]; c; c = c->next) {
            end_state(s, c, true);
        }
    }
}

void px_coro_thread_gone(px_t *s, const px_thread_t *x)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (coro_t **link = &s->coro->coros[i]; *link;) {
            coro_t *c = *link;
            if (c->thread_uid == x->uid) {
                end_state(s, c, true);
                *link = c->next;
                free(c);
            } else {
                link = &c->next;
            }
        }
    }
    for (running_t **link = &s->coro->running[x->uid % BUCKETS]; *link; link = &(*link)->next) {
        if ((*link)->thread_uid == x->uid) {
            running_t *gone = *link;
            *link = gone->next;
            free(gone);
            return;
        }
    }
}

uint64_t px_coro_track(px_t *s, const px_thread_t *x)
{
    uint32_t number = running_of(s, x->uid)->number;
    return number ? make(s, x, number, "")->track : x->track;
}

static void on_spawn(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    char name[13];
    schema_field_str(s->fields[FIELD_CORO_SPAWN_NAME], event->record, name);
    coro_t *c = make(s, x, (uint32_t)px_get(s, FIELD_CORO_SPAWN_CORO, event), name);
    pf_event_t e = begin_state(s, c, &s->names[NAME_CORO_READY]);
    pf_arg_uint(&e, &s->args[ARG_PRIORITY], px_get(s, FIELD_CORO_SPAWN_PRIORITY, event));
    pf_done(&e);
}

/* Whoever ran until now, and has not said that it waits, is ready. */
static void on_run(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    running_t *r = running_of(s, x->uid);
    uint32_t number = (uint32_t)px_get(s, FIELD_CORO_RUN_CORO, event);
    coro_t *last = r->number && r->number != number ? *find(s, x->uid, r->number) : NULL;
    if (last) {
        pf_event_t e = begin_state(s, last, &s->names[NAME_CORO_READY]);
        pf_done(&e);
    }
    r->number = number;
    if (number) {
        pf_event_t e = begin_state(s, make(s, x, number, ""), &s->names[NAME_CORO_RUNS]);
        pf_done(&e);
    }
}

static void on_block(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    uint32_t number = (uint32_t)px_get(s, FIELD_CORO_BLOCK_CORO, event);
    uint64_t why = px_get(s, FIELD_CORO_BLOCK_WHY, event);
    uint64_t object = px_get(s, FIELD_CORO_BLOCK_FOR, event);
    pf_name_t *name = why < NAMES ? s->coro->waits[why] : NULL;
    running_t *r = running_of(s, x->uid);
    r->number = r->number == number ? 0 : r->number;
    pf_event_t e = begin_state(s, make(s, x, number, ""), name ? name : &s->names[NAME_WAITS]);
    if (object) {
        pf_arg_hex(&e, &s->args[ARG_FOR], object);
    }
    if (px_get(s, FIELD_CORO_BLOCK_TIMED, event)) {
        pf_arg(&e, &s->args[ARG_TIMED], F_ANNOTATION_BOOL, 1);
    }
    pf_done(&e);
}

static void on_wake(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    pf_name_t *status = px_enum_text(s, s->fields[FIELD_CORO_WAKE_STATUS],
                                     px_get(s, FIELD_CORO_WAKE_STATUS, event));
    coro_t *c = make(s, x, (uint32_t)px_get(s, FIELD_CORO_WAKE_CORO, event), "");
    pf_event_t e = begin_state(s, c, &s->names[NAME_CORO_READY]);
    if (status) {
        pf_arg_name(&e, &s->args[ARG_STATUS], status);
    }
    pf_done(&e);
}

static void on_end(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *x = px_current(s, event);
    if (!x) {
        px_on_generic(s, model, event);
        return;
    }
    uint32_t number = (uint32_t)px_get(s, FIELD_CORO_END_CORO, event);
    running_t *r = running_of(s, x->uid);
    r->number = r->number == number ? 0 : r->number;
    coro_t **link = find(s, x->uid, number), *gone = *link;
    if (gone) {
        end_state(s, gone, false);
        *link = gone->next;
        free(gone);
    }
}

static const px_binding_t bindings[] = {
    {"coro.spawn", on_spawn}, {"coro.run", on_run}, {"coro.block", on_block},
    {"coro.wake", on_wake},   {"coro.end", on_end}, {NULL, NULL},
};

const px_part_t px_coro_part = {
    .init = part_init, .free = part_free, .cut = part_cut, .bindings = bindings};
