/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings of async system calls, the workers that serve them, and waits with a deadline. */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/async/async.h"
#include "kernel/async/worker.h"

static void check_ring(const tcb_t *t)
{
    const async_ring_t *r = &t->async;
    cap_t cap = t->slots[TCB_SLOT_ASYNC].cap;
    INVARIANT(r->mask == 0 || (r->mask + 1 >= BIT(U4_RING_MIN_LOG2) &&
                               r->mask < BIT(U4_RING_MAX_LOG2) && (r->mask & (r->mask + 1)) == 0),
              "thread %p: its ring has %lu lines", (const void *)t, r->mask + 1);
    INVARIANT(!r->pending || r->mask, "thread %p: its ring is pending, but there is none",
              (const void *)t);
    if (!r->mask || !cap_is(cap, CAP_FRAME))
        return;
    INVARIANT(!cap_frame_device(cap) && cap_frame_rights(cap) == FRAME_READ_WRITE &&
                  U4_RINGS_LINES + 2 * U4_RING_LINE * (r->mask + 1) <= BIT(cap_frame_bits(cap)),
              "thread %p: its ring of %lu lines is in a frame that cannot hold it", (const void *)t,
              r->mask + 1);
}

static void check_worker(word_t core)
{
    const worker_t *worker = &workers[core];
    const tcb_t *w = &worker->tcb, *t = worker->serves;
    INVARIANT(!w->queued, "hart %lu: its worker is in a ready queue", core);
    if (harts[core].current != w) {
        INVARIANT(!t && !worker->before && w->state == THREAD_INACTIVE &&
                      cap_is(w->slots[TCB_SLOT_CSPACE].cap, CAP_NULL),
                  "hart %lu: its worker does not run, but serves thread %p in state %lu", core,
                  (const void *)t, w->state);
        return;
    }
    if (!t)
        return;
    INVARIANT(check_is_thread(t) && t->async.mask, "hart %lu serves %p, which has no ring", core,
              (const void *)t);
    for (word_t i = 0; i < core; i++)
        INVARIANT(workers[i].serves != t, "harts %lu and %lu serve the same thread %p", i, core,
                  (const void *)t);
}

/* Threads in the list of pending rings. */
static word_t check_pending(word_t limit)
{
    word_t count = 0;
    const tcb_t *prev = NULL;
    for (const tcb_t *t = async_pending_head; t; prev = t, t = t->async.next) {
        INVARIANT(count++ < limit, "the list of pending rings is a circle");
        INVARIANT(check_is_thread(t) && t->async.pending && t->async.prev == prev,
                  "thread %p is among the pending rings, but not behind %p", (const void *)t,
                  (const void *)prev);
    }
    INVARIANT(async_pending_tail == prev, "the list of pending rings ends with %p, not %p",
              (const void *)prev, (const void *)async_pending_tail);
    return count;
}

/* Threads in a slot of the wheel. */
static word_t check_deadlines(word_t slot, word_t limit)
{
    word_t count = 0;
    const tcb_t *prev = NULL;
    for (const tcb_t *t = timeout_wheel[slot]; t; prev = t, t = t->timeout_next) {
        INVARIANT(count++ < limit, "slot %lu of the deadlines is a circle", slot);
        INVARIANT(check_is_thread(t) && t->deadline &&
                      timeout_tick_of(t->deadline) % TIMEOUT_SLOTS == slot &&
                      t->timeout_prev == prev,
                  "thread %p with deadline %lu is in slot %lu, behind %p", (const void *)t,
                  t->deadline, slot, (const void *)prev);
    }
    return count;
}

void check_async(void)
{
    word_t threads = 0, pending = 0, deadlines = 0, in_wheel = 0;
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next, threads++) {
        check_ring(t);
        pending += t->async.pending;
        deadlines += t->deadline != 0;
    }
    for (word_t core = 0; core < num_harts; core++)
        check_worker(core);
    word_t in_list = check_pending(threads);
    INVARIANT(in_list == pending, "%lu rings are in the list of pending ones, %lu say so", in_list,
              pending);
    for (word_t slot = 0; slot < TIMEOUT_SLOTS; slot++)
        in_wheel += check_deadlines(slot, threads);
    INVARIANT(in_wheel == deadlines, "%lu threads are in lists of deadlines, %lu have one",
              in_wheel, deadlines);
    INVARIANT(timeouts == pending + deadlines,
              "%lu deadlines and pending rings are counted, there are %lu and %lu", timeouts,
              deadlines, pending);
}

#endif
