/* SPDX-License-Identifier: GPL-2.0-only */
/* What only a thread of the classic kernel has: a time slice, and a handler found by its cptr. */
#ifndef KERNEL_CLASSIC_TCB_H
#define KERNEL_CLASSIC_TCB_H

#include "kernel/types.h"

#define TCB_TIME_SLICE 5

typedef struct {
    word_t time_slice; /* ticks left */
    cptr_t fault_handler;
} tcb_own_t;

/* The cptr of its fault handler, for the trace; with MCS it has none. */
#define tcb_fault_handler(t) ((t)->own.fault_handler)

enum {
    TCB_SLOT_REPLY = 2,  /* master reply capability of this thread */
    TCB_SLOT_CALLER = 3, /* reply capability to whoever called this thread */
};

/* What they may hold, for the checker. */
#define TCB_SLOT_OWN_TYPES [TCB_SLOT_REPLY] = CAP_REPLY, [TCB_SLOT_CALLER] = CAP_REPLY

#endif
