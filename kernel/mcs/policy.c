/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/sched/policy.h"

#include "kernel/async/async.h"
#include "kernel/ipc/message.h"
#include "kernel/mcs/fault.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/queue.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/receiver.h"

#define TIMER_PRECISION_US 1
#define MAX_SLEEP_S 3600 /* what is far away is looked at again: timers overflow early */

/* Round robin notes what was used in its second refill. */
static void charge(sched_context_t *sc, word_t used)
{
    if (sc_round_robin(sc)) {
        sc_head(sc)->amount -= used;
        sc->refills[sc->tail].amount += used;
    } else {
        refill_charge(sc, used);
    }
}

void policy_commit(void)
{
    sched_context_t *sc = hart->own.sc;
    word_t used = hart->own.consumed;
    hart->own.consumed = 0;
    if (!sc || !sc_active(sc) || used == 0)
        return;
    KASSERT(sc_sufficient(sc, used) && sc_ready(sc));
    charge(sc, used);
    sc->consumed += used;
    TRACE(sched_sc_charge, false, TRACE_REF(sc), used, sc_head(sc)->amount);
}

bool policy_timeout(tcb_t *t)
{
    if (!cap_is(t->slots[TCB_SLOT_TIMEOUT].cap, CAP_ENDPOINT))
        return false;
    hart->fault.type = seL4_Fault_Timeout;
    hart->fault.timeout.badge = t->own.sc->badge;
    fault_timeout(t);
    return true;
}

/* The current thread's turn is over: it queues up again, at once or when it has budget. */
static void end_turn(sched_context_t *sc, bool may_fault)
{
    tcb_t *t = hart->current;
    if (may_fault && !sc_round_robin(sc) && policy_timeout(t))
        return;
    if (sc_ready(sc) && sc_sufficient(sc, 0))
        ready_append(t);
    else
        sc_postpone(sc);
}

/* `used` may be more than the first refill has: what is left of the turn, if it is round robin, is
 * over. */
static void charge_rest(sched_context_t *sc, word_t used)
{
    if (sc_round_robin(sc)) {
        refill_t *spent = &sc->refills[sc->tail];
        sc_head(sc)->amount += spent->amount;
        spent->amount = 0;
    } else {
        refill_charge(sc, used);
    }
    sc->consumed += used;
    hart->own.consumed = 0;
    TRACE(sched_sc_charge, true, TRACE_REF(sc), used, sc_head(sc)->amount);
}

bool policy_charge(void)
{
    sched_context_t *sc = hart->own.sc;
    bool turn_over = sc && sc_active(sc) && !sc_sufficient(sc, hart->own.consumed);
    if (turn_over)
        charge_rest(sc, hart->own.consumed);
    else
        policy_commit();
    return turn_over;
}

/* Charges the current thread's, and moves it out of the way. */
static void charge_turn(word_t used, bool may_fault)
{
    sched_context_t *sc = hart->own.sc;
    charge_rest(sc, used);
    if (tcb_schedulable(hart->current)) {
        end_turn(sc, may_fault);
        sched_reschedule();
        hart->own.reprogram = true;
    }
}

void policy_out_of_time(void)
{
    if (sc_sufficient(hart->own.sc, hart->own.consumed))
        return; /* only the domain's time is over */
    hart->switch_reason = TRACE_SWITCH_REASON_BUDGET;
    charge_turn(hart->own.consumed, true);
}

void policy_after_preemption(void)
{
    sched_context_t *sc = hart->own.sc;
    if (tcb_schedulable(hart->current)) {
        policy_out_of_time();
    } else if (sc && sc_active(sc)) {
        charge_turn(hart->own.consumed, false);
    } else {
        hart->own.consumed = 0;
    }
}

void policy_settle(tcb_t *t)
{
    policy_charge();
    hart->own.sc = NULL;
    hart->own.reprogram = true;
    if (!tcb_schedulable(t))
        return;
    if (sc_ready(t->own.sc) && sc_sufficient(t->own.sc, 0))
        ready_prepend(t);
    else
        sc_postpone(t->own.sc);
}

void policy_program_timer(void)
{
    const hart_own_t *h = &hart->own;
    word_t deadline = h->now + MAX_SLEEP_S * timebase_hz;
    if (h->sc)
        deadline = MIN(deadline, h->now + sc_head(h->sc)->amount);
    if (U4_DOMAINS > 1)
        deadline = MIN(deadline, h->now + hart->domain_time);
    if (h->release_head)
        deadline = MIN(deadline, sc_head(h->release_head->own.sc)->time);
    if (timeouts)
        deadline = MIN(deadline, h->now + timebase_hz / TIMEOUT_GRAINS);
    deadline -= TIMER_PRECISION_US * ticks_per_us;
    hart->own.reprogram = false;
    /* One that fires before, or is due already, is left as it is: it costs an interrupt now and
     * then, setting it would cost a call to the firmware at every switch. */
    if (hart->timer && hart->timer <= deadline)
        return;
    hart->timer = deadline;
    sbi_set_timer(deadline);
}

void policy_timer(void)
{
    hart->timer = 0;
    hart->own.reprogram = true;
}

void policy_boot(void)
{
    ticks_per_us = timebase_hz / 1000000;
    if (ticks_per_us == 0)
        panic("device tree: a timer of %lu Hz is too coarse for budgets in microseconds",
              timebase_hz);
    hart->own.min_budget = MIN_BUDGET_US * ticks_per_us;
    hart->own.now = csr_read(time);
    hart->own.reprogram = true;
}

void policy_lend_of(notification_t *n, tcb_t *t)
{
    sched_context_t *sc = n->sc;
    if (LIKELY(t->own.sc || !sc || sc->tcb))
        return;
    sc_donate(sc, t, TRACE_LEND_REASON_SIGNAL);
    sc_resume(sc);
}

void sched_yield(void)
{
    sched_context_t *sc = hart->own.sc;
    /* All that is left is given up, but only what was used counts as consumed. */
    word_t consumed = sc->consumed + hart->own.consumed;
    hart->switch_reason = TRACE_SWITCH_REASON_YIELD;
    charge_turn(sc_head(sc)->amount, false);
    sc->consumed = consumed;
}

/* In queues that are ordered by priority it finds its new place. */
static void reorder(tcb_t *t, word_t priority)
{
    word_t *queue = t->blocked_on; /* endpoints and notifications begin with head and tail */
    word_t state = queue[0] & 3;
    if (t->state == THREAD_BLOCKED_NTFN)
        ntfn_dequeue(t->blocked_on, t);
    else
        ep_dequeue(t->blocked_on, t);
    t->priority = priority;
    wait_enqueue(&queue[0], &queue[1], t, state);
}

void sched_set_priority(tcb_t *t, word_t priority)
{
    if (t->state == THREAD_BLOCKED_RECV || t->state == THREAD_BLOCKED_SEND ||
        (t->state == THREAD_BLOCKED_NTFN && !receiver_waits(t))) {
        reorder(t, priority);
    } else if (tcb_runnable(t) && (t->queued || t == hart->current)) {
        ready_remove(t);
        t->priority = priority;
        ready_prepend(t);
        sched_reschedule();
    } else {
        t->priority = priority;
    }
}
