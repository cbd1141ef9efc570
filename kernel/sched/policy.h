/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose time it is: what the classic and the MCS kernel do differently whenever a thread becomes
 * ready, waits, or the kernel is entered and left. Declared here once; kernel/classic/ and
 * kernel/mcs/ each define all of it, in their variant/policy.h and policy.c (docs/mcs.md).
 */
#ifndef KERNEL_SCHED_POLICY_H
#define KERNEL_SCHED_POLICY_H

#include "kernel/object/notification.h"
#include "kernel/sched/sched.h"

/* May the thread be in a ready queue: is it runnable, and does it have time to run on? */
ALWAYS_INLINE bool tcb_schedulable(const tcb_t *t);
/* It has become runnable: may it be chosen now? */
ALWAYS_INLINE bool policy_has_time(const tcb_t *t);
/* It was to run next: is it still ready to? */
ALWAYS_INLINE bool policy_still_ready(const tcb_t *t);
/* Ticks that it may run on, for the trace. */
ALWAYS_INLINE word_t policy_time_left(const tcb_t *t);

/* A system call or exception of the current thread. False: its time is over, the operation is
 * not done now; the thread executes it again when it has time. */
ALWAYS_INLINE bool policy_enter(void);
/* An interrupt came, while a thread ran or none did. */
ALWAYS_INLINE void policy_enter_interrupt(void);
/* Asked at a preemption point: is the current thread's time over? */
ALWAYS_INLINE bool policy_expired(void);
/* Another hart wants the current thread, which this one has just left: it waits as if preempted. */
ALWAYS_INLINE void policy_give_up(tcb_t *t);
/* An operation was left at a preemption point. */
ALWAYS_INLINE void policy_preempted(void);
/* Around the choice of who runs next: before, and for the one who does. */
ALWAYS_INLINE void policy_before_choice(void);
ALWAYS_INLINE void policy_after_choice(void);
/* The kernel is to do something for `t`, which need not be current; it may use notification `n`'s
 * time (NULL: none) if `t` has none itself. May it now? */
ALWAYS_INLINE bool policy_can_serve(const tcb_t *t, const notification_t *n);
/* It does: what passes until policy_served() is charged to that time. */
ALWAYS_INLINE void policy_serve(tcb_t *t, const notification_t *n);
ALWAYS_INLINE void policy_served(void);
/* Does somebody's time pass meanwhile? Then only that one's hart serves, and who was interrupted for
 * it may not simply go on. */
ALWAYS_INLINE bool policy_serving_charged(void);
/* There is something to serve at the next tick, or when nobody else runs. */
ALWAYS_INLINE void policy_serve_later(void);
/* The domain schedule has moved on. */
ALWAYS_INLINE void policy_domain_changed(void);
/* The timer fired. */
void policy_timer(void);
/* Boot: the timer is to fire from now on. */
void policy_boot(void);

/* A new TCB. */
ALWAYS_INLINE void policy_init(tcb_t *t);
/* A thread was stopped. */
ALWAYS_INLINE void policy_stopped(tcb_t *t);
/* A stopped thread is to execute its instruction again; its state is RESTART already. */
ALWAYS_INLINE void policy_resume(tcb_t *t);
/* So is one whose wait was cancelled; a choice follows. */
ALWAYS_INLINE void policy_requeue(tcb_t *t);
/* A TCB is going away. */
ALWAYS_INLINE void policy_finalise(tcb_t *t);

/* `t`, which waited for it, has got notification `n`'s signal and is running. */
ALWAYS_INLINE void policy_signalled(tcb_t *t, notification_t *n);
/* `t` has taken what the active `n` held. */
ALWAYS_INLINE void policy_took(tcb_t *t, notification_t *n);
/* `t` starts to wait, on `n` or, bound to it, on an endpoint. */
ALWAYS_INLINE void policy_waits(tcb_t *t, notification_t *n);
/* `n` is going away. */
ALWAYS_INLINE void policy_ntfn_deleted(notification_t *n);

#include "variant/policy.h"

#endif
