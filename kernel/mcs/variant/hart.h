/* SPDX-License-Identifier: GPL-2.0-only */
/* A hart's time. */
#ifndef KERNEL_MCS_HART_H
#define KERNEL_MCS_HART_H

#include "kernel/types.h"

typedef struct {
    struct sched_context *sc; /* whose time passes; NULL: nobody's */
    word_t now;               /* ticks, at the last entry that asked for it */
    word_t consumed;          /* of sc, not yet charged */
    word_t min_budget;        /* ticks that a thread must have left to be let into the kernel */
    bool reprogram;           /* charge, and look whether the timer fires in time, on the way out */
    bool can_donate;          /* the send at hand lends its time to a receiver without */
    bool takes_reply;         /* the receive at hand names a reply object, in a6 */
    bool in_send_phase;       /* of ReplyRecv, NBSendRecv, NBSendWait */
    uint8_t serving;          /* serve.c: sc pays for what is done for its thread */
    struct reply *reply;      /* of the receive at hand, NULL: none */
    struct tcb *release_head, *release_tail; /* threads that wait for budget, by time */
} hart_own_t;

#endif
