/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several harts, on their kernel tracks: slices of waiting for the kernel's lock, arrows from an
 * interrupt that a hart sends to where another takes it, and from the hart that a thread leaves to
 * the one that it moves to. Interrupts that come while one is pending are taken with it.
 */
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

struct px_smp {
    uint64_t sent[MODEL_MAX_HARTS][MODEL_MAX_HARTS]; /* flow from hart to hart; 0: none pending */
};

static void part_init(px_t *s)
{
    s->smp = memory_new(1, sizeof(*s->smp));
}

static void part_free(px_t *s)
{
    free(s->smp);
}

/* The trace has it when the wait is over, before anything else of that visit to the kernel. */
static void on_lock(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    uint64_t now = s->now, waited = pf_units(&s->pf, px_get(s, FIELD_LOCK_WAITED, event));
    uint64_t track = px_hart_track(s, event->hart);
    s->now = now > waited ? now - waited : 0;
    pf_event_t e = px_event(s, EVENT_BEGIN, track);
    pf_named(&e, &s->categories[CAT_SMP], &s->names[NAME_LOCK_WAIT]);
    pf_done(&e);
    s->now = now;
    e = px_event(s, EVENT_END, track);
    pf_done(&e);
}

static void on_ipi(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    uint64_t to = px_get(s, FIELD_IPI_HART, event);
    pf_event_t e = px_instant(s, px_hart_track(s, event->hart), CAT_SMP, NAME_IPI);
    if (event->hart < MODEL_MAX_HARTS && to < MODEL_MAX_HARTS) {
        uint64_t *flow = &s->smp->sent[event->hart][to];
        *flow = *flow ? *flow : px_flow(s);
        pf_flow(&e, *flow);
    }
    pf_arg_uint(&e, &s->args[ARG_TO], to);
    pf_done(&e);
}

static void on_ipi_taken(px_t *s, const model_t *model, const event_t *event)
{
    (void)model;
    pf_event_t e = px_instant(s, px_hart_track(s, event->hart), CAT_SMP, NAME_IPI_TAKEN);
    for (uint32_t from = 0; event->hart < MODEL_MAX_HARTS && from < MODEL_MAX_HARTS; from++) {
        uint64_t *flow = &s->smp->sent[from][event->hart];
        if (*flow) {
            px_flow_end(s, &e, *flow);
        }
        *flow = 0;
    }
    pf_done(&e);
}

static void on_migrate(px_t *s, const model_t *model, const event_t *event)
{
    const thread_t *thread = model_thread(model, (uint32_t)px_get(s, FIELD_MIGRATE_THREAD, event));
    uint64_t from = px_get(s, FIELD_MIGRATE_FROM, event), to = px_get(s, FIELD_MIGRATE_TO, event);
    uint64_t tracks[2] = {px_hart_track(s, (uint32_t)from), px_hart_track(s, (uint32_t)to)};
    px_thread_t *x = thread ? px_thread(s, thread) : NULL;
    if (from == to) {
        px_on_generic(s, model, event);
        return;
    }
    uint64_t flow = px_flow(s);
    for (unsigned i = 0; i < 2; i++) {
        pf_event_t e = px_instant(s, tracks[i], CAT_SMP, i ? NAME_ARRIVES : NAME_LEAVES);
        if (i) {
            px_flow_end(s, &e, flow);
        } else {
            pf_flow(&e, flow);
        }
        if (x) {
            pf_arg_name(&e, &s->args[ARG_THREAD], &x->as_text);
        }
        pf_arg_uint(&e, &s->args[i ? ARG_FROM : ARG_TO], i ? from : to);
        pf_done(&e);
    }
}

static const px_binding_t bindings[] = {
    {"smp.lock", on_lock},
    {"smp.ipi", on_ipi},
    {"smp.ipi_taken", on_ipi_taken},
    {"smp.migrate", on_migrate},
    {"smp.order", px_on_nothing}, /* the merge has seen to it */
    {NULL, NULL},
};

const px_part_t px_smp_part = {.init = part_init, .free = part_free, .bindings = bindings};
