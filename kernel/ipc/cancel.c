/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/ipc/reply.h"
#include "kernel/object/notification.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

void ipc_cancel(tcb_t *t)
{
    reply_abandon(t);
    switch (t->state) {
    case THREAD_BLOCKED_SEND:
    case THREAD_BLOCKED_RECV:
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(t->blocked_on));
        ep_dequeue(t->blocked_on, t);
        thread_set_state(t, THREAD_INACTIVE);
        break;
    case THREAD_BLOCKED_NTFN:
        TRACE(ipc_cancel, TRACE_REF(t), TRACE_REF(t->blocked_on));
        ntfn_dequeue(t->blocked_on, t);
        thread_set_state(t, THREAD_INACTIVE);
        break;
    case THREAD_BLOCKED_REPLY:
        TRACE(ipc_cancel, TRACE_REF(t), 0);
        t->fault.type = 0;
        reply_drop(t);
        break;
    default: break;
    }
}
