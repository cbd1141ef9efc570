/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/syscall/syscall.h"

#include "kernel/ipc/reply.h"
#include "kernel/object/irq.h"
#include "kernel/object/lookup.h"
#include "kernel/sched/policy.h"
#include "kernel/syscall/invocation.h"

void syscall_cap_fault(cptr_t cptr, bool in_receive)
{
    hart->fault.type = seL4_Fault_CapFault;
    hart->fault.cap.address = cptr;
    hart->fault.cap.in_receive = in_receive;
    fault_handle(hart->current);
}

__attribute__((cold)) void invocation_trace(status_t status, cap_t cap, cptr_t cptr, word_t label)
{
    if (!cap_is(cap, CAP_ENDPOINT) && !cap_is(cap, CAP_NOTIFICATION) && !cap_is(cap, CAP_REPLY))
        TRACE(invoke_result,
              status == OK          ? TRACE_ERROR_NOERROR
              : status == PREEMPTED ? TRACE_ERROR_PREEMPTED
                                    : hart->error.type,
              cap_type(cap), label, TRACE_REF(cap_object(cap)), cptr,
              status == ERROR ? hart->error.reason : 0);
    (void)status;
    (void)cptr;
    (void)label;
}

void syscall_send(cptr_t cptr, word_t info, bool blocking, bool call)
{
    tcb_t *t = hart->current;
    slot_t *slot = cspace_lookup(t, cptr);
    word_t length;
    if (UNLIKELY(!slot)) {
        if (blocking)
            syscall_cap_fault(cptr, false);
        return;
    }
    if (LIKELY(invocation_extra(t, info, &length)))
        invocation_make(t, slot, cptr, info, length, blocking, call);
    else if (blocking)
        fault_handle(t);
}

void syscall_receive(cptr_t cptr, bool blocking)
{
    tcb_t *t = hart->current;
    const slot_t *slot = cspace_lookup(t, cptr);
    if (UNLIKELY(!slot)) {
        syscall_cap_fault(cptr, true);
        return;
    }
    cap_t cap = slot->cap;
    if (LIKELY(cap_is(cap, CAP_ENDPOINT) && cap_may(cap, RIGHT_RECV))) {
        if (reply_prepare(t))
            ep_receive(t, cap, blocking);
        return;
    }
    if (cap_is(cap, CAP_NOTIFICATION) && cap_may(cap, RIGHT_RECV)) {
        notification_t *n = cap_ptr(cap);
        if (!n->bound || n->bound == t) {
            ntfn_receive(t, n, blocking);
            return;
        }
    }
    hart->lookup = (lookup_failure_t){.type = seL4_MissingCapability};
    TRACE(fault_lookup, TRACE_JOIN_fault_lookup(seL4_MissingCapability, cap_type(cap)), 0, cptr, 0,
          0);
    syscall_cap_fault(cptr, true);
}
