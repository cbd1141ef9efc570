/* SPDX-License-Identifier: GPL-2.0-only */
/* The two halves of an invocation by the current thread, in place in both that need them, system
 * calls and rings of them: a call would cost as much as half of what it calls. */
#ifndef KERNEL_SYSCALL_INVOCATION_H
#define KERNEL_SYSCALL_INVOCATION_H

#include "kernel/ipc/message.h"
#include "kernel/object/irq.h"
#include "kernel/object/object.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"

/* syscall.c: its event; messages leave events of their own. */
void invocation_trace(status_t status, cap_t cap, cptr_t cptr, word_t label);

ALWAYS_INLINE void invocation_finish(status_t status, bool call)
{
    tcb_t *t = hart->current;
    if (LIKELY(status == OK)) {
        if (t->state == THREAD_RESTART) {
            if (call)
                msg_reply_success(t);
            t->state = THREAD_RUNNING;
        }
        return;
    }
    switch (status) {
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

/* First the message's capabilities. False: one cannot be found. */
ALWAYS_INLINE bool invocation_extra(tcb_t *t, word_t info, word_t *length)
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

/* Then the invocation of the capability in `slot`, and its answer. */
ALWAYS_INLINE status_t invocation_make(tcb_t *t, slot_t *slot, cptr_t cptr, word_t info,
                                       word_t length, bool blocking, bool call)
{
    cap_t cap = slot->cap;
    hart->in_call = call;
    t->state = THREAD_RESTART;
    status_t status = object_invoke(info_label(info), length, cptr, slot, cap, blocking, call);
    if (TRACE_ON(invoke_result))
        invocation_trace(status, cap, cptr, info_label(info));
    invocation_finish(status, call);
    return status;
}

#endif
