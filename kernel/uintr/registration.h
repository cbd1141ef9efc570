/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registrations with a notification: that a thread is its receiver, or that a sender table has
 * an index for it. Each is a capability (CAP_REGISTRATION) in a slot of its own, inside the
 * receiver's TCB or the sender table, where no user can name it. In the derivation list it
 * directly precedes the notification capability that was registered with, as that one's sibling:
 *
 *   parent ... | registrations with A | A | copies of A ... | registrations with B | B ...
 *
 * So revoking an ancestor deletes registrations like everything else, and deleting or revoking
 * A itself first deletes the run before it (delete.c): afterwards nothing is left of them.
 */
#ifndef KERNEL_UINTR_REGISTRATION_H
#define KERNEL_UINTR_REGISTRATION_H

#include "kernel/uintr/receiver.h"

/* A registration that must end before the capability in `s` is deleted, or NULL: the next one with
 * a notification capability, or a sender's of a receiver. */
ALWAYS_INLINE slot_t *registration_of(const slot_t *s)
{
    if (cap_is(s->cap, CAP_NOTIFICATION)) {
        slot_t *prev = slot_prev(s);
        return prev && cap_is(prev->cap, CAP_REGISTRATION) && cap_ptr(prev->cap) == cap_ptr(s->cap)
                   ? prev
                   : NULL;
    }
    if (cap_is(s->cap, CAP_REGISTRATION) && cap_is_receiver(s->cap))
        return receivers[cap_receiver_index(s->cap)].senders;
    return NULL;
}

/* Undoes what the registration stands for; its slot is to be emptied next. */
void registration_end(cap_t cap);

#endif
