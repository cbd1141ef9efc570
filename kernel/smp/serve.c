/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which hart serves a thread's ring of async system calls. The thread itself goes on, so it is
 * another one: an idle hart, else the one that runs the least important thread, if that is less
 * important than the ring's. That hart gets an interrupt; if by then it has something better to do,
 * or none was found, the ring waits for a tick, as on one hart. Between two requests the serving
 * hart lets others into the kernel (lock_give_way); they may use everything, and take the ring
 * away, but nobody else serves it meanwhile.
 */
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"

#if U4_SMP

/* What the hart does, or is about to do: 0 nothing, else a priority plus one. */
static word_t importance(const hart_t *h)
{
    const tcb_t *t = h->current;
    word_t runs = t == h->idle ? 0 : t->priority + 1;
    word_t waits = h->ready_l1[h->domain] ? ready_highest(h, h->domain) + 1 : 0;
    return MAX(runs, waits);
}

void smp_offer_ring(const tcb_t *t)
{
    hart_t *best = NULL;
    word_t least = t->priority + 1;
    for (word_t core = 0; core < num_harts && !policy_serving_charged(); core++) {
        hart_t *h = &harts[core];
        if (h == hart || h->domain != t->domain)
            continue;
        word_t its = importance(h);
        if (its >= least)
            continue;
        best = h;
        least = its;
    }
    if (best)
        smp_call(best);
}

#endif
