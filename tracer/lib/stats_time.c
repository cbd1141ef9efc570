/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling contexts (MCS): how much of their budgets was used, and by whom. What the kernel has
 * charged is in the model; who spent it follows from who ran on which context when. A thread that
 * has lent its time away on its way to a switch still spends it until then.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "stats_private.h"

static stats_time_t *row_of(stats_t *stats, const model_t *model, uint32_t ref, uint64_t time)
{
    stats_time_t *row = reftable_get(&stats->private->time, ref);
    if (!row) {
        stats->time = stats_one_more(stats->time, stats->time_count, sizeof(stats->time[0]));
        row = memory_new(1, sizeof(*row));
        row->ref = ref;
        row->since = model_ns(model, time);
        stats->time[stats->time_count++] = row;
        reftable_put(&stats->private->time, ref, row);
    }
    return row;
}

static void spend(stats_time_t *row, uint32_t uid, uint64_t ns)
{
    for (size_t i = 0; i < row->spender_count; i++) {
        if (row->spenders[i].uid == uid) {
            row->spenders[i].ns += ns;
            return;
        }
    }
    row->spenders = stats_one_more(row->spenders, row->spender_count, sizeof(row->spenders[0]));
    row->spenders[row->spender_count++] = (stats_spender_t){.uid = uid, .ns = ns};
}

static void bill(stats_t *stats, const model_t *model, spending_t *now, uint64_t time)
{
    if (now->uid && now->sc && time > now->since) {
        spend(row_of(stats, model, now->sc, now->since), now->uid,
              model_ns(model, time - now->since));
    }
    now->since = time;
}

static void on_switch(stats_t *stats, const model_t *model, const event_t *event)
{
    spending_t *now = &stats->private->spending[event->hart];
    const thread_t *t = model->harts[event->hart].current;
    bill(stats, model, now, event->time);
    now->uid = t && !t->idle ? t->uid : 0;
    now->sc = t ? t->sc : 0;
}

/* The context's first thread gives it its name. */
static void on_context(stats_t *stats, const model_t *model, const event_t *event, unsigned field)
{
    uint32_t ref = (uint32_t)stats_get(stats, field, event);
    const model_sc_t *sc = model_sc(model, ref);
    if (!sc) {
        return;
    }
    stats_time_t *row = row_of(stats, model, ref, event->time);
    row->owner_uid = row->owner_uid ? row->owner_uid : sc->thread_uid;
    row->postponed += field == F_POSTPONE_SC;
    row->waited += field == F_RELEASE_SC ? model_ns(model, event->waited) : 0;
    /* A thread that was given time while it runs spends that from now on. */
    spending_t *now = &stats->private->spending[event->hart];
    if (now->uid && now->uid == sc->thread_uid && now->sc != ref) {
        bill(stats, model, now, event->time);
        now->sc = ref;
    }
}

void stats_on_time(stats_t *stats, const model_t *model, const event_t *event)
{
    static const struct {
        unsigned event, field;
    } contexts[] = {
        {E_SC_CONFIGURE, F_CONFIGURE_SC}, {E_SC_BIND, F_BIND_SC},       {E_SC_DONATE, F_DONATE_SC},
        {E_SC_POSTPONE, F_POSTPONE_SC},   {E_SC_RELEASE, F_RELEASE_SC}, {E_SC_CHARGE, F_CHARGE_SC},
    };
    if (event->hart >= MODEL_MAX_HARTS) {
        return;
    }
    if (event->effects & (EFFECT_SWITCH | EFFECT_UNEXPLAINED)) {
        on_switch(stats, model, event);
        return;
    }
    for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
        if (event->record->event == stats->private->ids[contexts[i].event]) {
            on_context(stats, model, event, contexts[i].field);
        }
    }
}

static void name(stats_t *stats, uint32_t uid, char *text, size_t size)
{
    snprintf(text, size, "%s", uid ? stats_thread_row(stats, uid)->name : "?");
}

static int most_first(const void *a, const void *b)
{
    const stats_spender_t *x = a, *y = b;
    return (x->ns < y->ns) - (x->ns > y->ns);
}

void stats_end_time(stats_t *stats, const model_t *model)
{
    for (unsigned h = 0; h < MODEL_MAX_HARTS; h++) {
        bill(stats, model, &stats->private->spending[h], model->time);
    }
    for (size_t i = 0; i < stats->time_count; i++) {
        stats_time_t *row = stats->time[i];
        const model_sc_t *sc = model_sc(model, row->ref);
        row->budget_us = sc ? sc->budget_us : 0;
        row->period_us = sc ? sc->period_us : 0;
        row->charged = sc ? model_ns(model, sc->used) : 0;
        row->turns = sc ? sc->turns : 0;
        name(stats, row->owner_uid, row->owner, sizeof(row->owner));
        for (size_t k = 0; k < row->spender_count; k++) {
            name(stats, row->spenders[k].uid, row->spenders[k].name, MODEL_NAME_MAX);
            row->used += row->spenders[k].ns;
        }
        if (row->spender_count) {
            qsort(row->spenders, row->spender_count, sizeof(row->spenders[0]), most_first);
        }
    }
}

void stats_free_time(stats_t *stats)
{
    for (size_t i = 0; i < stats->time_count; i++) {
        free(stats->time[i]->spenders);
        free(stats->time[i]);
    }
    free(stats->time);
    reftable_free(&stats->private->time);
}
