/* SPDX-License-Identifier: GPL-2.0-only */
/* First come first served (object/queue.h). */
#ifndef KERNEL_CLASSIC_QUEUE_H
#define KERNEL_CLASSIC_QUEUE_H

ALWAYS_INLINE void wait_enqueue(word_t *head, word_t *tail, tcb_t *t, word_t state)
{
    tcb_t *last = (tcb_t *)*tail;
    t->ep_prev = last;
    t->ep_next = NULL;
    if (UNLIKELY(last != NULL))
        last->ep_next = t;
    else
        *head = (word_t)t | state;
    *tail = (word_t)t;
}

#endif
