/* SPDX-License-Identifier: GPL-2.0-only */
/* Budgets: charging time that has passed to the scheduling context in use, and what follows. */
#ifndef KERNEL_MCS_POLICY_H
#define KERNEL_MCS_POLICY_H

#include "kernel/mcs/sched_context.h"

/* Charges what has passed since then; there is budget for it. */
void policy_commit(void);
/* The same when there need not be: true if the budget does not suffice, which ends its turn. */
bool policy_charge(void);
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
/* Has the timer fire in time for what comes first. */
void policy_program_timer(void);
/* `t`, which was woken by `n` or took its signal, gets n's time if it has none. */
void policy_lend_of(notification_t *n, tcb_t *t);

#endif
