/* SPDX-License-Identifier: GPL-2.0-only */
/* Budgets: charging time that has passed to the scheduling context in use, and what follows. */
#ifndef KERNEL_MCS_POLICY_H
#define KERNEL_MCS_POLICY_H

#include "kernel/mcs/sched_context.h"

/* Charges what has passed since then; there is budget for it. */
void policy_commit(void);
/* This hart has left `t`: what it used is charged, and it queues for a hart or for budget. */
void policy_settle(tcb_t *t);
/* The current thread's budget or the domain's time is over: charges it, and moves the thread out
 * of the way. */
void policy_out_of_time(void);
/* An operation of the current thread was left at a preemption point, perhaps for want of budget. */
void policy_after_preemption(void);
/* Raises a timeout fault if the thread has a handler for it: false if not. */
bool policy_timeout(tcb_t *t);
/* serve.c: work for a thread on its own time, or else on that of notification `n`. */
bool serve_possible(const tcb_t *t, const notification_t *n);
void serve_begin(tcb_t *t, const notification_t *n);
void serve_end(void);
/* Charges `used` to a context, which its first refill need not have: what is left of its turn, if
 * it is round robin, is over. */
void policy_charge_turn(sched_context_t *sc, word_t used);
/* Has the timer fire in time for what comes first. */
void policy_program_timer(void);
/* `t`, which was woken by `n` or took its signal, gets n's time if it has none. */
void policy_lend_of(notification_t *n, tcb_t *t);

#endif
