/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's worker threads, one for each hart. */
#include "kernel/async/worker.h"

#include "kernel/async/async.h"
#include "kernel/lib/mem.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

worker_t workers[U4_MAX_HARTS];

_Static_assert(BIT(seL4_IPCBufferSizeBits) == sizeof(seL4_IPCBuffer), "a page holds it whole");

worker_t *worker_enter(const tcb_t *t)
{
    worker_t *worker = worker_here();
    tcb_t *w = &worker->tcb;
    if (!w->hart) {
        w->hart = hart;
        w->slots[TCB_SLOT_BUFFER].cap =
            cap_frame((void *)ALIGN_DOWN((word_t)&worker->buffer, seL4_PageBits), FRAME_4K,
                      FRAME_READ_WRITE, false);
        w->buffer = (word_t)&worker->buffer & MASK(seL4_PageBits);
        memcpy(w->name, "async worker", sizeof "async worker");
    }
    worker->before = hart->current;
    w->slots[TCB_SLOT_CSPACE].cap = worker->space.root; /* the first request sees whether it is */
    w->priority = t->priority;
    w->mcp = t->mcp;
    w->domain = t->domain;
    w->state = THREAD_RUNNING;
    worker->serves = t;
    TRACE(sched_switch, TRACE_SWITCH_REASON_ASYNC, w->priority, TRACE_REF(w), 0, w->domain);
    hart->current = w;
    return worker;
}

void worker_requeue(worker_t *worker)
{
    tcb_t *before = worker->before;
    if (before && tcb_schedulable(before))
        ready_prepend(before);
    worker->before = NULL; /* from here on it may run elsewhere */
}

void worker_leave(void)
{
    worker_t *worker = worker_here();
    tcb_t *before = worker->before;
    worker->tcb.state = THREAD_INACTIVE;
    worker->tcb.slots[TCB_SLOT_CSPACE].cap = cap_null();
    worker->serves = NULL;
    hart->switch_reason = TRACE_SWITCH_REASON_ASYNC;
    if (LIKELY(hart->action == ACTION_RESUME && before && !before->queued &&
               tcb_schedulable(before) && !policy_serving_charged())) {
        worker->before = NULL;
        sched_switch_to(before);
        hart->switch_reason = TRACE_SWITCH_REASON_PREEMPTED;
    } else {
        worker_requeue(worker);
        sched_reschedule();
    }
}

bool worker_elsewhere(const tcb_t *t)
{
    for (word_t i = 0; U4_SMP && i < num_harts; i++)
        if (workers[i].serves == t)
            return true;
    return false;
}

hart_t *worker_home(void)
{
    const tcb_t *t = worker_here()->serves;
    return t ? t->hart : hart;
}

bool worker_is(const tcb_t *t)
{
    return t == &workers[t->hart->core].tcb;
}

void worker_forget(const tcb_t *t)
{
    for (word_t i = 0; i < num_harts; i++)
        if (workers[i].serves == t)
            workers[i].serves = NULL;
}

void worker_ended(const tcb_t *t)
{
    for (word_t i = 0; i < num_harts; i++)
        if (workers[i].before == t)
            workers[i].before = NULL;
}
