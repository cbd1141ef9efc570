/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads waiting at an endpoint or notification: a list through ep_next and ep_prev, from a head
 * with the object's state in its low bits to a tail. Who comes where is the variant's.
 */
#ifndef KERNEL_OBJECT_QUEUE_H
#define KERNEL_OBJECT_QUEUE_H

#include "kernel/object/tcb.h"

/* Classic: first come first served. MCS: by priority. `state` is what a queue with threads has. */
ALWAYS_INLINE void wait_enqueue(word_t *head, word_t *tail, tcb_t *t, word_t state);

#include "variant/queue.h"

#endif
