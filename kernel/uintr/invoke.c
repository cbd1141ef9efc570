/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations that register and unregister: each checks everything, then acts. */
#include "kernel/uintr/invoke.h"

#include "abi/u4/extensions.h"
#include "kernel/ipc/message.h"
#include "kernel/object/object.h"
#include "kernel/syscall/error.h"
#include "kernel/uintr/receiver.h"
#include "kernel/uintr/registration.h"
#include "kernel/uintr/table.h"

void registration_end(cap_t cap)
{
    if (cap_is_receiver(cap))
        receiver_end(cap);
    else
        sender_end(cap);
}

/* The notification argument, with `right`; NULL: an error was noted. */
static slot_t *ntfn_argument(word_t right, word_t reason)
{
    slot_t *from = hart->extra[0];
    if (!from) {
        fail_truncated();
    } else if (!cap_is(from->cap, CAP_NOTIFICATION) || !cap_may(from->cap, right)) {
        fail_cap(1, reason);
    } else {
        return from;
    }
    return NULL;
}

static status_t register_receiver(tcb_t *t)
{
    slot_t *from = ntfn_argument(RIGHT_RECV, REASON(NTFN_RIGHTS));
    if (!from)
        return ERROR;
    const notification_t *n = cap_ptr(from->cap);
    if (!slot_empty(&t->slots[TCB_SLOT_RECEIVER]))
        return fail_illegal(REASON(UINTR_RECEIVER_SET));
    if (ntfn_state(n) != NTFN_IDLE || n->bound)
        return fail_illegal(REASON(NTFN_IN_USE));
    return receiver_register(t, from);
}

static status_t unregister_receiver(tcb_t *t)
{
    slot_t *slot = &t->slots[TCB_SLOT_RECEIVER];
    return slot_empty(slot) ? fail_illegal(REASON(UINTR_RECEIVER_NONE)) : slot_delete(slot);
}

status_t uintr_tcb_invoke(tcb_t *t, word_t label)
{
    switch (label) {
    case u4_TCBSetSenderTable: return sender_table_bind(t, hart->extra[0]);
    case u4_TCBRegisterReceiver: return register_receiver(t);
    case u4_TCBUnregisterReceiver: return unregister_receiver(t);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

static status_t register_sender(cap_t table)
{
    slot_t *from = ntfn_argument(RIGHT_SEND, REASON(RIGHTS_SEND));
    if (!from)
        return ERROR;
    if (cap_badge(from->cap) >= UINTC_VECTORS)
        return fail_range(0, UINTC_VECTORS - 1, REASON(UINTR_VECTOR));
    if (ntfn_state(cap_ptr(from->cap)) != NTFN_UINTR)
        return fail_illegal(REASON(UINTR_RECEIVER_NONE));
    word_t index;
    status_t status = sender_register(table, from, &index);
    if (status == OK)
        invoke_answer(&index, 1);
    return status;
}

static status_t unregister_sender(cap_t table, word_t length)
{
    if (length < 1)
        return fail_truncated();
    word_t index = syscall_arg(0), count = sender_table_count(table);
    if (index >= count)
        return fail_range(0, count - 1, REASON(UINTR_INDEX));
    slot_t *slot = sender_at(table, index);
    return slot ? slot_delete(slot) : fail_argument(0, REASON(UINTR_INDEX));
}

status_t sender_table_invoke(cap_t cap, word_t label, word_t length)
{
    switch (label) {
    case u4_SenderTableRegister: return register_sender(cap);
    case u4_SenderTableUnregister: return unregister_sender(cap, length);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
