/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling contexts: an amount of time per period that one thread at a time may run on. The
 * time that is left is kept as refills, each an amount that may be used from some time on: a
 * circular buffer behind the structure, ordered by time, whose amounts add up to the budget
 * (sporadic servers). Round robin has period 0 and two refills: what is left, what was used.
 * All times are in ticks of the timer.
 */
#ifndef KERNEL_MCS_SCHED_CONTEXT_H
#define KERNEL_MCS_SCHED_CONTEXT_H

#include "kernel/hart.h"
#include "kernel/object/notification.h"

#define MIN_REFILLS 2
#define MIN_BUDGET_US 20 /* twice what the kernel may take at worst */
/* Periods are short enough for several of them to be added to a time without overflow. */
#define MAX_PERIOD_US (UINT64_MAX / ticks_per_us / 8)
#define MAX_RELEASE_TIME (UINT64_MAX - 5 * (MAX_PERIOD_US * ticks_per_us))

typedef struct refill {
    word_t time; /* from when on it may be used */
    word_t amount;
} refill_t;

typedef struct sched_context {
    word_t period;       /* 0: round robin */
    word_t budget;       /* what all refills add up to */
    word_t consumed;     /* since it was last asked for */
    tcb_t *tcb;          /* who runs on it */
    struct reply *reply; /* newest call that it was lent along */
    notification_t *notification;
    word_t badge;      /* for timeout faults */
    tcb_t *yielder;    /* whose YieldTo waits for this one to have run */
    word_t refill_max; /* 0: not configured */
    word_t head, tail; /* refills in use, as indices */
    uint32_t core;     /* whose time it is */
    bool sporadic;     /* sliding window from waking up on, not constant bandwidth */
    refill_t refills[];
} sched_context_t;

_Static_assert(sizeof(sched_context_t) + MIN_REFILLS * sizeof(refill_t) ==
                   BIT(seL4_MinSchedContextBits),
               "scheduling context size");

extern word_t ticks_per_us;

ALWAYS_INLINE bool sc_active(const sched_context_t *sc)
{
    return sc->refill_max > 0;
}
ALWAYS_INLINE bool sc_round_robin(const sched_context_t *sc)
{
    return sc->period == 0;
}
ALWAYS_INLINE refill_t *sc_head(sched_context_t *sc)
{
    return &sc->refills[sc->head];
}
/* May its first refill be used already? */
ALWAYS_INLINE bool sc_ready(sched_context_t *sc)
{
    return sc_head(sc)->time <= hart->own.now;
}
/* Is enough left of its first refill for one stay in the kernel, `usage` aside? */
ALWAYS_INLINE bool sc_sufficient(sched_context_t *sc, word_t usage)
{
    return sc_head(sc)->amount >= usage + hart->own.min_budget;
}

/* refill.c: the arithmetic. */

/* Parameters of one that has none, or whose time nobody uses: all of the budget from now on. */
void refill_new(sched_context_t *sc, word_t max, word_t budget, word_t period);
/* Parameters of one in use: what its first refill has not, comes a period later. */
void refill_update(sched_context_t *sc, word_t max, word_t budget, word_t period);
/* Charges `usage` to one that is not round robin. */
void refill_charge(sched_context_t *sc, word_t usage);
/* It starts to be used again after a pause: what could have been used before is worth no more than
 * what can be used from now on. */
void refill_unblock(sched_context_t *sc);

/* release.c: the release queue, of threads whose scheduling contexts are not ready. */

/* Takes the context's thread out of the ready queue until its first refill is ready. */
void sc_postpone(sched_context_t *sc);
void release_remove(tcb_t *t);
/* Wakes those whose time has come. */
void release_wake(void);

/* sched_context.c */

/* Its thread, if it could run now but for the budget, waits for that. */
void sc_resume(sched_context_t *sc);
/* The unblock check of one that asks for it on waking up. */
void sc_wake(sched_context_t *sc);
/* Its thread runs on the hart whose time it is. */
void sc_take_home(const sched_context_t *sc, tcb_t *t);
void sc_bind_tcb(sched_context_t *sc, tcb_t *t);
void sc_unbind_tcb(sched_context_t *sc);
void sc_bind_ntfn(sched_context_t *sc, notification_t *n);
void sc_unbind_ntfn(sched_context_t *sc);
/* Its thread's time becomes `to`'s, who has none. `why`: enum trace_lend_reason. */
void sc_lend(sched_context_t *sc, tcb_t *to, unsigned why);
/* Nobody has its time any more, until its notification lends it again. */
void sc_take_back(sched_context_t *sc, tcb_t *from);
/* As sc_lend(); a choice of who runs follows if its thread was running or about to. */
void sc_donate(sched_context_t *sc, tcb_t *to, unsigned why);
/* Answers a pending YieldTo of the thread with what was consumed; forgets it. */
void sc_complete_yield(tcb_t *yielder);
void sc_cancel_yield(tcb_t *yielder);
/* Microseconds consumed since this was last asked. */
word_t sc_take_consumed(sched_context_t *sc);
void sc_finalise(sched_context_t *sc);

/* Invocations; `bits`: log2 of the object's size. */
status_t sc_invoke(sched_context_t *sc, word_t label);
status_t sched_control_invoke(word_t core, word_t label, word_t length);

/* The capabilities: size bits 57:52 of word 0 (as an Untyped's); the core of a control in word 1. */
ALWAYS_INLINE cap_t cap_sched_context(void *sc, word_t bits)
{
    return cap_make(CAP_SCHED_CONTEXT, bits << 52, sc, 0);
}
ALWAYS_INLINE word_t cap_sc_bits(cap_t c)
{
    return cap_bits(c, 57, 52);
}
ALWAYS_INLINE cap_t cap_sched_control(word_t core)
{
    return cap_make(CAP_SCHED_CONTROL, 0, NULL, core);
}

#endif
