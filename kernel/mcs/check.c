/* SPDX-License-Identifier: GPL-2.0-only */
/* Invariants of scheduling contexts, refills, reply objects and the release queue. */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/mcs/reply_object.h"
#include "kernel/sched/policy.h"
#include "kernel/uintr/receiver.h"

/* Threads in the release queues, by walking these and by what they say themselves. */
static word_t released, in_queues;

static void check_refill(const sched_context_t *sc, const refill_t *r, const refill_t *next)
{
    INVARIANT(r->time + r->amount <= next->time,
              "scheduling context %p: refill of %lu ticks at %lu runs into the next, at %lu",
              (const void *)sc, r->amount, r->time, next->time);
}

/* Round robin keeps what was used in the second, at the time of the first. */
static void check_refills(sched_context_t *sc, word_t capacity)
{
    INVARIANT(sc->refill_max <= capacity && sc->head < sc->refill_max && sc->tail < sc->refill_max,
              "scheduling context %p: refills %lu..%lu of %lu, with room for %lu", (const void *)sc,
              sc->head, sc->tail, sc->refill_max, capacity);
    INVARIANT(sc_sufficient(sc, 0), "scheduling context %p: only %lu ticks in its first refill",
              (const void *)sc, sc_head(sc)->amount);
    word_t sum = sc_head(sc)->amount;
    for (word_t i = sc->head; i != sc->tail;) {
        const refill_t *before = &sc->refills[i];
        i = i + 1 == sc->refill_max ? 0 : i + 1;
        INVARIANT(sc->refills[i].amount <= sc->budget - sum,
                  "scheduling context %p: %lu and %lu ticks are more than its budget of %lu",
                  (const void *)sc, sum, sc->refills[i].amount, sc->budget);
        sum += sc->refills[i].amount;
        if (!sc_round_robin(sc))
            check_refill(sc, before, &sc->refills[i]);
    }
    INVARIANT(sum == sc->budget, "scheduling context %p: refills of %lu ticks, its budget is %lu",
              (const void *)sc, sum, sc->budget);
}

static void check_bonds(const sched_context_t *sc)
{
    if (sc->tcb)
        INVARIANT(check_is_thread(sc->tcb) && sc->tcb->own.sc == sc,
                  "scheduling context %p is thread %p's, but that does not run on it",
                  (const void *)sc, (const void *)sc->tcb);
    if (sc->notification)
        INVARIANT(sc->notification->sc == sc,
                  "scheduling context %p is bound to notification %p, but not that to it",
                  (const void *)sc, (const void *)sc->notification);
    if (sc->yielder)
        INVARIANT(check_is_thread(sc->yielder) && sc->yielder->own.yields_to == sc,
                  "scheduling context %p was yielded to by thread %p, which does not wait for it",
                  (const void *)sc, (const void *)sc->yielder);
    if (sc->reply)
        INVARIANT(sc->reply->next == ((word_t)sc | REPLY_NEWEST),
                  "scheduling context %p has reply object %p on its stack, which points elsewhere",
                  (const void *)sc, (const void *)sc->reply);
}

static void check_sched_context(const slot_t *s)
{
    sched_context_t *sc = cap_ptr(s->cap);
    word_t bits = cap_sc_bits(s->cap);
    INVARIANT(bits >= seL4_MinSchedContextBits &&
                  check_pointer(sc, seL4_MinSchedContextBits, BIT(bits)),
              "scheduling context %p of 2^%lu bytes in slot %p is not in RAM", (const void *)sc,
              bits, (const void *)s);
    if (sc_active(sc))
        check_refills(sc, (BIT(bits) - sizeof *sc) / sizeof(refill_t));
    check_bonds(sc);
}

