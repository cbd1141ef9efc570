/* SPDX-License-Identifier: GPL-2.0-only */
/* Executing one async system call as the kernel's worker thread: in place in the loop that drains
 * a ring (ring.c), where calls would cost as much as the work itself. */
#ifndef KERNEL_ASYNC_EXECUTE_H
#define KERNEL_ASYNC_EXECUTE_H

#include "abi/sel4/invocation.h"
#include "abi/u4/extensions.h"
#include "kernel/async/worker.h"
#include "kernel/ipc/fastpath.h"
#include "kernel/ipc/message.h"
#include "kernel/object/lookup.h"
#include "kernel/object/own.h"
#include "kernel/syscall/error.h"
#include "kernel/syscall/invocation.h"
#include "kernel/trace/trace.h"

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

_Static_assert(MSG_REGISTERS == 4 && 2 + MSG_REGISTERS <= U4_RING_FIRST_WORDS,
               "with one capability they fit");

/* The request's words to where a system call has them. Each is read once: its owner may be
 * writing to it at this moment. */
ALWAYS_INLINE void load_request(tcb_t *w, seL4_IPCBuffer *buffer, place_t from, word_t info)
{
    word_t length = info_length(info), caps = info_extra(info), at = 1;
    w->regs[REG_A1] = info;
    if (LIKELY(caps <= 1 && length <= MSG_REGISTERS)) {
        /* The first line has them; what is beyond the length matters as little as in registers. */
        const volatile uint64_t *words = &line_at(from, 0)->words[1];
        buffer->caps_or_badges[0] = words[0];
        words += caps;
        w->regs[REG_A2] = words[0];
        w->regs[REG_A2 + 1] = words[1];
        w->regs[REG_A2 + 2] = words[2];
        w->regs[REG_A2 + 3] = words[3];
        return;
    }
    for (word_t i = 0; i < caps; i++)
        buffer->caps_or_badges[i] = *word_at(from, at++);
    for (word_t i = 0; i < length; i++)
        msg_set(w, buffer, i, *word_at(from, at++));
}

ALWAYS_INLINE void store_answer(const worker_t *worker, tcb_t *t, u4_rings_t *rings, word_t first)
{
    const tcb_t *w = &worker->tcb;
    async_ring_t *r = &t->async;
    word_t info = w->regs[REG_A1], length = info_length(info), lines = 1;
    place_t to = {(u4_ring_line_t *)((char *)rings + U4_RINGS_LINES) + r->mask + 1, r->mask,
                  r->answered};
    u4_ring_line_t *line = line_at(to, 0);
    line->first = first & ~(word_t)U4_RING_LONG;
    line->info = info;
    if (UNLIKELY(length > 0)) {
        line->first = u4_ring_sized(first, length);
        for (word_t i = 0; i < length; i++)
            *word_at(to, i) = msg_get(w, &worker->buffer, i);
        lines = u4_ring_lines(length);
    }
    lines += to.first;
    r->answered = lines;
    full_fence();
    *(volatile uint64_t *)&rings->response.head = lines;
}

/* ---- the submitter's CSpace ---- */

/* It is another one than the last request had. */
static __attribute__((noinline)) void change_space(worker_t *worker, cap_t root)
{
    word_t radix = cap_cnode_radix(root), guard = cap_cnode_guard(root);
    worker->tcb.slots[TCB_SLOT_CSPACE].cap = root;
    if (cap_is(root, CAP_CNODE) && radix + cap_cnode_guard_size(root) == WORD_BITS)
        worker->space = (space_t){root, (word_t)cap_ptr(root) - (guard << radix) * sizeof(slot_t),
                                  radix, guard};
    else
        worker->space = (space_t){root, 0, WORD_BITS - 1, 2}; /* no pointer begins with that */
}

/* NULL: not found at once. */
ALWAYS_INLINE slot_t *space_slot(const space_t *space, cptr_t cptr)
{
    if (UNLIKELY(cptr >> space->radix != space->guard))
        return NULL;
    return (slot_t *)(space->first + cptr * sizeof(slot_t));
}

/* ---- the system call ---- */

/* What cannot be submitted: messages, since they may wait; what is about the thread that makes
 * the call itself; and rings. */
