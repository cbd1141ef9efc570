/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic reply capabilities (ipc/reply.h): each thread has a master of its own; a Call derives
 * from it the one that the receiver gets in its caller slot, so at most one exists and it is found
 * from either side.
 */
#ifndef KERNEL_CLASSIC_REPLY_H
#define KERNEL_CLASSIC_REPLY_H

#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

/* The caller's master gets its one child, in the receiver's caller slot, which must be empty.
 * Nothing of it needs finalising, so unlinking is all it takes to delete the child, wherever it
 * has been moved to. */
ALWAYS_INLINE void reply_link(tcb_t *caller, tcb_t *receiver, bool grant)
{
    slot_t *master = &caller->slots[TCB_SLOT_REPLY], *held = &receiver->slots[TCB_SLOT_CALLER];
    held->cap = cap_reply(caller, false, grant);
    held->prev = (word_t)master;
    held->next = 0;
    master->next = (word_t)held | SLOT_REVOCABLE | SLOT_FIRST_BADGED;
}
ALWAYS_INLINE void reply_unlink(slot_t *held)
{
    slot_prev(held)->next = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    held->cap = cap_null();
    held->prev = 0;
    held->next = 0;
}

/* reply.c: replying over a reply capability held in `slot`, which it uses up. */
void reply_transfer(tcb_t *sender, tcb_t *caller, slot_t *slot, bool grant);
/* Prepares `sender` to be replied to by `receiver`. */
void reply_setup(tcb_t *sender, tcb_t *receiver, bool can_grant);

ALWAYS_INLINE void reply_may_call(tcb_t *t)
{
    slot_t *s = &t->slots[TCB_SLOT_REPLY];
    if (slot_empty(s)) {
        s->cap = cap_reply(t, true, true);
        s->prev = 0;
        s->next = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    }
}

ALWAYS_INLINE bool reply_prepare(tcb_t *t)
{
    if (!slot_empty(&t->slots[TCB_SLOT_CALLER]))
        reply_unlink(&t->slots[TCB_SLOT_CALLER]);
    return true;
}
ALWAYS_INLINE void reply_await(tcb_t *receiver, cap_t cap)
{
    receiver->can_grant = cap_may(cap, RIGHT_GRANT);
}
ALWAYS_INLINE void reply_abandon(tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void reply_start_again(tcb_t *t)
{
    t->state = THREAD_RESTART;
    ready_prepend(t);
}

static __attribute__((unused)) void reply_wake(tcb_t *t, const void *object)
{
    t->state = THREAD_RUNNING;
    TRACE(sched_wake, TRACE_WAKE_REASON_MESSAGE, t->priority, TRACE_REF(t), TRACE_REF(object));
    (void)object;
    sched_possible_switch(t);
}

/* The sender of a Call waits for its reply, or for ever if nobody may reply. */
static __attribute__((unused)) void reply_wait(tcb_t *sender, tcb_t *receiver, bool may_reply,
                                               bool grant)
{
    if (may_reply)
        reply_setup(sender, receiver, grant);
    else
        thread_set_state(sender, THREAD_INACTIVE);
}

ALWAYS_INLINE void reply_sent(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, const send_t *how)
{
    bool grant = receiver->can_grant;
    reply_wake(receiver, ep);
    if (how->call)
        reply_wait(sender, receiver, how->can_grant || how->can_grant_reply, grant);
}

ALWAYS_INLINE void reply_received(tcb_t *sender, tcb_t *receiver, endpoint_t *ep, cap_t cap)
{
    if (sender->is_call)
        reply_wait(sender, receiver, sender->can_grant || sender->can_grant_reply,
                   cap_may(cap, RIGHT_GRANT));
    else
        reply_wake(sender, ep);
}

#endif
