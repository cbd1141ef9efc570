/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every thread, by the list of all. A queue is walked from its first thread; that the lengths add
 * up to the number of threads that say they are in one proves that none is lost in a circle.
 */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/sched/policy.h"
#include "kernel/uintr/receiver.h"

/* One that has left the list still points into it, but nothing there points back. */
bool check_is_thread(const tcb_t *t)
{
    if (!check_pointer(t, seL4_TCBBits, sizeof *t))
        return false;
    const tcb_t *prev = t->all_prev;
    if (!prev)
        return tcb_all_head == t;
    return check_pointer(prev, seL4_TCBBits, sizeof *prev) && prev->all_next == t;
}

static bool waits_in_queue(const tcb_t *t)
{
    return t->state == THREAD_BLOCKED_RECV || t->state == THREAD_BLOCKED_SEND ||
           (t->state == THREAD_BLOCKED_NTFN && !receiver_waits(t));
}

/* Runs, or is about to be considered for it. */
static bool chosen(const tcb_t *t)
{
    const hart_t *h = t->hart;
    return h->current == t || (h->action == ACTION_SWITCH && h->candidate == t);
}

static void check_fields(const tcb_t *t)
{
    index_expect(CAP_TCB, t, sizeof *t, "a thread in the list of all");
    INVARIANT(t->hart >= harts && t->hart < harts + num_harts, "thread %p belongs to hart %p",
              (const void *)t, (const void *)t->hart);
    INVARIANT(t->state < THREAD_IDLE, "thread %p: state %lu", (const void *)t, t->state);
    INVARIANT(t->priority < NUM_PRIORITIES && t->mcp < NUM_PRIORITIES && t->domain < U4_DOMAINS,
              "thread %p: priority %lu, maximum %lu, domain %lu", (const void *)t, t->priority,
              t->mcp, t->domain);
    INVARIANT(t->name[sizeof t->name - 1] == 0, "thread %p: its name does not end",
              (const void *)t);
    INVARIANT(!t->queued || tcb_schedulable(t), "thread %p is in a ready queue, but in state %lu",
              (const void *)t, t->state);
    INVARIANT(!tcb_schedulable(t) || t->queued || chosen(t),
              "thread %p is runnable (state %lu), but in no queue", (const void *)t, t->state);
    if (t->bound) {
        index_expect(CAP_NOTIFICATION, t->bound, sizeof *t->bound, "a thread's notification");
        INVARIANT(check_pointer(t->bound, seL4_NotificationBits, sizeof *t->bound) &&
                      t->bound->bound == t,
                  "thread %p is bound to notification %p, but not that to it", (const void *)t,
                  (const void *)t->bound);
    }
}

static void check_tcb_slots(const tcb_t *t)
{
    static const cap_type_t types[TCB_SLOTS] = {
        [TCB_SLOT_CSPACE] = CAP_CNODE,
        [TCB_SLOT_VSPACE] = CAP_PAGE_TABLE,
        TCB_SLOT_OWN_TYPES,
        [TCB_SLOT_BUFFER] = CAP_FRAME,
        [TCB_SLOT_SENDERS] = CAP_SENDER_TABLE,
        [TCB_SLOT_RING] = CAP_FRAME,
        [TCB_SLOT_RECEIVER] = CAP_REGISTRATION,
        [TCB_SLOT_ASYNC] = CAP_FRAME,
        [TCB_SLOT_COMPLETION] = CAP_NOTIFICATION,
    };
    for (word_t i = 0; i < TCB_SLOTS; i++) {
        cap_t cap = t->slots[i].cap;
        /* Deleting a CSpace or sender table can be preempted. */
        if (cap_is(cap, CAP_NULL) ||
            ((i == TCB_SLOT_CSPACE || i == TCB_SLOT_SENDERS) && cap_is(cap, CAP_ZOMBIE)))
            continue;
        INVARIANT(cap_is(cap, types[i]), "thread %p: slot %lu has a capability to %s, not %s",
                  (const void *)t, i, check_type_name(cap_type(cap)), check_type_name(types[i]));
    }
}

void check_threads(void)
{
    word_t threads = 0, queued = 0, waiting = 0;
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next)
        threads++;
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next) {
        check_fields(t);
        check_tcb_slots(t);
        check_own_thread(t);
        queued += t->queued;
        waiting += waits_in_queue(t);
    }

    word_t in_ready = 0, in_wait = 0;
    for (word_t i = 0; i < num_harts; i++)
        in_ready += check_ready_queues(&harts[i], threads);
    INVARIANT(in_ready == queued, "%lu threads are in ready queues, %lu say so", in_ready, queued);
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next)
        if (waits_in_queue(t))
            in_wait += check_wait_queue(t, threads);
    INVARIANT(in_wait == waiting, "%lu threads are in queues of objects, %lu say so", in_wait,
              waiting);
}

#endif
