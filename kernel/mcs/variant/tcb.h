/* SPDX-License-Identifier: GPL-2.0-only */
/* What only a thread of the MCS kernel has: borrowed time, a reply object, handlers as slots. */
#ifndef KERNEL_MCS_TCB_H
#define KERNEL_MCS_TCB_H

#include "kernel/types.h"

typedef struct {
    struct sched_context *sc; /* whose time it runs on; NULL: it cannot run */
    struct reply *reply;      /* blocked_recv: what it offers; blocked_reply: what it waits on */
    struct sched_context *yields_to; /* SchedContext_YieldTo that has not been answered yet */
    bool released_later;             /* in the release queue, by ready_next and ready_prev */
} tcb_own_t;

/* Its fault handler is a capability; the trace has no cptr to show. */
#define tcb_fault_handler(t) ((t) ? 0u : 0u)

enum {
    TCB_SLOT_FAULT = 2,   /* endpoint of its fault handler, or empty */
    TCB_SLOT_TIMEOUT = 3, /* of its timeout handler */
};

/* What they may hold, for the checker. */
#define TCB_SLOT_OWN_TYPES [TCB_SLOT_FAULT] = CAP_ENDPOINT, [TCB_SLOT_TIMEOUT] = CAP_ENDPOINT

#endif
