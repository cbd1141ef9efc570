/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/syscall/syscall.h"

#include "kernel/ipc/reply.h"
#include "kernel/object/irq.h"
#include "kernel/object/lookup.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

void syscall_cap_fault(cptr_t cptr, bool in_receive)
{
    hart->fault.type = seL4_Fault_CapFault;
    hart->fault.cap.address = cptr;
    hart->fault.cap.in_receive = in_receive;
    fault_handle(hart->current);
}

/* Messages leave events of their own. */
__attribute__((noinline, cold)) static void trace_invocation(status_t status, cap_t cap,
                                                             cptr_t cptr, word_t label)
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

ALWAYS_INLINE void finish_invocation(status_t status, bool call)
{
    tcb_t *t = hart->current;
    switch (status) {
    case OK:
        if (t->state == THREAD_RESTART) {
            if (call)
                msg_reply_success(t);
            t->state = THREAD_RUNNING;
        }
        break;
    case ERROR:
        t->state = THREAD_RUNNING;
        if (call)
            msg_reply_error(t);
        break;
    case PREEMPTED:
        /* The thread executes its system call again; first what preempted it. */
        policy_preempted();
        irq_handle_all();
        break;
    default: panic("invocation ended with status %d", (int)status);
    }
}

/* The two halves of an invocation, in place in both that need them: a call would cost as much as
 * half of them. First the message's capabilities. False: one cannot be found. */
ALWAYS_INLINE bool find_extra(tcb_t *t, word_t info, word_t *length)
{
    *length = info_length(info);
    hart->extra[0] = NULL;
    if (*length > MSG_REGISTERS || info_extra(info)) {
        const seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, false);
        if (UNLIKELY(msg_lookup_extra(t, buffer, info) != OK))
            return false;
        if (UNLIKELY(!buffer))
            *length = MIN(*length, (word_t)MSG_REGISTERS);
    }
    return true;
}

ALWAYS_INLINE status_t invoke(tcb_t *t, slot_t *slot, cptr_t cptr, word_t info, word_t length,
                              bool blocking, bool call)
{
    cap_t cap = slot->cap;
    hart->in_call = call;
    t->state = THREAD_RESTART;
    status_t status = object_invoke(info_label(info), length, cptr, slot, cap, blocking, call);
    if (TRACE_ON(invoke_result))
        trace_invocation(status, cap, cptr, info_label(info));
    finish_invocation(status, call);
    return status;
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
    if (LIKELY(find_extra(t, info, &length)))
        invoke(t, slot, cptr, info, length, blocking, call);
    else if (blocking)
        fault_handle(t);
}

status_t syscall_invoke(slot_t *slot, cptr_t cptr, word_t info, bool blocking, bool call)
{
    tcb_t *t = hart->current;
    word_t length;
    if (!find_extra(t, info, &length))
        return FAULTED;
    return invoke(t, slot, cptr, info, length, blocking, call);
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
