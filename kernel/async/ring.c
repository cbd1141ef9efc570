/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Async system calls: rings of invocations that threads share with the kernel (abi/u4/ring.h).
 *
 * A request is executed as if by a thread of the kernel's own, the worker: it becomes the current
 * thread, gets the submitter's CSpace and priority, the request's words as its registers and IPC
 * buffer, and makes the system call. So decoding, rights, errors and restarting are those of the
 * trapping call, whatever object is invoked. Whoever was current is meanwhile what a thread is that
 * has just become ready, in its queue or about to be: what a request does to it needs no special
 * case either, and if none asked for a choice it simply goes on.
 *
 * A ring is pending from a wake call until it was found empty. Pending rings are drained in the
 * wake call itself if the caller asks for it, at interrupts (the timer's tick) unless a more
 * important thread runs, and when a hart is idle; after each request it is seen whether an
 * interrupt is pending or somebody more important became ready. Which other hart is told of a
 * ring, and what may happen while one serves it, is in smp/serve.c.
 */
#include "kernel/async/async.h"

#include "kernel/async/execute.h"
#include "kernel/object/irq.h"
#include "kernel/object/notification.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/lock.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

#define SCAN 64 /* pending rings that are looked at to find the most important one */

tcb_t *async_pending_head, *async_pending_tail;

static void set_pending(tcb_t *t)
{
    async_ring_t *r = &t->async;
    if (r->pending)
        return;
    policy_serve_later();
    timeouts++;
    r->pending = true;
    r->next = NULL;
    r->prev = async_pending_tail;
    if (async_pending_tail)
        async_pending_tail->async.next = t;
    else
        async_pending_head = t;
    async_pending_tail = t;
}

static void clear_pending(tcb_t *t)
{
    async_ring_t *r = &t->async;
    if (!r->pending)
        return;
    timeouts--;
    r->pending = false;
    if (r->prev)
        r->prev->async.next = r->next;
    else
        async_pending_head = r->next;
    if (r->next)
        r->next->async.prev = r->prev;
    else
        async_pending_tail = r->prev;
}

/* The thread's ring, or NULL if it has none, or its memory was revoked. */
static u4_rings_t *rings_of(const tcb_t *t)
{
    cap_t cap = t->slots[TCB_SLOT_ASYNC].cap;
    return t->async.mask && cap_is(cap, CAP_FRAME) ? cap_ptr(cap) : NULL;
}

void async_forget(tcb_t *t)
{
    clear_pending(t);
    t->async.mask = 0;
    worker_forget(t);
}

/* ---- registering ---- */

static status_t check_memory(slot_t *from, word_t log2, cap_t *cap)
{
    if (!cap_is(from->cap, CAP_FRAME) || cap_frame_device(from->cap) ||
        cap_frame_rights(from->cap) != FRAME_READ_WRITE)
        return fail_cap(1, REASON(ASYNC_FRAME));
    if (log2 < U4_RING_MIN_LOG2 || log2 > U4_RING_MAX_LOG2 ||
        U4_RINGS_LINES + 2 * U4_RING_LINE * BIT(log2) > BIT(cap_frame_bits(from->cap)))
        return fail_argument(0, REASON(ASYNC_SIZE));
    return cap_derive(from, from->cap, cap);
}

status_t async_register(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0] || !hart->extra[1])
        return fail_truncated();
    word_t log2 = syscall_arg(0);
    slot_t *frame = hart->extra[0], *ntfn = hart->extra[1];
    cap_t cap;
    status_t status = check_memory(frame, log2, &cap);
    if (status != OK)
        return status;
    if (!cap_is(ntfn->cap, CAP_NOTIFICATION) || !cap_may(ntfn->cap, RIGHT_SEND))
        return fail_cap(2, REASON(IRQ_NOT_NTFN));
    async_unregister(t);
    slot_insert(frame, &t->slots[TCB_SLOT_ASYNC], cap);
    slot_insert(ntfn, &t->slots[TCB_SLOT_COMPLETION], ntfn->cap);
    u4_rings_t *rings = cap_ptr(cap);
    *rings = (u4_rings_t){.magic = U4_RINGS_MAGIC,
                          .version = U4_RINGS_VERSION,
                          .log2 = (uint32_t)log2,
                          .request = {.armed = 1}};
    t->async = (async_ring_t){.mask = MASK(log2)};
    TRACE(async_ring, TRACE_REF(t), BIT(log2), TRACE_REF(rings));
    return OK;
}