/* One caller per object, and a stack that holds together. */
static void check_reply(const slot_t *s)
{
    const reply_t *r = cap_ptr(s->cap);
    INVARIANT(check_pointer(r, seL4_ReplyBits, sizeof *r),
              "reply object %p in slot %p is not in RAM", (const void *)r, (const void *)s);
    const tcb_t *t = r->tcb;
    if (t)
        INVARIANT(check_is_thread(t) && t->own.reply == r &&
                      (t->state == THREAD_BLOCKED_RECV || t->state == THREAD_BLOCKED_REPLY),
                  "reply object %p is for thread %p, which is in state %lu with reply object %p",
                  (const void *)r, (const void *)t, t->state, (const void *)t->own.reply);
    bool stacked = r->prev || r->next;
    INVARIANT(!stacked || (t && t->state == THREAD_BLOCKED_REPLY),
              "reply object %p is on a stack of calls, but nobody waits on it", (const void *)r);
    if (r->prev)
        INVARIANT(r->prev->next == (word_t)r,
                  "reply object %p: the one before, %p, has another next", (const void *)r,
                  (const void *)r->prev);
    if (!r->next)
        return;
    INVARIANT(reply_is_newest(r) ? reply_sc(r)->reply == r : ((reply_t *)r->next)->prev == r,
              "reply object %p: what follows in its stack, 0x%lx, does not point back",
              (const void *)r, r->next);
}

void check_own_cap(const slot_t *s)
{
    if (cap_is(s->cap, CAP_SCHED_CONTEXT))
        check_sched_context(s);
    else if (cap_is(s->cap, CAP_REPLY))
        check_reply(s);
}

void check_own_thread(const tcb_t *t)
{
    const sched_context_t *sc = t->own.sc;
    if (sc) {
        index_expect(CAP_SCHED_CONTEXT, sc, sizeof *sc, "a thread's scheduling context");
        INVARIANT(sc->tcb == t, "thread %p runs on scheduling context %p, which is %p's",
                  (const void *)t, (const void *)sc, (const void *)sc->tcb);
    }
    if (t->state == THREAD_BLOCKED_REPLY)
        INVARIANT(t->own.reply && t->own.reply->tcb == t,
                  "thread %p waits for a reply on %p, which is not for it", (const void *)t,
                  (const void *)t->own.reply);
    if (t->own.yields_to)
        INVARIANT(t->own.yields_to->yielder == t,
                  "thread %p yields to scheduling context %p, which does not know", (const void *)t,
                  (const void *)t->own.yields_to);
    INVARIANT(!t->own.released_later || (sc && sc_active(sc) && !t->queued),
              "thread %p, state %lu, is in the release queue without time, or in another",
              (const void *)t, t->state);
    bool waits = t->state == THREAD_BLOCKED_RECV || t->state == THREAD_BLOCKED_SEND ||
                 (t->state == THREAD_BLOCKED_NTFN && !receiver_waits(t));
    INVARIANT(!waits || !t->ep_next || t->priority >= t->ep_next->priority,
              "thread %p of priority %lu waits before %p, which is more important", (const void *)t,
              t->priority, (const void *)t->ep_next);
    released += t->own.released_later;
}

void check_own_hart(const hart_t *h)
{
    const tcb_t *prev = NULL;
    for (const tcb_t *t = h->own.release_head; t; prev = t, t = t->ready_next) {
        INVARIANT(check_is_thread(t) && t->own.released_later && t->ready_prev == prev &&
                      t->hart == h,
                  "release queue of hart %u: %p after thread %p does not belong there", h->core,
                  (const void *)t, (const void *)prev);
        INVARIANT(!prev || sc_head(prev->own.sc)->time <= sc_head(t->own.sc)->time,
                  "release queue of hart %u: thread %p comes before %p, which is released earlier",
                  h->core, (const void *)prev, (const void *)t);
        in_queues++;
    }
    INVARIANT(h->own.release_tail == prev, "release queue of hart %u ends with thread %p, not %p",
              h->core, (const void *)prev, (const void *)h->own.release_tail);
    INVARIANT(!h->own.sc || h->own.sc->tcb == h->current,
              "hart %u charges scheduling context %p, which is not its current thread's", h->core,
              (const void *)h->own.sc);
}

void check_own_counts(void)
{
    INVARIANT(released == in_queues, "%lu threads are in release queues, %lu say so", in_queues,
              released);
    released = in_queues = 0;
}

#endif
