/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notifications: a word of badges and either nobody or a queue of waiting threads; optionally
 * bound to one thread. 32 bytes: the queue head carries the state in its low bits.
 */
#ifndef KERNEL_OBJECT_NOTIFICATION_H
#define KERNEL_OBJECT_NOTIFICATION_H

#include "kernel/object/tcb.h"

typedef enum {
    NTFN_IDLE = 0,
    NTFN_WAITING = 1,
    NTFN_ACTIVE = 2,
    NTFN_UINTR = 3, /* user interrupts: uintr/receiver.h has what head and bound are then */
} ntfn_state_t;

typedef struct notification {
    word_t head;   /* first waiting TCB | ntfn_state_t */
    word_t tail;   /* last waiting TCB */
    word_t badges; /* OR of the badges signalled, while active */
    tcb_t *bound;
#if U4_MCS
    struct sched_context *sc; /* lent to a thread without one that it wakes */
#endif
} notification_t;

_Static_assert(sizeof(notification_t) <= BIT(seL4_NotificationBits), "notification size");

ALWAYS_INLINE ntfn_state_t ntfn_state(const notification_t *n)
{
    return (ntfn_state_t)(n->head & 3);
}
ALWAYS_INLINE tcb_t *ntfn_head(const notification_t *n)
{
    return (tcb_t *)(n->head & ~3ull);
}

void ntfn_signal(notification_t *n, word_t badge);
/* The same for an interrupt's notification. */
void ntfn_signal_irq(notification_t *n, word_t badge);
/* `t` receives from the notification: takes what is there or, if `blocking`, waits. */
void ntfn_receive(tcb_t *t, notification_t *n, bool blocking);
/* `t` takes what the active notification holds. */
void ntfn_take(tcb_t *t, notification_t *n);
void ntfn_dequeue(notification_t *n, tcb_t *t);
void ntfn_cancel_all(notification_t *n);
void ntfn_bind(notification_t *n, tcb_t *t);
/* Undoes a binding, from either side; nothing if there is none. */
void ntfn_unbind(notification_t *n);
void ntfn_unbind_tcb(tcb_t *t);

#endif
