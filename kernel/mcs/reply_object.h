/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reply objects: whoever receives offers one, and a caller then waits on it. Calls along which a
 * scheduling context was lent form a stack, from the newest, which the context points at, to the
 * first caller; answering takes the newest off and gives the time back.
 */
#ifndef KERNEL_MCS_REPLY_OBJECT_H
#define KERNEL_MCS_REPLY_OBJECT_H

#include "kernel/mcs/sched_context.h"

#define REPLY_NEWEST 1 /* in `next`: it points at the scheduling context */

typedef struct reply {
    tcb_t *tcb;         /* who offers it (blocked_recv) or waits on it (blocked_reply) */
    struct reply *prev; /* of the call before, on the same time */
    word_t next;        /* of the call after; or the scheduling context | REPLY_NEWEST; or 0 */
    word_t unused;
} reply_t;

_Static_assert(sizeof(reply_t) == BIT(seL4_ReplyBits), "reply size");

ALWAYS_INLINE bool reply_is_newest(const reply_t *r)
{
    return r->next & REPLY_NEWEST;
}
ALWAYS_INLINE sched_context_t *reply_sc(const reply_t *r)
{
    return (sched_context_t *)(r->next - REPLY_NEWEST);
}

/* Nobody offers or waits on it any more. */
ALWAYS_INLINE void reply_unlink(reply_t *r)
{
    r->tcb->own.reply = NULL;
    r->tcb = NULL;
}

/* Puts `r` on top of the stack of `sc`. */
ALWAYS_INLINE void reply_push(reply_t *r, sched_context_t *sc)
{
    reply_t *older = sc->reply;
    if (older)
        older->next = (word_t)r;
    r->prev = older;
    r->next = (word_t)sc | REPLY_NEWEST;
    sc->reply = r;
}

/* Takes it off, and what is below becomes the newest. */
ALWAYS_INLINE void reply_pop(reply_t *r, sched_context_t *sc)
{
    reply_t *older = r->prev;
    sc->reply = older;
    if (UNLIKELY(older != NULL))
        older->next = r->next;
    r->prev = NULL;
    r->next = 0;
}

/* The caller blocks on `r`, which is nobody's; with `lend` the callee, if it has no time, gets
 * the caller's. */
void reply_block(tcb_t *caller, tcb_t *callee, reply_t *r, bool lend);
/* `r` is going away. */
void reply_finalise(reply_t *r);
/* Cuts a scheduling context's stack off it. */
void reply_unbind_sc(sched_context_t *sc);
/* `sender` answers over `r`, if anybody waits there. */
void reply_transfer(tcb_t *sender, reply_t *r, bool grant);

ALWAYS_INLINE cap_t cap_reply_object(void *r)
{
    return cap_make(CAP_REPLY, 1ull << 57, r, 0);
}

#endif