void async_unregister(tcb_t *t)
{
    async_forget(t);
    slot_delete_simple(&t->slots[TCB_SLOT_ASYNC]);
    slot_delete_simple(&t->slots[TCB_SLOT_COMPLETION]);
}

/* ---- draining ---- */

/* What it is told of completions by, or NULL. */
static notification_t *completion_of(const tcb_t *t)
{
    cap_t cap = t->slots[TCB_SLOT_COMPLETION].cap;
    return cap_is(cap, CAP_NOTIFICATION) ? cap_ptr(cap) : NULL;
}

/* Tells the thread of its completions, if it waits for some. */
static void notify(const tcb_t *t, u4_rings_t *rings)
{
    notification_t *n = completion_of(t);
    full_fence();
    if (!*(volatile uint64_t *)&rings->response.armed)
        return;
    *(volatile uint64_t *)&rings->response.armed = 0;
    if (n)
        ntfn_signal(n, cap_badge(t->slots[TCB_SLOT_COMPLETION].cap));
}

/* Has somebody become ready who is more important than the worker? Whoever has waits in its queue
 * from here on: the next request may stop it again. */
static bool outranked(worker_t *worker)
{
    if (hart->action == ACTION_RESUME)
        return false;
    worker_requeue(worker);
    sched_reschedule();
    return !ready_is_highest(hart, worker->tcb.domain, worker->tcb.priority);
}

/* After each request: does something else come first? */
static bool must_stop(const tcb_t *t, worker_t *worker)
{
    return irq_pending() || outranked(worker) || policy_expired() || t->state == THREAD_INACTIVE;
}

typedef enum { GO_ON, EMPTY, STOPPED } progress_t;

/* The ring's content cannot be: the kernel leaves it, and says so where the thread looks. */
static progress_t leave_broken(tcb_t *t, u4_rings_t *rings)
{
    rings->request.closed = U4_RING_CONSUMER_CLOSED;
    rings->response.closed = U4_RING_PRODUCER_CLOSED;
    TRACE(async_ring, TRACE_REF(t), 0, TRACE_REF(rings));
    notify(t, rings);
    async_forget(t);
    return STOPPED;
}

/* What was last seen of the thread. */
typedef struct {
    cap_t memory; /* of its ring */
    u4_rings_t *rings;
    word_t head, read; /* the positions that it publishes: of requests, of answers */
} seen_t;

ALWAYS_INLINE void see_memory(const tcb_t *t, seen_t *seen)
{
    seen->memory = t->slots[TCB_SLOT_ASYNC].cap;
    seen->rings = rings_of(t);
}

/* Without room for the longest answer a request waits until the thread has taken some. */
ALWAYS_INLINE bool has_request(const async_ring_t *r, const seen_t *seen)
{
    return seen->head != r->taken &&
           r->mask + 1 - (r->answered - seen->read) >= WORKER_ANSWER_LINES;
}

/* Reads them again; false if they cannot be. */
static bool look_again(const async_ring_t *r, const u4_rings_t *rings, seen_t *seen)
{
    seen->head = *(const volatile uint64_t *)&rings->request.head;
    seen->read = *(const volatile uint64_t *)&rings->response.tail;
    full_fence();
    return seen->head - r->taken <= r->mask + 1 && r->answered - seen->read <= r->mask + 1;
}

