/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deleting and revoking. The last capability to a CNode or TCB becomes a zombie that counts the
 * slots still to be emptied, from the end; each step can be preempted and picked up again. A
 * zombie met inside another is not descended into: it is swapped into its own first slot, out of
 * the way, so the depth of nesting never matters. What stays there is found again through the
 * derivation tree when its memory is revoked.
 */
#include "kernel/object/object.h"

#include "kernel/object/irq.h"
#include "kernel/object/slot.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/registration.h"

/* Empties a slot whose capability has been finalised. */
static void empty_slot(slot_t *s, cap_t cleanup)
{
    if (slot_empty(s))
        return;
    slot_remove(s);
    if (cap_is(cleanup, CAP_IRQ_HANDLER))
        irq_release(cleanup.w1);
}

/* A zombie in its own first slot. */
static bool is_cyclic(cap_t cap, const slot_t *s)
{
    return cap_is(cap, CAP_ZOMBIE) && cap_ptr(cap) == s;
}

static bool is_removable(cap_t remainder, const slot_t *s)
{
    if (cap_is(remainder, CAP_NULL))
        return true;
    return remainder.w1 == 0 || (remainder.w1 == 1 && is_cyclic(remainder, s));
}

__attribute__((noinline, cold)) static void trace_delete(const slot_t *s, bool final)
{
    TRACE(cap_delete, final, cap_type(s->cap), TRACE_REF(s), TRACE_REF(cap_object(s->cap)));
    (void)s;
    (void) final;
}

/*
 * What was registered with the capability in `s` ends before it. A receiver's registration in
 * turn has its senders' before it; theirs have none. One at a time: there may be many.
 */
__attribute__((noinline, cold)) static status_t end_all_registrations(const slot_t *s)
{
    for (;;) {
        slot_t *last = NULL;
        for (slot_t *r = registration_of(s); r; r = registration_of(r))
            last = r;
        if (!last)
            return OK;
        if (TRACE_ON(cap_delete))
            trace_delete(last, false);
        registration_end(last->cap);
        slot_remove(last);
        status_t status = preemption_point();
        if (status != OK)
            return status;
    }
}

static status_t end_registrations(const slot_t *s)
{
    return UNLIKELY(registration_of(s) != NULL) ? end_all_registrations(s) : OK;
}

static finalise_t finalise_slot_cap(slot_t *s)
{
    bool final = slot_is_final(s);
    if (TRACE_ON(cap_delete))
        trace_delete(s, final);
    return cap_finalise(s->cap, final, false);
}

/* Empties a slot inside a zombie. May leave a cyclic zombie behind. */
static status_t clear_inner_slot(slot_t *s)
{
    while (!slot_empty(s)) {
        status_t ended = end_registrations(s);
        if (ended != OK)
            return ended;
        finalise_t f = finalise_slot_cap(s);
        if (is_removable(f.remainder, s)) {
            empty_slot(s, f.cleanup);
            return OK;
        }
        s->cap = f.remainder;
        if (is_cyclic(f.remainder, s))
            return OK;
        slot_t *own = cap_ptr(f.remainder);
        slot_swap(s, own->cap, own, s->cap);
        status_t status = preemption_point();
        if (status != OK)
            return status;
    }
    return OK;
}

/* Empties the last slot of the zombie in `s` and shortens it. */
static status_t shorten_zombie(slot_t *s)
{
    cap_t zombie = s->cap;
    slot_t *slots = cap_ptr(zombie);
    status_t status = clear_inner_slot(&slots[zombie.w1 - 1]);
    if (status != OK)
        return status;
    /* Meanwhile the zombie may have been swapped away from here, or have become null. */
    if (cap_is(s->cap, CAP_ZOMBIE) && cap_ptr(s->cap) == slots && s->cap.w1 == zombie.w1)
        s->cap.w1--;
    return OK;
}

status_t slot_delete(slot_t *s)
{
    while (!slot_empty(s)) {
        status_t status = end_registrations(s);
        if (status == OK) {
            finalise_t f = finalise_slot_cap(s);
            if (is_removable(f.remainder, s)) {
                empty_slot(s, f.cleanup);
                return OK;
            }
            s->cap = f.remainder;
            status = shorten_zombie(s);
        }
        if (status == OK)
            status = preemption_point();
        if (status != OK) {
            TRACE(kernel_preempt, TRACE_LONG_OP_DELETE);
            return status;
        }
    }
    return OK;
}

void slot_delete_simple(slot_t *s)
{
    if (slot_empty(s))
        return;
    KASSERT(!registration_of(s));
    finalise_t f = finalise_slot_cap(s);
    KASSERT(cap_is(f.remainder, CAP_NULL));
    empty_slot(s, f.cleanup);
}

status_t slot_revoke(slot_t *s)
{
    word_t deleted = 0;
    status_t ended = end_registrations(s);
    if (ended != OK)
        return ended;
    while (slot_has_child(s)) {
        status_t status = slot_delete(slot_next(s));
        if (status == OK) {
            deleted++;
            status = preemption_point();
        }
        if (status != OK) {
            TRACE(kernel_preempt, TRACE_LONG_OP_REVOKE);
            return status;
        }
    }
    TRACE(cap_revoke, TRACE_REF(s), deleted);
    return OK;
}
