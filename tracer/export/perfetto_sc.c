/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling contexts (MCS kernels): a counter of the budget that each has left, as far as the
 * kernel has told, slices of threads that wait for their next refill, and arrows for time that a
 * thread lends to another or gives back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

enum { NS_PER_US = 1000 };

typedef struct context {
    uint32_t ref;
    uint64_t track; /* of its counter; 0: none yet */
    uint64_t left;  /* ns, as last told */
    struct context *next;
} context_t;

struct px_sc {
    context_t *contexts;
    unsigned count; /* ever met */
};

static void part_init(px_t *s)
{
    s->sc = memory_new(1, sizeof(*s->sc));
}

static void part_free(px_t *s)
{
    for (context_t *next, *c = s->sc ? s->sc->contexts : NULL; c; c = next) {
        next = c->next;
        free(c);
    }
    free(s->sc);
}

static context_t **context(px_t *s, uint32_t ref)
{
    context_t **link = &s->sc->contexts;
    while (*link && (*link)->ref != ref) {
        link = &(*link)->next;
    }
    if (!*link) {
        *link = memory_new(1, sizeof(**link));
        (*link)->ref = ref;
        s->sc->count++;
    }
    return link;
}

void px_sc_gone(px_t *s, uint32_t ref)
{
    context_t **link = context(s, ref), *gone = *link;
    *link = gone->next;
    free(gone);
}

/* The counter bears the name of the first thread that the context serves: before there is one, it
 * is not shown. */
static void put_budget(px_t *s, uint32_t ref, const thread_t *thread, uint64_t ns)
{
    context_t *c = *context(s, ref);
    c->left = ns;
    if (c->track == 0 && thread) {
        char name[PX_TEXT + 40];
        snprintf(name, sizeof(name), "budget left: %s (context %x)", thread->name, ref);
        c->track = px_counter_track(s, name, "ns", PX_SC_RANK + s->sc->count);
    }
    if (c->track) {
        px_figure(s, c->track, ns);
    }
}

static uint64_t ns_of(const px_t *s, uint64_t ticks)
{
    return pf_units(&s->pf, ticks) * s->pf.unit_ns;
}

static const thread_t *named(px_t *s, const model_t *model, const event_t *event,
                             enum px_field field)
{
    return model_thread(model, (uint32_t)px_get(s, field, event));
}

static px_thread_t *described(px_t *s, const thread_t *thread)
{
    px_thread_t *x = thread ? px_thread(s, thread) : NULL;
    if (x) {
        px_describe(s, x, thread);
    }
    return x;
}

static void on_configure(px_t *s, const model_t *model, const event_t *event)
{
    put_budget(s, (uint32_t)px_get(s, FIELD_SC_CONFIGURE_SC, event), NULL,
               px_get(s, FIELD_SC_CONFIGURE_BUDGET, event) * NS_PER_US);
    px_on_generic(s, model, event);
}

static void on_bind(px_t *s, const model_t *model, const event_t *event)
{
    uint32_t ref = (uint32_t)px_get(s, FIELD_SC_BIND_SC, event);
    const thread_t *thread = named(s, model, event, FIELD_SC_BIND_OBJECT);
    if (thread) {
        put_budget(s, ref, thread, (*context(s, ref))->left);
    }
    px_on_generic(s, model, event);
}

static void on_charge(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    put_budget(s, (uint32_t)px_get(s, FIELD_SC_CHARGE_SC, event), event->thread,
               ns_of(s, px_get(s, FIELD_SC_CHARGE_LEFT, event)));
}

/* What is left in its refill cannot be used before `until`. */
static void on_postpone(px_t *s, const model_t *model, const event_t *event)
{
    const thread_t *thread = named(s, model, event, FIELD_SC_POSTPONE_THREAD);
    px_thread_t *x = described(s, thread);
    put_budget(s, (uint32_t)px_get(s, FIELD_SC_POSTPONE_SC, event), thread, 0);
    if (x && !px_is_open(x, SLICE_BUDGET)) {
        pf_event_t e = px_begin(s, x, SLICE_BUDGET, CAT_WAIT, &s->names[NAME_BUDGET_WAIT]);
        pf_arg_uint(&e, &s->args[ARG_UNTIL], px_get(s, FIELD_SC_POSTPONE_UNTIL, event));
        pf_done(&e);
    }
}

static void on_release(px_t *s, const model_t *model, const event_t *event)
{
    const thread_t *thread = named(s, model, event, FIELD_SC_RELEASE_THREAD);
    px_thread_t *x = described(s, thread);
    put_budget(s, (uint32_t)px_get(s, FIELD_SC_RELEASE_SC, event), thread,
               ns_of(s, px_get(s, FIELD_SC_RELEASE_LEFT, event)));
    if (x) {
        px_end(s, x, SLICE_BUDGET);
    }
}

static void put_time(px_t *s, const event_t *event, px_thread_t *x, px_thread_t *other,
                     uint64_t flow, bool to)
{
    pf_name_t *why =
        px_enum_text(s, s->fields[FIELD_SC_DONATE_WHY], px_get(s, FIELD_SC_DONATE_WHY, event));
    pf_event_t e = px_instant(s, x->track, CAT_TIME, to ? NAME_TIME_RECEIVED : NAME_TIME_LENT);
    if (other && to) {
        px_flow_end(s, &e, flow);
    } else if (other) {
        pf_flow(&e, flow);
    }
    if (other) {
        pf_arg_name(&e, &s->args[to ? ARG_FROM : ARG_TO], &other->as_text);
    }
    if (why) {
        pf_arg_name(&e, &s->args[ARG_REASON], why);
    }
    pf_arg_hex(&e, &s->args[ARG_CONTEXT], px_get(s, FIELD_SC_DONATE_SC, event));
    pf_done(&e);
}

/* An arrow if one thread's time becomes another's; a notification's comes from nobody. */
static void on_donate(px_t *s, const model_t *model, const event_t *event)
{
    px_thread_t *from = described(s, named(s, model, event, FIELD_SC_DONATE_FROM));
    px_thread_t *to = described(s, named(s, model, event, FIELD_SC_DONATE_TO));
    uint64_t flow = from && to ? px_flow(s) : 0;
    if (from) {
        px_end(s, from, SLICE_BUDGET);
        put_time(s, event, from, to, flow, false);
    }
    if (to) {
        put_time(s, event, to, from, flow, true);
    }
}

static const px_binding_t bindings[] = {
    {"sched.sc_configure", on_configure},
    {"sched.sc_bind", on_bind},
    {"sched.sc_charge", on_charge},
    {"sched.sc_postpone", on_postpone},
    {"sched.sc_release", on_release},
    {"sched.sc_donate", on_donate},
    {NULL, NULL},
};

const px_part_t px_sc_part = {.init = part_init, .free = part_free, .bindings = bindings};
