/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/ipc/reply.h"
#include "kernel/object/own.h"

void reply_setup(tcb_t *sender, tcb_t *receiver, bool can_grant)
{
    thread_set_state(sender, THREAD_BLOCKED_REPLY);
    KASSERT(cap_is(sender->slots[TCB_SLOT_REPLY].cap, CAP_REPLY));
    KASSERT(slot_empty(&receiver->slots[TCB_SLOT_CALLER]));
    KASSERT(!slot_next(&sender->slots[TCB_SLOT_REPLY]));
    reply_link(sender, receiver, can_grant);
}

void reply_drop(tcb_t *caller)
{
    slot_t *held = slot_next(&caller->slots[TCB_SLOT_REPLY]);
    if (held)
        reply_unlink(held);
}

ALWAYS_INLINE void wake(tcb_t *t, unsigned reason)
{
    TRACE(sched_wake, reason, t->priority, TRACE_REF(t), 0);
    (void)reason;
    sched_possible_switch(t);
}

void reply_transfer(tcb_t *sender, tcb_t *caller, slot_t *slot, bool grant)
{
    KASSERT(caller->state == THREAD_BLOCKED_REPLY);
    if (LIKELY(caller->fault.type == 0)) {
        msg_transfer(sender, NULL, 0, grant, caller, TRACE_IPC_KIND_REPLY);
        reply_unlink(slot);
        caller->state = THREAD_RUNNING;
        wake(caller, TRACE_WAKE_REASON_REPLY);
        return;
    }
    TRACE(ipc_transfer,
          TRACE_JOIN_ipc_transfer(TRACE_IPC_KIND_FAULT_REPLY, 0, TRACE_IPC_SIDE_SENDER),
          info_length(sender->regs[REG_A1]), TRACE_REF(caller), 0, 0);
    reply_unlink(slot);
    bool goes_on = fault_apply_reply(caller, sender);
    caller->fault.type = 0;
    TRACE(fault_reply, goes_on, TRACE_REF(caller));
    if (goes_on) {
        caller->state = THREAD_RESTART;
        wake(caller, TRACE_WAKE_REASON_FAULT_REPLY);
    } else {
        thread_set_state(caller, THREAD_INACTIVE);
    }
}

status_t own_cnode_invoke(slot_t *dest)
{
    status_t status = slot_ensure_empty(dest);
    if (status != OK)
        return status;
    slot_t *caller = &hart->current->slots[TCB_SLOT_CALLER];
    if (!slot_empty(caller)) {
        slot_move(caller, dest, caller->cap);
        TRACE(cap_make, TRACE_CAP_OP_SAVE_CALLER, CAP_REPLY, TRACE_REF(dest), TRACE_REF(caller),
              TRACE_REF(cap_object(dest->cap)), 0);
    }
    return OK;
}
