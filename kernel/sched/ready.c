/* SPDX-License-Identifier: GPL-2.0-only */
/* Ready queues: one list per domain and priority, found through a bitmap of two levels. */
#include "kernel/sched/sched.h"

#include "kernel/smp/smp.h"

#define FOUR(n) n, n, n, n
#define SIXTEEN(n) FOUR(n), FOUR(n), FOUR(n), FOUR(n)
const uint8_t highest_bit_of_byte[256] = {
    0,          0,          1,          1,          FOUR(2),    FOUR(3),    FOUR(3),    SIXTEEN(4),
    SIXTEEN(5), SIXTEEN(5), SIXTEEN(6), SIXTEEN(6), SIXTEEN(6), SIXTEEN(6), SIXTEEN(7), SIXTEEN(7),
    SIXTEEN(7), SIXTEEN(7), SIXTEEN(7), SIXTEEN(7), SIXTEEN(7), SIXTEEN(7),
};

static ready_queue_t *queue_of(tcb_t *t)
{
    return &t->hart->ready[t->domain][t->priority];
}

static void mark(const tcb_t *t)
{
    t->hart->ready_l1[t->domain] |= BIT(t->priority / 64);
    t->hart->ready_l2[t->domain][t->priority / 64] |= BIT(t->priority % 64);
}

static void unmark(const tcb_t *t)
{
    word_t *l2 = &t->hart->ready_l2[t->domain][t->priority / 64];
    *l2 &= ~BIT(t->priority % 64);
    if (*l2 == 0)
        t->hart->ready_l1[t->domain] &= ~BIT(t->priority / 64);
}

void ready_append(tcb_t *t)
{
    if (t->queued)
        return;
    ready_queue_t *q = queue_of(t);
    t->ready_prev = q->tail;
    t->ready_next = NULL;
    if (q->tail) {
        q->tail->ready_next = t;
    } else {
        q->head = t;
        mark(t);
    }
    q->tail = t;
    t->queued = true;
    if (smp_elsewhere(t))
        smp_queued(t);
}

void ready_prepend(tcb_t *t)
{
    if (t->queued)
        return;
    ready_queue_t *q = queue_of(t);
    t->ready_next = q->head;
    t->ready_prev = NULL;
    if (q->head) {
        q->head->ready_prev = t;
    } else {
        q->tail = t;
        mark(t);
    }
    q->head = t;
    t->queued = true;
    if (smp_elsewhere(t))
        smp_queued(t);
}

void ready_remove(tcb_t *t)
{
    if (!t->queued)
        return;
    ready_queue_t *q = queue_of(t);
    if (t->ready_prev)
        t->ready_prev->ready_next = t->ready_next;
    else
        q->head = t->ready_next;
    if (t->ready_next)
        t->ready_next->ready_prev = t->ready_prev;
    else
        q->tail = t->ready_prev;
    if (!q->head)
        unmark(t);
    t->queued = false;
}
