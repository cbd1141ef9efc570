/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling contexts (MCS kernels): whose time a thread runs on, and who waits for more of it. */
#include <stdlib.h>

#include "memory.h"
#include "model_private.h"

const model_sc_t *model_sc(const model_t *model, uint32_t ref)
{
    return ref ? reftable_get(&model->private->contexts, ref) : NULL;
}

static model_sc_t *sc_get(model_t *model, enum model_field field, const event_t *event)
{
    struct model_private *p = model->private;
    uint32_t ref = (uint32_t)model_get(model, field, event);
    model_sc_t *sc = ref ? reftable_get(&p->contexts, ref) : NULL;
    if (!sc && ref && p->context_count < MODEL_MAX_OBJECTS) {
        p->all_contexts =
            memory_grow(p->all_contexts, p->context_count + 1, sizeof(p->all_contexts[0]));
        sc = memory_new(1, sizeof(*sc));
        sc->ref = ref;
        p->all_contexts[p->context_count++] = sc;
        reftable_put(&p->contexts, ref, sc);
    }
    return sc;
}

void model_sc_free(model_t *model)
{
    struct model_private *p = model->private;
    for (uint32_t i = 0; i < p->context_count; i++) {
        free(p->all_contexts[i]);
    }
    free(p->all_contexts);
    reftable_free(&p->contexts);
}

static bool could_run(const model_t *model, const thread_t *t)
{
    return t->state == THREAD_READY ||
           (model_is_current(model, t) && t->next_state == THREAD_UNKNOWN);
}

static void take_from(model_t *model, thread_t *t, uint64_t time)
{
    if (t) {
        t->sc = 0;
        t->release = 0;
        if (could_run(model, t)) {
            model_will_be(model, t, THREAD_POSTPONED, time);
        }
    }
}

static void give_to(model_t *model, thread_t *t, const model_sc_t *sc, uint64_t time)
{
    if (t) {
        t->sc = sc ? sc->ref : 0;
        t->release = 0;
        if (t->state == THREAD_POSTPONED) {
            model_set_state(model, t, THREAD_READY, time);
        } else if (t->next_state == THREAD_POSTPONED) {
            t->next_state = THREAD_UNKNOWN;
        }
    }
}

static void on_configure(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_CONFIGURE_SC, event);
    if (sc) {
        sc->budget_us = (uint32_t)model_get(model, F_SC_CONFIGURE_BUDGET, event);
        sc->period_us = (uint32_t)model_get(model, F_SC_CONFIGURE_PERIOD, event);
    }
}

/* To a thread or a notification: a reference that is no thread's is the latter's. */
static void on_bind(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_BIND_SC, event);
    bool bound = model_get(model, F_SC_BIND_BOUND, event);
    event->other = model_thread(model, (uint32_t)model_get(model, F_SC_BIND_OBJECT, event));
    if (sc && event->other) {
        sc->thread_uid = bound ? event->other->uid : 0;
        if (bound) {
            give_to(model, event->other, sc, event->time);
        } else {
            take_from(model, event->other, event->time);
        }
    }
}

static void on_donate(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_DONATE_SC, event);
    thread_t *from = model_thread(model, (uint32_t)model_get(model, F_SC_DONATE_FROM, event));
    event->other =
        model_thread_get(model, (uint32_t)model_get(model, F_SC_DONATE_TO, event), event);
    if (from && sc && from->sc == sc->ref) {
        from->sc = 0; /* it waits for an answer, or for the next message */
    }
    if (sc) {
        sc->thread_uid = event->other ? event->other->uid : 0;
    }
    give_to(model, event->other, sc, event->time);
}

static void on_charge(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_CHARGE_SC, event);
    if (sc) {
        sc->used += model_get(model, F_SC_CHARGE_USED, event);
        sc->left = model_get(model, F_SC_CHARGE_LEFT, event);
        sc->turns += model_get(model, F_SC_CHARGE_OVER, event);
    }
}

static void on_postpone(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_POSTPONE_SC, event);
    thread_t *t =
        model_thread_get(model, (uint32_t)model_get(model, F_SC_POSTPONE_THREAD, event), event);
    event->other = t;
    if (!t) {
        return;
    }
    t->sc = sc ? sc->ref : 0;
    t->release = model_get(model, F_SC_POSTPONE_UNTIL, event);
    if (could_run(model, t)) {
        model_will_be(model, t, THREAD_POSTPONED, event->time);
    }
}

static void on_release(model_t *model, event_t *event)
{
    model_sc_t *sc = sc_get(model, F_SC_RELEASE_SC, event);
    event->other =
        model_thread_get(model, (uint32_t)model_get(model, F_SC_RELEASE_THREAD, event), event);
    if (sc) {
        sc->left = model_get(model, F_SC_RELEASE_LEFT, event);
    }
    if (event->other && event->other->state == THREAD_POSTPONED) {
        event->waited = event->time > event->other->since ? event->time - event->other->since : 0;
    }
    give_to(model, event->other, sc, event->time);
}

const model_handler_t model_sc_handlers[] = {
    {"sched.sc_configure", on_configure},
    {"sched.sc_bind", on_bind},
    {"sched.sc_donate", on_donate},
    {"sched.sc_charge", on_charge},
    {"sched.sc_postpone", on_postpone},
    {"sched.sc_release", on_release},
    {NULL, NULL},
};
