/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of faults are endpoint capabilities in the thread; and timeouts are faults. */
#include "kernel/mcs/fault.h"

#include "kernel/ipc/message.h"
#include "kernel/lib/print.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/object/endpoint.h"
#include "kernel/trace/trace.h"

static void send_fault(tcb_t *t, cap_t handler, bool lend)
{
    t->fault = hart->fault;
    t->lookup = hart->lookup;
    fault_trace(t, &t->fault);
    hart->own.can_donate = lend;
    ep_send(cap_ptr(handler), t,
            (send_t){.blocking = true,
                     .call = true,
                     .can_grant = cap_may(handler, RIGHT_GRANT),
                     .can_grant_reply = cap_may(handler, RIGHT_GRANT_REPLY),
                     .badge = cap_badge(handler)});
}

void fault_timeout(tcb_t *t)
{
    send_fault(t, t->slots[TCB_SLOT_TIMEOUT].cap, false);
}

void fault_handle(tcb_t *t)
{
    cap_t handler = t->slots[TCB_SLOT_FAULT].cap;
    if (LIKELY(cap_is(handler, CAP_ENDPOINT))) {
        send_fault(t, handler, t->own.sc != NULL);
        return;
    }
    fault_t fault = hart->fault;
    fault_trace(t, &fault);
    TRACE(fault_unhandled, fault_kind(fault.type), 0, 0);
#ifdef U4_DEBUG
    kprintf("Found thread has no fault handler ");
#endif
    fault_stop(t, &fault);
}

word_t fault_set_own(tcb_t *sender, tcb_t *receiver, seL4_IPCBuffer *buffer)
{
    KASSERT(sender->fault.type == seL4_Fault_Timeout);
    word_t length = msg_set(receiver, buffer, seL4_Timeout_Data, sender->fault.timeout.badge);
    if (sender->own.sc)
        length = msg_set(receiver, buffer, seL4_Timeout_Consumed, sc_take_consumed(sender->own.sc));
    return length;
}

bool fault_apply_own(tcb_t *faulted, tcb_t *handler, const seL4_IPCBuffer *buffer, word_t length)
{
    for (word_t i = 0; i < length && i < CONTEXT_REGISTERS; i++)
        tcb_write_register(faulted, i, msg_get(handler, buffer, i));
    return info_label(handler->regs[REG_A1]) == 0;
}