ALWAYS_INLINE progress_t next_request(worker_t *worker, tcb_t *t, seen_t *seen)
{
    const async_ring_t *r = &t->async;
    if (UNLIKELY(!cap_same_memory(t->slots[TCB_SLOT_ASYNC].cap, seen->memory)))
        see_memory(t, seen);
    u4_rings_t *rings = seen->rings;
    if (UNLIKELY(!rings))
        return EMPTY;
    if (UNLIKELY(!has_request(r, seen))) {
        if (!look_again(r, rings, seen))
            return leave_broken(t, rings);
        if (!has_request(r, seen))
            return EMPTY;
    }
    switch (execute_request(worker, t, rings, seen->head - r->taken)) {
    case REQUEST_DONE: return GO_ON;
    case REQUEST_GARBAGE: return leave_broken(t, rings);
    default: return STOPPED;
    }
}

/* Out of requests: says so and looks again (the wake call's half is in the runtime). */
static bool rearm(tcb_t *t)
{
    u4_rings_t *rings = rings_of(t);
    if (!rings)
        return false;
    async_ring_t *r = &t->async;
    volatile uint64_t *armed = &rings->request.armed;
    *armed = 1;
    full_fence();
    word_t room = r->mask + 1 - (r->answered - *(volatile uint64_t *)&rings->response.tail);
    if (*(volatile uint64_t *)&rings->request.head == r->taken || room < WORKER_ANSWER_LINES)
        return false;
    *armed = 0;
    return true;
}

/* Executes requests of `t` until there are none, or something else has to be done first. */
static void drain(tcb_t *t)
{
    policy_serve(t, completion_of(t));
    worker_t *worker = worker_enter(t);
    seen_t seen = {.head = t->async.taken, .read = t->async.answered};
    see_memory(t, &seen);
    for (;;) {
        progress_t progress = next_request(worker, t, &seen);
        if (UNLIKELY(progress == EMPTY)) {
            if (rearm(t))
                continue;
            clear_pending(t);
        }
        if (progress != GO_ON || must_stop(t, worker))
            break;
        /* Others come into the kernel here, and may end the thread; but not where its time passes. */
        if (!policy_serving_charged() && lock_wanted()) {
            worker_requeue(worker);
            lock_give_way();
            if (worker->serves != t || must_stop(t, worker))
                break;
        }
    }
    u4_rings_t *rings = worker->serves == t ? rings_of(t) : NULL;
    if (rings)
        notify(t, rings);
    if (rings && t->async.pending) /* what comes first here may take long */
        smp_offer_ring(t);
    worker_leave();
    policy_served();
}

/* Another hart serves it, or would have to. */
static bool not_here(const tcb_t *t)
{
    return U4_SMP && (worker_elsewhere(t) || (smp_elsewhere(t) && policy_serving_charged()));
}

/* The most important thread with a pending ring that may go before the current thread. */
static tcb_t *choose(void)
{
    const tcb_t *current = hart->current;
    tcb_t *best = NULL;
    word_t n = 0;
    for (tcb_t *t = async_pending_head; t && n < SCAN; t = t->async.next, n++) {
        if (t->state == THREAD_INACTIVE || t->domain != hart->domain)
            continue;
        if (current->state != THREAD_IDLE && t->priority < current->priority)
            continue;
        if (!policy_can_serve(t, completion_of(t)) || not_here(t))
            continue;
        if (!best || t->priority > best->priority)
            best = t;
    }
    return best;
}

bool async_run(void)
{
    tcb_t *t = choose();
    if (!t)
        return false;
    drain(t);
    return true;
}

bool async_pending(void)
{
    return async_pending_head != NULL;
}

void async_wake(void)
{
    tcb_t *t = hart->current;
    u4_rings_t *rings = rings_of(t);
    word_t flags = t->regs[REG_A0];
    if (!rings) {
        t->regs[REG_A0] = U4_ASYNC_NO_RING;
        return;
    }
    t->regs[REG_A0] = U4_ASYNC_OK;
    *(volatile uint64_t *)&rings->request.armed = 0;
    set_pending(t);
    if (not_here(t))
        return;
    if (flags & U4_ASYNC_NOW)
        drain(t);
    else
        smp_offer_ring(t);
}
