/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding every slot: those of threads and interrupts are known, others are in CNodes (and what
 * deletion left of them), whose capabilities are in slots or derivation lists that were found.
 * The start is the threads' CSpace slots: these lead to CNodes, in which the lists begin.
 */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/object/irq.h"
#include "kernel/uintr/table.h"

#define MAX_ARRAYS 4096

static struct {
    const slot_t *slots;
    word_t count;
} arrays[MAX_ARRAYS];
static word_t array_count;
/* Slots in use: in these arrays, and in the lists that begin in them. */
static word_t found, listed;

static void add(const slot_t *slots, word_t count)
{
    INVARIANT(check_pointer(slots, SLOT_ALIGN_BITS, count * sizeof *slots),
              "slots at %p, %lu of them, are not in RAM", (const void *)slots, count);
    for (word_t i = 0; i < array_count; i++)
        if (arrays[i].slots == slots)
            return;
    if (array_count < MAX_ARRAYS) {
        arrays[array_count].slots = slots;
        arrays[array_count++].count = count;
    }
}

void slots_add_of(cap_t cap)
{
    if (cap_is(cap, CAP_CNODE))
        add(cap_ptr(cap), BIT(cap_cnode_radix(cap)));
    if (cap_is(cap, CAP_SENDER_TABLE)) {
        word_t count;
        const slot_t *slots = sender_table_slots(cap, &count);
        add(slots, count);
    }
    if (cap_is(cap, CAP_ZOMBIE))
        add(cap_ptr(cap), check_zombie_slots(cap));
}

static void check_neighbours(const slot_t *s)
{
    const slot_t *prev = slot_prev(s), *next = slot_next(s);
    if (prev) {
        INVARIANT(check_pointer(prev, SLOT_ALIGN_BITS, sizeof *prev),
                  "slot %p: the slot before it, %p, is none", (const void *)s, (const void *)prev);
        INVARIANT(slot_next(prev) == s, "slot %p: the slot before it, %p, is followed by %p",
                  (const void *)s, (const void *)prev, (const void *)slot_next(prev));
        INVARIANT(!slot_empty(prev), "slot %p: the slot before it, %p, is empty", (const void *)s,
                  (const void *)prev);
    }
    if (next) {
        INVARIANT(check_pointer(next, SLOT_ALIGN_BITS, sizeof *next),
                  "slot %p: the slot after it, %p, is none", (const void *)s, (const void *)next);
        INVARIANT(slot_prev(next) == s, "slot %p: the slot after it, %p, follows %p",
                  (const void *)s, (const void *)next, (const void *)slot_prev(next));
        INVARIANT(!slot_empty(next), "slot %p: the slot after it, %p, is empty", (const void *)s,
                  (const void *)next);
    }
}

static void check_slot(const slot_t *s)
{
    if (slot_empty(s)) {
        INVARIANT(s->cap.w0 == 0 && s->cap.w1 == 0 && s->prev == 0 && s->next == 0,
                  "slot %p is empty, but has neighbours, flags or content", (const void *)s);
        return;
    }
    found++;
    check_neighbours(s);
    check_cap(s);
    slots_add_of(s->cap);
    if (!slot_prev(s))
        listed += check_tree(s);
}

/* Those in the list of all; zombies of others are in slots. */
static void add_threads(void)
{
    const tcb_t *prev = NULL;
    for (const tcb_t *t = tcb_all_head; t; prev = t, t = t->all_next) {
        INVARIANT(check_pointer(t, seL4_TCBBits, sizeof *t), "thread %p in the list of all is none",
                  (const void *)t);
        INVARIANT(t->all_prev == prev, "thread %p in the list of all: before it is %p, not %p",
                  (const void *)t, (const void *)prev, (const void *)t->all_prev);
        add(t->slots, TCB_SLOTS);
    }
}

static void check_interrupts(void)
{
    for (word_t irq = 0; irq < ARRAY_SIZE(irq_slots); irq++) {
        cap_t cap = irq_slots[irq].cap;
        INVARIANT(cap_is(cap, CAP_NULL) ||
                      (cap_is(cap, CAP_NOTIFICATION) && irq_states[irq] == IRQ_SIGNAL),
                  "interrupt %lu, in state %u, has a capability to %s", irq, irq_states[irq],
                  check_type_name(cap_type(cap)));
    }
}

void check_slots(void)
{
    array_count = 0;
    found = listed = 0;
    check_interrupts();
    add(irq_slots, ARRAY_SIZE(irq_slots));
    add_threads();
    /* Grows on the way. */
    for (word_t i = 0; i < array_count; i++)
        for (word_t j = 0; j < arrays[i].count; j++)
            check_slot(&arrays[i].slots[j]);
    /* A slot that is only in a list is in an object that is gone. */
    INVARIANT(array_count == MAX_ARRAYS || found == listed,
              "%lu slots are in use, but %lu are in derivation lists", found, listed);
}

#endif
