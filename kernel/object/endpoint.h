/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoints: a queue of threads that all wait to send or all wait to receive, first come first
 * served. 16 bytes: head with the state in its low bits, tail.
 */
#ifndef KERNEL_OBJECT_ENDPOINT_H
#define KERNEL_OBJECT_ENDPOINT_H

#include "kernel/object/tcb.h"

typedef enum { EP_IDLE = 0, EP_SEND = 1, EP_RECV = 2 } ep_state_t;

typedef struct endpoint {
    word_t head; /* first waiting TCB | ep_state_t */
    word_t tail; /* last waiting TCB */
} endpoint_t;

_Static_assert(sizeof(endpoint_t) == BIT(seL4_EndpointBits), "endpoint size");

ALWAYS_INLINE ep_state_t ep_state(const endpoint_t *ep)
{
    return (ep_state_t)(ep->head & 3);
}
ALWAYS_INLINE tcb_t *ep_head(const endpoint_t *ep)
{
    return (tcb_t *)(ep->head & ~3ull);
}

typedef struct {
    bool blocking, call, can_grant, can_grant_reply;
    word_t badge;
} send_t;

/* The current way of sending over an endpoint: message is in `sender`'s registers and buffer. */
void ep_send(endpoint_t *ep, tcb_t *sender, send_t how);
/* `receiver` receives by `cap`, an endpoint capability with receive right. */
void ep_receive(tcb_t *receiver, cap_t cap, bool blocking);
/* Takes a blocked thread out of its endpoint's queue. */
void ep_dequeue(endpoint_t *ep, tcb_t *t);
/* Everyone who waits starts again; the object is going away. */
void ep_cancel_all(endpoint_t *ep);
/* Those who wait to send with `badge` start again. May be PREEMPTED. */
status_t ep_cancel_badged(endpoint_t *ep, word_t badge);

#endif
