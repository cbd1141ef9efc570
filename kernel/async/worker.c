/* SPDX-License-Identifier: GPL-2.0-only */
/* Executing one async system call as the kernel's worker thread. */
#include "kernel/async/worker.h"

#include "abi/sel4/invocation.h"
#include "abi/u4/extensions.h"
#include "kernel/async/async.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/mem.h"
#include "kernel/object/lookup.h"
#include "kernel/object/own.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/error.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"

static struct {
    tcb_t tcb;
    seL4_IPCBuffer buffer __attribute__((aligned(sizeof(seL4_IPCBuffer))));
    const tcb_t *serves; /* whose ring is being drained; NULL: nobody's, or it is gone */
} workers[U4_MAX_HARTS];

_Static_assert(BIT(seL4_IPCBufferSizeBits) == sizeof(seL4_IPCBuffer), "a page holds it whole");

#define THIS workers[hart->core]

const tcb_t *worker_enter(const tcb_t *t)
{
    tcb_t *w = &THIS.tcb, *before = hart->current;
    if (!w->hart) {
        w->hart = hart;
        w->slots[TCB_SLOT_BUFFER].cap =
            cap_frame((void *)ALIGN_DOWN((word_t)&THIS.buffer, seL4_PageBits), FRAME_4K,
                      FRAME_READ_WRITE, false);
        w->buffer = (word_t)&THIS.buffer & MASK(seL4_PageBits);
        memcpy(w->name, "async worker", sizeof "async worker");
    }
    if (tcb_schedulable(before))
        ready_prepend(before);
    w->priority = t->priority;
    w->mcp = t->mcp;
    w->domain = t->domain;
    w->state = THREAD_RUNNING;
    THIS.serves = t;
    TRACE(sched_switch, TRACE_SWITCH_REASON_ASYNC, w->priority, TRACE_REF(w), 0, w->domain);
    hart->current = w;
    return w;
}

void worker_leave(void)
{
    THIS.tcb.state = THREAD_INACTIVE;
    THIS.tcb.slots[TCB_SLOT_CSPACE].cap = cap_null();
    THIS.serves = NULL;
    hart->switch_reason = TRACE_SWITCH_REASON_ASYNC;
    sched_reschedule();
}