ALWAYS_INLINE status_t check_allowed(const tcb_t *t, cap_t cap, word_t label)
{
    if (cap_is(cap, CAP_ENDPOINT) || cap_is(cap, CAP_REPLY) || own_not_in_ring(cap, label) ||
        (cap_is(cap, CAP_TCB) && (label == U4AsyncRegister || label == U4AsyncUnregister)))
        return fail_illegal(REASON(ASYNC_EXCLUDED));
    if (cap_is(cap, CAP_TCB) && cap_ptr(cap) == t &&
        (label == TCBReadRegisters || label == TCBWriteRegisters))
        return fail_illegal(REASON(TCB_SELF));
    return OK;
}

/* The capabilities that come along, into hart->extra. False: one cannot be found. */
ALWAYS_INLINE bool find_extra(worker_t *worker, word_t info, word_t *length)
{
    slot_t *slot = NULL;
    *length = info_length(info);
    if (info_extra(info)) {
        slot = space_slot(&worker->space, worker->buffer.caps_or_badges[0]);
        if (UNLIKELY(!slot || info_extra(info) > 1))
            return invocation_extra(&worker->tcb, info, length);
    }
    hart->extra[0] = slot;
    hart->extra[1] = NULL;
    return true;
}

/* As syscall_send(), but what would be a fault of the thread is an error of the request. */
ALWAYS_INLINE void make_call(worker_t *worker, const tcb_t *t, cptr_t cptr, word_t info)
{
    tcb_t *w = &worker->tcb;
    word_t length;
    slot_t *slot = space_slot(&worker->space, cptr);
    if (UNLIKELY(!slot))
        slot = cspace_lookup(w, cptr);
    if (UNLIKELY(!slot)) {
        fail_lookup(true, REASON(LOOKUP_SOURCE));
        msg_reply_error(w);
    } else if (check_allowed(t, slot->cap, info_label(info)) != OK) {
        msg_reply_error(w);
    } else if (UNLIKELY(!find_extra(worker, info, &length))) {
        fail_lookup(true, REASON(LOOKUP_SOURCE));
        msg_reply_error(w);
    } else {
        invocation_make(w, slot, cptr, info, length, false, true);
    }
}

typedef enum {
    REQUEST_DONE,
    REQUEST_PREEMPTED, /* left at a preemption point: it is still there, and starts again */
    REQUEST_GARBAGE,   /* what is in the ring cannot be a request */
    REQUEST_GONE,      /* the thread or its ring does not exist any more */
} request_result_t;

/* Takes the next request of `t`, of which `lines` lines are published, executes it and answers. */
ALWAYS_INLINE request_result_t execute_request(worker_t *worker, tcb_t *t, u4_rings_t *rings,
                                               word_t lines)
{
    tcb_t *w = &worker->tcb;
    async_ring_t *r = &t->async;
    place_t from = {(u4_ring_line_t *)((char *)rings + U4_RINGS_LINES), r->mask, r->taken};
    word_t first = *(volatile uint64_t *)&line_at(from, 0)->first;
    word_t info = *(volatile uint64_t *)&line_at(from, 0)->info;
    word_t used = u4_ring_lines(1 + info_extra(info) + info_length(info));
    if ((u4_ring_kind(first) & ~U4_RING_LONG) != U4_RING_REQUEST || used > lines)
        return REQUEST_GARBAGE;
    cptr_t cptr = *word_at(from, 0);
    cap_t root = t->slots[TCB_SLOT_CSPACE].cap;
    if (UNLIKELY(!cap_same(root, worker->space.root)))
        change_space(worker, root);
    load_request(w, &worker->buffer, from, info);
    TRACE(async_pickup, lines, TRACE_REF(t), info_label(info), cptr, u4_ring_token(first));
    make_call(worker, t, cptr, info);
    if (w->state == THREAD_RESTART)
        return REQUEST_PREEMPTED;
    if (UNLIKELY(worker->serves != t))
        return REQUEST_GONE;
    TRACE(async_complete, info_label(w->regs[REG_A1]), TRACE_REF(t), u4_ring_token(first),
          lines - used);
    r->taken += used;
    *(volatile uint64_t *)&rings->request.tail = r->taken;
    store_answer(worker, t, rings, first);
    return REQUEST_DONE;
}

#endif
