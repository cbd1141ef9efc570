/* SPDX-License-Identifier: GPL-2.0-only */
/* Time in the classic kernel: a slice of ticks per thread, round robin (sched/policy.h). */
#ifndef KERNEL_CLASSIC_POLICY_H
#define KERNEL_CLASSIC_POLICY_H

ALWAYS_INLINE bool tcb_schedulable(const tcb_t *t)
{
    return tcb_runnable(t);
}
ALWAYS_INLINE bool policy_has_time(const tcb_t *t)
{
    (void)t;
    return true;
}
ALWAYS_INLINE bool policy_still_ready(const tcb_t *t)
{
    (void)t;
    return true;
}
ALWAYS_INLINE word_t policy_time_left(const tcb_t *t)
{
    return t->own.time_slice;
}

ALWAYS_INLINE bool policy_enter(void)
{
    return true;
}
ALWAYS_INLINE void policy_enter_interrupt(void) {}
ALWAYS_INLINE bool policy_expired(void)
{
    return false;
}
ALWAYS_INLINE void policy_give_up(tcb_t *t)
{
    ready_prepend(t);
}
ALWAYS_INLINE void policy_preempted(void) {}
ALWAYS_INLINE void policy_before_choice(void) {}
ALWAYS_INLINE void policy_after_choice(void) {}
ALWAYS_INLINE bool policy_can_serve(const tcb_t *t, const notification_t *n)
{
    (void)t;
    (void)n;
    return true;
}
ALWAYS_INLINE void policy_serve(tcb_t *t, const notification_t *n)
{
    (void)t;
    (void)n;
}
ALWAYS_INLINE void policy_served(void) {}
ALWAYS_INLINE bool policy_serving_charged(void)
{
    return false;
}
ALWAYS_INLINE void policy_serve_later(void) {}
ALWAYS_INLINE void policy_domain_changed(void) {}

ALWAYS_INLINE void policy_init(tcb_t *t)
{
    t->own.time_slice = TCB_TIME_SLICE;
}
ALWAYS_INLINE void policy_stopped(tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void policy_resume(tcb_t *t)
{
    ready_prepend(t);
    sched_possible_switch(t);
}
ALWAYS_INLINE void policy_requeue(tcb_t *t)
{
    ready_prepend(t);
}
ALWAYS_INLINE void policy_finalise(tcb_t *t)
{
    (void)t;
}

ALWAYS_INLINE void policy_signalled(tcb_t *t, notification_t *n)
{
    (void)n;
    sched_possible_switch(t);
}
ALWAYS_INLINE void policy_took(tcb_t *t, notification_t *n)
{
    (void)t;
    (void)n;
}
ALWAYS_INLINE void policy_waits(tcb_t *t, notification_t *n)
{
    (void)t;
    (void)n;
}
ALWAYS_INLINE void policy_ntfn_deleted(notification_t *n)
{
    (void)n;
}

#endif
