/* SPDX-License-Identifier: GPL-2.0-only */
/* An invocation goes to the code of the object's type; endpoints and replies are messages. */
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/irq.h"
#include "kernel/object/notification.h"
#include "kernel/object/own.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/control.h"
#include "kernel/uintr/table.h"

#define WORK_UNITS 100

static status_t invoke_endpoint(cap_t cap, bool blocking, bool call)
{
    if (!cap_may(cap, RIGHT_SEND))
        return fail_cap(0, REASON(RIGHTS_SEND));
    ep_send(cap_ptr(cap), hart->current,
            (send_t){.blocking = blocking,
                     .call = call,
                     .can_grant = cap_may(cap, RIGHT_GRANT),
                     .can_grant_reply = cap_may(cap, RIGHT_GRANT_REPLY),
                     .badge = cap_badge(cap)});
    return OK;
}

static status_t invoke_notification(cap_t cap)
{
    if (!cap_may(cap, RIGHT_SEND))
        return fail_cap(0, REASON(RIGHTS_SEND));
    ntfn_signal(cap_ptr(cap), cap_badge(cap));
    return OK;
}

status_t object_invoke(word_t label, word_t length, cptr_t cptr, slot_t *slot, cap_t cap,
                       bool blocking, bool call)
{
    status_t status = own_may_invoke(cap);
    (void)cptr;
    if (status != OK)
        return status;
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: return invoke_endpoint(cap, blocking, call);
    case CAP_NOTIFICATION: return invoke_notification(cap);
    case CAP_REPLY: return own_invoke_reply(slot, cap);
    case CAP_TCB: return tcb_invoke(slot, cap, label, length, call);
    case CAP_CNODE: return cnode_invoke(cap, label, length);
    case CAP_UNTYPED: return untyped_invoke(slot, cap, label, length);
    case CAP_IRQ_CONTROL: return irq_control_invoke(slot, label, length);
    case CAP_IRQ_HANDLER: return irq_handler_invoke(cap, label);
    case CAP_DOMAIN: return domain_invoke(label, length);
    case CAP_FRAME: return frame_invoke(slot, cap, label, length, call);
    case CAP_PAGE_TABLE: return page_table_invoke(slot, cap, label, length);
    case CAP_ASID_CONTROL: return asid_control_invoke(label, length);
    case CAP_ASID_POOL: return asid_pool_invoke(cap, label);
    case CAP_TRACE: return trace_invoke(label, length);
    case CAP_SENDER_TABLE: return sender_table_invoke(cap, label, length);
    case CAP_NULL: return fail_cap(0, REASON(NULL_CAP));
    default: return own_invoke(cap, label, length);
    }
}

status_t preemption_point(void)
{
    if (++hart->work_units < WORK_UNITS)
        return OK;
    hart->work_units = 0;
    return irq_pending() || policy_expired() ? PREEMPTED : OK;
}
