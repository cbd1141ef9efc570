/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: domains, 256 priorities, queues within one. A system call notes what it makes
 * ready (sched_possible_switch) or that a fresh choice is due (sched_reschedule); sched_exit()
 * decides once, on the way out. How long a thread runs is the policy's (policy.h).
 */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include "kernel/hart.h"

/* Ready queues. The thread must not be (must be) queued; its hart's queues are meant. */
void ready_append(tcb_t *t);
void ready_prepend(tcb_t *t);
void ready_remove(tcb_t *t);
extern const uint8_t highest_bit_of_byte[256];

/* Sets a thread's state; tells the trace. */
void thread_set_state(tcb_t *t, thread_state_t state);

/* `t` has become ready: it may run next, if it is important enough. */
void sched_possible_switch(tcb_t *t);
/* Choose anew on the way out. */
void sched_reschedule(void);
/* Decides who runs and switches to it; then makes that thread's registers ready. */
void sched_exit(void);
/* Yield of the current thread. */
void sched_yield(void);
void sched_set_priority(tcb_t *t, word_t priority);
void sched_set_domain(tcb_t *t, word_t domain);
void domain_schedule_init(void);

/* Makes `t` current: address space and FPU, trace. Used by schedule and by the fast path. */
void sched_switch_to(tcb_t *t);

/* Number of the highest bit set in a word that is not 0. */
ALWAYS_INLINE unsigned highest_bit(word_t w)
{
    unsigned at = 0;
    if (w >> 32) {
        at = 32;
        w >>= 32;
    }
    if (w >> 16) {
        at += 16;
        w >>= 16;
    }
    if (w >> 8) {
        at += 8;
        w >>= 8;
    }
    return at + highest_bit_of_byte[w];
}

/* The highest queued priority; the domain must have one. */
ALWAYS_INLINE word_t ready_highest(const hart_t *h, word_t domain)
{
    unsigned word = highest_bit_of_byte[h->ready_l1[domain]];
    return word * 64 + highest_bit(h->ready_l2[domain][word]);
}

/* Is nothing queued in the domain above this priority? */
ALWAYS_INLINE bool ready_is_highest(const hart_t *h, word_t domain, word_t priority)
{
    word_t l1 = h->ready_l1[domain];
    if (LIKELY(l1 == 0))
        return true;
    /* Words above ours, then bits above ours. */
    if (l1 >> (priority / 64 + 1))
        return false;
    return (h->ready_l2[domain][priority / 64] >> (priority % 64)) <= 1;
}

#endif
