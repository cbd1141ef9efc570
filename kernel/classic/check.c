/* SPDX-License-Identifier: GPL-2.0-only */
/* Invariants of reply capabilities. */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

static void check_reply(const slot_t *s)
{
    cap_t cap = s->cap;
    const tcb_t *t = cap_ptr(cap);
    const slot_t *master = &t->slots[TCB_SLOT_REPLY];
    /* Still there when the deletion of its thread was preempted. */
    if (cap_reply_master(cap)) {
        INVARIANT(s == master, "master reply capability of thread %p is in slot %p",
                  (const void *)t, (const void *)s);
        return;
    }
    INVARIANT(check_is_thread(t), "reply capability in slot %p to %p, which is no thread",
              (const void *)s, (const void *)t);
    INVARIANT(slot_prev(s) == master, "reply capability in slot %p is not thread %p's own",
              (const void *)s, (const void *)t);
    INVARIANT(t->state == THREAD_BLOCKED_REPLY,
              "reply capability in slot %p, but thread %p does not wait for a reply (state %lu)",
              (const void *)s, (const void *)t, t->state);
}

void check_own_cap(const slot_t *s)
{
    if (cap_is(s->cap, CAP_REPLY))
        check_reply(s);
}

void check_own_thread(const tcb_t *t)
{
    INVARIANT(!cap_reply_master(t->slots[TCB_SLOT_CALLER].cap),
              "thread %p: its caller slot has a master reply capability", (const void *)t);
    INVARIANT(slot_empty(&t->slots[TCB_SLOT_REPLY]) ||
                  cap_reply_master(t->slots[TCB_SLOT_REPLY].cap),
              "thread %p: its reply slot has no master reply capability", (const void *)t);
}

void check_own_hart(const hart_t *h)
{
    (void)h;
}

void check_own_counts(void) {}

#endif