bool worker_serves(const tcb_t *t)
{
    return THIS.serves == t;
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
    return THIS.serves ? THIS.serves->hart : hart;
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

/* ---- the ring's words ---- */

typedef struct {
    u4_ring_line_t *lines;
    word_t mask, first; /* position of the message's first line */
} place_t;

ALWAYS_INLINE u4_ring_line_t *line_at(place_t p, word_t number)
{
    return p.lines + ((p.first + number) & p.mask);
}

ALWAYS_INLINE volatile uint64_t *word_at(place_t p, word_t i)
{
    if (LIKELY(i < U4_RING_FIRST_WORDS))
        return &line_at(p, 0)->words[i];
    i -= U4_RING_FIRST_WORDS;
    return &line_at(p, 1 + i / U4_RING_LINE_WORDS)->more[i % U4_RING_LINE_WORDS];
}

/* The request's words to where a system call has them. Each is read once: its owner may be
 * writing to it at this moment. */
static void load_request(tcb_t *w, seL4_IPCBuffer *buffer, place_t from, word_t info)
{
    word_t length = info_length(info), caps = info_extra(info), at = 1;
    w->regs[REG_A1] = info;
    if (LIKELY(1 + caps + length <= U4_RING_FIRST_WORDS && length <= MSG_REGISTERS)) {
        const volatile uint64_t *words = &line_at(from, 0)->words[1];
        for (word_t i = 0; i < caps; i++)
            buffer->caps_or_badges[i] = *words++;
        for (word_t i = 0; i < length; i++)
            w->regs[REG_A2 + i] = *words++;
        return;
    }
    for (word_t i = 0; i < caps; i++)
        buffer->caps_or_badges[i] = *word_at(from, at++);
    for (word_t i = 0; i < length; i++)
        msg_set(w, buffer, i, *word_at(from, at++));
}

static void store_answer(tcb_t *t, u4_rings_t *rings, word_t first)
{
    const tcb_t *w = &THIS.tcb;
    async_ring_t *r = &t->async;
    word_t info = w->regs[REG_A1], length = info_length(info);
    place_t to = {(u4_ring_line_t *)((char *)rings + U4_RINGS_LINES) + r->mask + 1, r->mask,
                  r->answered};
    u4_ring_line_t *line = line_at(to, 0);
    line->first = u4_ring_sized(first, length);
    line->info = info;
    for (word_t i = 0; i < length; i++)
        *word_at(to, i) = msg_get(w, &THIS.buffer, i);
    r->answered += u4_ring_lines(length);
    full_fence();
    *(volatile uint64_t *)&rings->response.head = r->answered;
}

/* ---- the system call ---- */

/* What cannot be submitted: messages, since they may wait; what is about the thread that makes
 * the call itself; and rings. */
static status_t check_allowed(const tcb_t *t, cap_t cap, word_t label)
{
    if (cap_is(cap, CAP_ENDPOINT) || cap_is(cap, CAP_REPLY) || own_not_in_ring(cap, label) ||
        (cap_is(cap, CAP_TCB) && (label == U4AsyncRegister || label == U4AsyncUnregister)))
        return fail_illegal(REASON(ASYNC_EXCLUDED));
    if (cap_is(cap, CAP_TCB) && cap_ptr(cap) == t &&
        (label == TCBReadRegisters || label == TCBWriteRegisters))
        return fail_illegal(REASON(TCB_SELF));
    return OK;
}

/* As syscall_send(), but what would be a fault of the thread is an error of the request. */
static void make_call(const tcb_t *t, cptr_t cptr, word_t info)
{
    tcb_t *w = &THIS.tcb;
    slot_t *slot = cspace_lookup(w, cptr);
    if (!slot) {
        fail_lookup(true, REASON(LOOKUP_SOURCE));
        msg_reply_error(w);
        return;
    }
    if (check_allowed(t, slot->cap, info_label(info)) != OK) {
        msg_reply_error(w);
        return;
    }
    if (syscall_invoke(slot, cptr, info, false, true) == FAULTED) {
        fail_lookup(true, REASON(LOOKUP_SOURCE));
        msg_reply_error(w);
    }
}

worker_result_t worker_execute(tcb_t *t, u4_rings_t *rings, word_t lines)
{
    tcb_t *w = &THIS.tcb;
    async_ring_t *r = &t->async;
    place_t from = {(u4_ring_line_t *)((char *)rings + U4_RINGS_LINES), r->mask, r->taken};
    word_t first = *(volatile uint64_t *)&line_at(from, 0)->first;
    word_t info = *(volatile uint64_t *)&line_at(from, 0)->info;
    word_t used = u4_ring_lines(1 + info_extra(info) + info_length(info));
    if ((u4_ring_kind(first) & ~U4_RING_LONG) != U4_RING_REQUEST || used > lines)
        return WORKER_GARBAGE;
    cptr_t cptr = *word_at(from, 0);
    /* The CSpace may be another one, or gone, since the last request. */
    w->slots[TCB_SLOT_CSPACE].cap = t->slots[TCB_SLOT_CSPACE].cap;
    w->state = THREAD_RUNNING;
    load_request(w, &THIS.buffer, from, info);
    TRACE(async_pickup, lines, TRACE_REF(t), info_label(info), cptr, u4_ring_token(first));
    make_call(t, cptr, info);
    if (w->state == THREAD_RESTART)
        return WORKER_PREEMPTED;
    if (!worker_serves(t))
        return WORKER_GONE;
    TRACE(async_complete, info_label(w->regs[REG_A1]), TRACE_REF(t), u4_ring_token(first),
          lines - used);
    r->taken += used;
    *(volatile uint64_t *)&rings->request.tail = r->taken;
    store_answer(t, rings, first);
    return WORKER_DONE;
}
