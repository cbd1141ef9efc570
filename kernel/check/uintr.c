/* SPDX-License-Identifier: GPL-2.0-only */
/* User interrupts: registrations, sender tables, the receiver entries and who waits. */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/object/object.h"
#include "kernel/uintr/receiver.h"
#include "kernel/uintr/table.h"

/* Registrations of senders that slots hold, and that receivers have in their lists. */
static word_t senders_held;

void check_uintr_begin(void)
{
    senders_held = 0;
}

/* What follows is the registration's owner, behind others of its. */
static void check_owner(const slot_t *s, cap_t cap)
{
    const slot_t *owner = slot_next(s);
    while (owner && cap_is(owner->cap, CAP_REGISTRATION))
        owner = slot_next(owner);
    INVARIANT(owner && cap_is(owner->cap, CAP_NOTIFICATION) &&
                  cap_ptr(owner->cap) == cap_ptr(cap) &&
                  cap_badge(owner->cap) == cap_registration_badge(cap),
              "registration in slot %p: no notification capability with its badge follows",
              (const void *)s);
}

static void check_receiver(const slot_t *s, cap_t cap)
{
    unsigned entry = cap_receiver_index(cap);
    INVARIANT(entry < UINTC_ENTRIES, "receiver in slot %p: entry %u", (const void *)s, entry);
    const receiver_t *r = &receivers[entry];
    const notification_t *n = cap_ptr(cap);
    /* The thread may have ended already, with this slot of its zombie still to be emptied. */
    INVARIANT(r->tcb && s == &r->tcb->slots[TCB_SLOT_RECEIVER] && r->tcb->uintr.entry == entry &&
                  r->tcb->uintr_used,
              "receiver entry %u: thread %p does not know of it", entry, (const void *)r->tcb);
    INVARIANT(r->ntfn == n && ntfn_state(n) == NTFN_UINTR && ntfn_entry(n) == entry &&
                  n->bound == r->tcb,
              "receiver entry %u: notification %p; its registration says %p", entry,
              (const void *)r->ntfn, (const void *)n);
}

void check_registration(const slot_t *s)
{
    cap_t cap = s->cap;
    check_owner(s, cap);
    if (cap_is_receiver(cap)) {
        check_receiver(s, cap);
        return;
    }
    senders_held++;
    INVARIANT(ntfn_state(cap_ptr(cap)) == NTFN_UINTR,
              "sender in slot %p: notification %p has no receiver", (const void *)s, cap_ptr(cap));
    INVARIANT(sender_is_valid(s), "sender in slot %p: its entry at %lx is another's",
              (const void *)s, cap.w1);
}

static void check_entries(void)
{
    word_t listed = 0;
    for (unsigned i = 0; i < UINTC_ENTRIES; i++) {
        const receiver_t *r = &receivers[i];
        word_t low = uintc_read(i, UINTC_LOW);
        if (!r->tcb) {
            INVARIANT(!r->senders && !(low & (UINTC_LOW_ACTIVE | UINTC_LOW_SUPERVISOR)),
                      "receiver entry %u is free, but in use by senders or the UINTC (%lx)", i,
                      low);
            continue;
        }
        INVARIANT(!(low & UINTC_LOW_ACTIVE) || r->tcb->hart->uintr_owner == r->tcb,
                  "receiver entry %u is active, but thread %p does not run", i,
                  (const void *)r->tcb);
        INVARIANT((uint16_t)(low >> UINTC_LOW_HART_SHIFT) == r->tcb->hart->id,
                  "receiver entry %u interrupts hart %u, thread %p belongs to hart %u", i,
                  (uint16_t)(low >> UINTC_LOW_HART_SHIFT), (const void *)r->tcb, r->tcb->hart->id);
        listed += senders_of(i);
    }
    INVARIANT(listed == senders_held, "%lu senders are in receivers' lists, %lu in slots", listed,
              senders_held);
}

void check_uintr_end(void)
{
    word_t free = receivers_free(), used = 0, waiting = 0;
    for (unsigned i = 0; i < UINTC_ENTRIES; i++)
        used += receivers[i].tcb != NULL;
    INVARIANT(free + used == UINTC_ENTRIES, "%lu receiver entries are free, %lu in use", free,
              used);
    check_entries();
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next)
        waiting += receiver_waits(t);
    INVARIANT(waiting == receivers_waiting(), "%lu receivers wait, %lu are in the list", waiting,
              receivers_waiting());
    for (word_t i = 0; i < num_harts; i++)
        INVARIANT(!harts[i].uintr_owner ||
                      (check_is_thread(harts[i].uintr_owner) && harts[i].uintr_owner->uintr_used),
                  "hart %lu has the user-interrupt state of %p", i,
                  (const void *)harts[i].uintr_owner);
}

#endif
