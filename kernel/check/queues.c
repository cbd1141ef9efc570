/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/object/endpoint.h"
#include "kernel/sched/policy.h"
#include "kernel/uintr/receiver.h"

/* The ends of an object's queue; `waiting`: there must be one. */
static void check_ends(const void *object, bool waiting, const tcb_t *head, const tcb_t *tail)
{
    INVARIANT(waiting == (head != NULL) && waiting == (tail != NULL),
              "endpoint or notification %p: %s wait, but its queue is %p..%p", object,
              waiting ? "threads" : "no threads", (const void *)head, (const void *)tail);
    if (!waiting)
        return;
    INVARIANT(check_is_thread(head) && check_is_thread(tail),
              "endpoint or notification %p: its queue %p..%p has no threads", object,
              (const void *)head, (const void *)tail);
    INVARIANT(!head->ep_prev && !tail->ep_next && head->blocked_on == object &&
                  tail->blocked_on == object,
              "endpoint or notification %p: threads %p..%p are not the ends of its queue", object,
              (const void *)head, (const void *)tail);
}

void check_endpoint(const void *endpoint)
{
    const endpoint_t *ep = endpoint;
    INVARIANT(check_pointer(ep, seL4_EndpointBits, sizeof *ep), "endpoint %p is not in RAM",
              endpoint);
    INVARIANT(ep_state(ep) <= EP_RECV, "endpoint %p: state %d", endpoint, ep_state(ep));
    check_ends(ep, ep_state(ep) != EP_IDLE, ep_head(ep), (const tcb_t *)ep->tail);
}

void check_notification(const void *notification)
{
    const notification_t *n = notification;
    INVARIANT(check_pointer(n, seL4_NotificationBits, sizeof *n), "notification %p is not in RAM",
              notification);
    if (ntfn_state(n) == NTFN_UINTR) {
        INVARIANT(ntfn_entry(n) < UINTC_ENTRIES && receivers[ntfn_entry(n)].ntfn == n,
                  "notification %p: receiver entry %u is another's", notification, ntfn_entry(n));
        return;
    }
    check_ends(n, ntfn_state(n) == NTFN_WAITING, ntfn_head(n), (const tcb_t *)n->tail);
    const tcb_t *bound = n->bound;
    if (!bound)
        return;
    INVARIANT(check_is_thread(bound) && bound->bound == n,
              "notification %p is bound to thread %p, but not it to that", notification,
              (const void *)bound);
}

/* Is an object in the state that its waiting thread is in? */
static bool matches(const tcb_t *t)
{
    if (t->state == THREAD_BLOCKED_NTFN) {
        const notification_t *n = t->blocked_on;
        return ntfn_state(n) == NTFN_WAITING;
    }
    const endpoint_t *ep = t->blocked_on;
    return ep_state(ep) == (t->state == THREAD_BLOCKED_SEND ? EP_SEND : EP_RECV);
}

/* Both kinds of object begin with the head, state in its low bits, and the tail. */
word_t check_wait_queue(const tcb_t *first, word_t limit)
{
    const endpoint_t *queue = first->blocked_on;
    bool ntfn = first->state == THREAD_BLOCKED_NTFN;
    INVARIANT(check_pointer(queue, seL4_EndpointBits, sizeof *queue),
              "thread %p waits on %p, which is not in RAM", (const void *)first,
              (const void *)queue);
    index_expect(ntfn ? CAP_NOTIFICATION : CAP_ENDPOINT, queue, sizeof *queue,
                 "what a thread waits on");
    if (first->ep_prev)
        return 0;

    INVARIANT(ep_head(queue) == first, "thread %p is first to wait on %p, which has %p first",
              (const void *)first, (const void *)queue, (const void *)ep_head(queue));
    word_t count = 0;
    const tcb_t *prev = NULL;
    for (const tcb_t *t = first; t; prev = t, t = t->ep_next) {
        INVARIANT(check_is_thread(t) && t->ep_prev == prev,
                  "queue of %p: %p after thread %p does not follow it", (const void *)queue,
                  (const void *)t, (const void *)prev);
        INVARIANT(t->blocked_on == queue && t->state == first->state && matches(t),
                  "queue of %p: thread %p waits in state %lu on %p", (const void *)queue,
                  (const void *)t, t->state, t->blocked_on);
        INVARIANT(++count <= limit, "queue of %p does not end", (const void *)queue);
    }
    INVARIANT((const tcb_t *)queue->tail == prev, "queue of %p ends with thread %p, not %p",
              (const void *)queue, (const void *)prev, (const void *)queue->tail);
    return count;
}

static word_t check_ready_queue(const hart_t *h, word_t domain, word_t priority, word_t limit)
{
    const ready_queue_t *q = &h->ready[domain][priority];
    bool marked = h->ready_l2[domain][priority / 64] >> (priority % 64) & 1;
    INVARIANT(marked == (q->head != NULL), "hart %u, priority %lu: %s, but the bitmap differs",
              h->core, priority, q->head ? "threads are ready" : "no thread is ready");
    word_t count = 0;
    const tcb_t *prev = NULL;
    for (const tcb_t *t = q->head; t; prev = t, t = t->ready_next) {
        INVARIANT(check_is_thread(t) && t->ready_prev == prev,
                  "hart %u, priority %lu: %p after thread %p does not follow it", h->core, priority,
                  (const void *)t, (const void *)prev);
        INVARIANT(t->queued && tcb_schedulable(t) && t->hart == h && t->domain == domain &&
                      t->priority == priority,
                  "thread %p (state %lu, priority %lu, domain %lu) is in the ready queue of "
                  "priority %lu, domain %lu",
                  (const void *)t, t->state, t->priority, t->domain, priority, domain);
        INVARIANT(++count <= limit, "hart %u, priority %lu: the ready queue does not end", h->core,
                  priority);
    }
    INVARIANT(q->tail == prev, "hart %u, priority %lu: the queue ends with thread %p, not %p",
              h->core, priority, (const void *)prev, (const void *)q->tail);
    return count;
}

word_t check_ready_queues(const hart_t *h, word_t limit)
{
    word_t count = 0;
    for (word_t domain = 0; domain < U4_DOMAINS; domain++) {
        for (word_t i = 0; i < NUM_PRIORITIES / 64; i++)
            INVARIANT((h->ready_l1[domain] >> i & 1) == (h->ready_l2[domain][i] != 0),
                      "hart %u, domain %lu: the ready bitmap's levels differ at word %lu", h->core,
                      domain, i);
        for (word_t priority = 0; priority < NUM_PRIORITIES; priority++)
            count += check_ready_queue(h, domain, priority, limit);
    }
    return count;
}

#endif
