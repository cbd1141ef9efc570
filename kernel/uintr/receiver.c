/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/uintr/receiver.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/hart.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/error.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"

receiver_t receivers[UINTC_ENTRIES];

/* Free entries are used first in, first out: what was freed rests as long as can be. */
static unsigned first_free, last_free;
/* Those who wait, linked by ep_next and ep_prev; at most UINTC_ENTRIES. */
static tcb_t *waiting;

void receiver_init(void)
{
    for (unsigned i = 0; i < UINTC_ENTRIES; i++)
        receivers[i].next_free = i + 1;
    first_free = 0;
    last_free = UINTC_ENTRIES - 1;
}

static unsigned allocate(void)
{
    unsigned entry = first_free;
    if (entry != NO_RECEIVER) {
        first_free = receivers[entry].next_free;
        if (first_free == NO_RECEIVER)
            last_free = NO_RECEIVER;
    }
    return entry;
}

static void release(unsigned entry)
{
    receivers[entry] = (receiver_t){.next_free = NO_RECEIVER};
    if (last_free == NO_RECEIVER)
        first_free = entry;
    else
        receivers[last_free].next_free = entry;
    last_free = entry;
}

word_t receivers_free(void)
{
    word_t count = 0;
    for (unsigned i = first_free; i != NO_RECEIVER && count <= UINTC_ENTRIES;
         i = receivers[i].next_free)
        count++;
    return count;
}

word_t receivers_waiting(void)
{
    word_t count = 0;
    for (const tcb_t *t = waiting; t && count <= UINTC_ENTRIES; t = t->ep_next)
        count++;
    return count;
}

status_t receiver_register(tcb_t *t, slot_t *owner)
{
    notification_t *n = cap_ptr(owner->cap);
    unsigned entry = allocate();
    if (entry == NO_RECEIVER) {
        hart->error.memory_left = 0;
        return fail(seL4_NotEnoughMemory, REASON(UINTR_ENTRIES));
    }
    receivers[entry].tcb = t;
    receivers[entry].ntfn = n;
    n->head = (word_t)entry << 2 | NTFN_UINTR;
    n->bound = t;
    slot_insert_registration(owner, &t->slots[TCB_SLOT_RECEIVER],
                             cap_receiver(n, entry, cap_badge(owner->cap)));
    TRACE(uintr_receiver, entry, TRACE_REF(t), TRACE_REF(n));
    uintr_set_receiver(t, entry);
    return OK;
}

void receiver_end(cap_t cap)
{
    unsigned entry = cap_receiver_index(cap);
    notification_t *n = receivers[entry].ntfn;
    tcb_t *t = receivers[entry].tcb;
    KASSERT(!receivers[entry].senders);
    if (receiver_waits(t)) {
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(n));
        receiver_unwait(t);
        t->state = THREAD_RESTART;
        policy_requeue(t);
        sched_reschedule();
    }
    uintc_write(entry, UINTC_LOW, UINTC_LOW_WIDE);
    uintr_take(t);
    uintr_set_receiver(t, NO_RECEIVER);
    n->head = NTFN_IDLE;
    n->bound = NULL;
    release(entry);
    TRACE(uintr_receiver_end, entry, TRACE_REF(t), TRACE_REF(n));
}

static void set_waiting(tcb_t *t)
{
    t->ep_prev = NULL;
    t->ep_next = waiting;
    if (waiting)
        waiting->ep_prev = t;
    waiting = t;
}

void receiver_unwait(tcb_t *t)
{
    if (t->ep_prev)
        t->ep_prev->ep_next = t->ep_next;
    else
        waiting = t->ep_next;
    if (t->ep_next)
        t->ep_next->ep_prev = t->ep_prev;
}

void receiver_wait(tcb_t *t, notification_t *n, bool blocking)
{
    unsigned entry = ntfn_entry(n);
    word_t vectors = uintr_take(t);
    if (vectors || !blocking) {
        TRACE(uintr_take, entry, TRACE_REF(n), vectors);
        t->regs[REG_A0] = vectors;
        policy_took(t, n);
        return;
    }
    TRACE(ipc_block, TRACE_BLOCK_KIND_NTFN, 0, TRACE_REF(n), 0, 0);
    t->blocked_on = n;
    set_waiting(t);
    thread_set_state(t, THREAD_BLOCKED_NTFN);
    policy_waits(t, n);
    (void)entry;
}

void receiver_wake(unsigned entry)
{
    tcb_t *t = receivers[entry].tcb;
    if (!t || !receiver_waits(t))
        return;
    word_t vectors = uintr_take(t);
    if (!vectors)
        return;
    receiver_unwait(t);
    t->regs[REG_A0] = vectors;
    t->state = THREAD_RUNNING;
    uintr_place(t);
    TRACE(uintr_wake, entry, TRACE_REF(t), TRACE_REF(receivers[entry].ntfn), vectors);
    TRACE(sched_wake, TRACE_WAKE_REASON_UINTR, t->priority, TRACE_REF(t),
          TRACE_REF(receivers[entry].ntfn));
    policy_signalled(t, receivers[entry].ntfn);
}

void receiver_wake_all(void)
{
    for (tcb_t *t = waiting, *next; t; t = next) {
        next = t->ep_next;
        receiver_wake(t->uintr.entry);
    }
}

void receiver_interrupt(unsigned entry)
{
    receivers[entry].tcb->uintr.uip |= UINTR_SOFTWARE;
    smp_poke(receivers[entry].tcb);
}

void uintr_post(notification_t *n, word_t vector, unsigned source)
{
    unsigned entry = ntfn_entry(n);
    bool valid = vector < UINTC_VECTORS;
    TRACE(uintr_post, vector & 0xff,
          TRACE_JOIN_uintr_post(source,
                                valid ? TRACE_UINTR_OUTCOME_POSTED : TRACE_UINTR_OUTCOME_NO_VECTOR),
          TRACE_REF(n), TRACE_REF(n->bound), entry, 0);
    (void)source;
    if (!valid)
        return;
    uintc_write(entry, UINTC_SEND, vector);
    receiver_wake(entry);
    /* Emulated, and the receiver runs: it is interrupted on the way out. */
    if (n->bound == hart->current && n->bound->uintr.uip)
        sched_reschedule();
}
