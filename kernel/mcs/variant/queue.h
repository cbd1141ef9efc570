/* SPDX-License-Identifier: GPL-2.0-only */
/* By priority, first come first served within one (object/queue.h). */
#ifndef KERNEL_MCS_QUEUE_H
#define KERNEL_MCS_QUEUE_H

ALWAYS_INLINE void wait_enqueue(word_t *head, word_t *tail, tcb_t *t, word_t state)
{
    tcb_t *before = (tcb_t *)*tail, *after = NULL;
    while (UNLIKELY(before && before->priority < t->priority)) {
        after = before;
        before = before->ep_prev;
    }
    t->ep_prev = before;
    t->ep_next = after;
    if (UNLIKELY(before != NULL))
        before->ep_next = t;
    else
        *head = (word_t)t | state;
    if (UNLIKELY(after != NULL))
        after->ep_prev = t;
    else
        *tail = (word_t)t;
}

#endif
