/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refills. Invariants, but for round robin: each refill ends before the next begins, and the first
 * one has at least the minimal budget. A used amount comes back a period after it could have been
 * used; where the buffer has no room left or two refills would touch, they become one.
 */
#include "kernel/mcs/sched_context.h"

static word_t next_index(const sched_context_t *sc, word_t i)
{
    return i + 1 == sc->refill_max ? 0 : i + 1;
}

static refill_t *tail_of(sched_context_t *sc)
{
    return &sc->refills[sc->tail];
}

static bool is_single(const sched_context_t *sc)
{
    return sc->head == sc->tail;
}

static bool is_full(const sched_context_t *sc)
{
    return next_index(sc, sc->tail) == sc->head;
}

static void append(sched_context_t *sc, refill_t refill)
{
    KASSERT(!is_full(sc));
    sc->tail = next_index(sc, sc->tail);
    *tail_of(sc) = refill;
}

static refill_t pop(sched_context_t *sc)
{
    KASSERT(!is_single(sc));
    refill_t first = *sc_head(sc);
    sc->head = next_index(sc, sc->head);
    return first;
}

/* Round robin notes in its second refill what was used of the first. */
static void append_used(sched_context_t *sc)
{
    if (sc_round_robin(sc))
        append(sc, (refill_t){.time = sc_head(sc)->time});
}

void refill_new(sched_context_t *sc, word_t max, word_t budget, word_t period)
{
    sc->period = period;
    sc->budget = budget;
    sc->refill_max = max;
    sc->head = sc->tail = 0;
    *sc_head(sc) = (refill_t){.time = hart->own.now, .amount = budget};
    append_used(sc);
}

void refill_update(sched_context_t *sc, word_t max, word_t budget, word_t period)
{
    sc->refills[0] = *sc_head(sc);
    sc->head = sc->tail = 0;
    sc->refill_max = max;
    sc->budget = budget;
    sc->period = period;
    refill_t *head = sc_head(sc);
    if (sc_ready(sc))
        head->time = hart->own.now;
    if (head->amount >= budget) {
        head->amount = budget;
        append_used(sc);
    } else {
        append(sc, (refill_t){.time = head->time + period, .amount = budget - head->amount});
    }
}

/* Puts a used amount at the end, to come back at its time. */
static void schedule_used(sched_context_t *sc, refill_t used)
{
    refill_t *tail = tail_of(sc);
    if (tail->time + tail->amount >= used.time) {
        tail->amount += used.amount;
    } else if (!is_full(sc)) {
        append(sc, used);
    } else {
        tail->time = used.time - tail->amount;
        tail->amount += used.amount;
    }
}

/* All of the first refill was used. */
static void charge_head(sched_context_t *sc)
{
    if (is_single(sc)) {
        sc_head(sc)->time += sc->period;
        return;
    }
    refill_t used = pop(sc);
    used.time += sc->period;
    schedule_used(sc, used);
}

/* Part of it was. */
static void charge_part(sched_context_t *sc, word_t usage)
{
    refill_t *head = sc_head(sc);
    refill_t used = {.time = head->time + sc->period, .amount = usage};
    head->amount -= usage;
    head->time += usage;
    schedule_used(sc, used);
}

void refill_charge(sched_context_t *sc, word_t usage)
{
    while (sc_head(sc)->amount <= usage && sc_head(sc)->time < MAX_RELEASE_TIME) {
        usage -= sc_head(sc)->amount;
        charge_head(sc);
    }
    if (usage > 0 && sc_head(sc)->time < MAX_RELEASE_TIME)
        charge_part(sc, usage);
    /* Too little to run on is added to what comes next, which then begins so much earlier. */
    while (sc_head(sc)->amount < hart->own.min_budget) {
        refill_t rest = pop(sc);
        sc_head(sc)->amount += rest.amount;
        sc_head(sc)->time -= rest.amount;
    }
}

void refill_unblock(sched_context_t *sc)
{
    if (sc_round_robin(sc) || !sc_ready(sc))
        return;
    sc_head(sc)->time = hart->own.now;
    hart->own.reprogram = true;
    while (!is_single(sc) &&
           sc->refills[next_index(sc, sc->head)].time <= sc_head(sc)->time + sc_head(sc)->amount) {
        refill_t first = pop(sc);
        sc_head(sc)->time = first.time;
        sc_head(sc)->amount += first.amount;
    }
}
