/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/syscall/syscall.h"

#include "abi/sel4/syscall.h"
#include "kernel/ipc/message.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/irq.h"
#include "kernel/object/lookup.h"
#include "kernel/object/notification.h"
#include "kernel/object/object.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

static void cap_fault(cptr_t cptr, bool in_receive)
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

static void finish_invocation(status_t status, bool call)
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
        irq_handle_all();
        break;
    default: panic("invocation ended with status %d", (int)status);
    }
}

static void handle_send(cptr_t cptr, word_t info, bool blocking, bool call)
{
    tcb_t *t = hart->current;
    slot_t *slot = cspace_lookup(t, cptr);
    if (UNLIKELY(!slot)) {
        if (blocking)
            cap_fault(cptr, false);
        return;
    }
    word_t length = info_length(info);
    hart->extra[0] = NULL;
    if (length > MSG_REGISTERS || info_extra(info)) {
        const seL4_IPCBuffer *buffer = tcb_ipc_buffer(t, false);
        if (UNLIKELY(msg_lookup_extra(t, buffer, info) != OK)) {
            if (blocking)
                fault_handle(t);
            return;
        }
        if (UNLIKELY(!buffer))
            length = MIN(length, (word_t)MSG_REGISTERS);
    }
    cap_t cap = slot->cap;
    hart->in_call = call;
    t->state = THREAD_RESTART;
    status_t status = object_invoke(info_label(info), length, cptr, slot, cap, blocking, call);
    if (TRACE_ON(invoke_result))
        trace_invocation(status, cap, cptr, info_label(info));
    finish_invocation(status, call);
}

static void handle_receive(cptr_t cptr, bool blocking)
{
    tcb_t *t = hart->current;
    const slot_t *slot = cspace_lookup(t, cptr);
    if (UNLIKELY(!slot)) {
        cap_fault(cptr, true);
        return;
    }
    cap_t cap = slot->cap;
    if (LIKELY(cap_is(cap, CAP_ENDPOINT) && cap_may(cap, RIGHT_RECV))) {
        if (!slot_empty(&t->slots[TCB_SLOT_CALLER]))
            reply_unlink(&t->slots[TCB_SLOT_CALLER]);
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
    TRACE(fault_lookup, seL4_MissingCapability, 0, cap_type(cap), cptr, 0, 0);
    cap_fault(cptr, true);
}

static void handle_reply(void)
{
    tcb_t *t = hart->current;
    slot_t *caller = &t->slots[TCB_SLOT_CALLER];
    cap_t cap = caller->cap;
    if (cap_is(cap, CAP_REPLY) && cap_ptr(cap) != t)
        reply_transfer(t, cap_ptr(cap), caller, cap_reply_grant(cap));
}

void syscall_handle(cptr_t cptr, word_t info, int64_t number)
{
    switch (number) {
    case seL4_SysCall: handle_send(cptr, info, true, true); break;
    case seL4_SysSend: handle_send(cptr, info, true, false); break;
    case seL4_SysNBSend: handle_send(cptr, info, false, false); break;
    case seL4_SysRecv: handle_receive(cptr, true); break;
    case seL4_SysNBRecv: handle_receive(cptr, false); break;
    case seL4_SysReply: handle_reply(); break;
    case seL4_SysReplyRecv:
        handle_reply();
        handle_receive(cptr, true);
        break;
    case seL4_SysYield: sched_yield(); break;
    default:
        if (!syscall_extra(number)) {
            hart->fault.type = seL4_Fault_UnknownSyscall;
            hart->fault.syscall = (word_t)number;
            fault_handle(hart->current);
        }
    }
}

/* A number that no configuration has reads as "none", and shows as an unknown_syscall fault. */
const uint8_t syscall_trace_numbers[SYSCALL_NUMBERS] = {
    [-seL4_SysCall] = TRACE_SYSCALL_CALL,
    [-seL4_SysReplyRecv] = TRACE_SYSCALL_REPLYRECV,
    [-seL4_SysSend] = TRACE_SYSCALL_SEND,
    [-seL4_SysNBSend] = TRACE_SYSCALL_NBSEND,
    [-seL4_SysRecv] = TRACE_SYSCALL_RECV,
    [-seL4_SysReply] = TRACE_SYSCALL_REPLY,
    [-seL4_SysYield] = TRACE_SYSCALL_YIELD,
    [-seL4_SysNBRecv] = TRACE_SYSCALL_NBRECV,
    [-seL4_SysDebugPutChar] = TRACE_SYSCALL_DEBUGPUTCHAR,
    [-seL4_SysDebugDumpScheduler] = TRACE_SYSCALL_DEBUGDUMPSCHEDULER,
    [-seL4_SysDebugHalt] = TRACE_SYSCALL_DEBUGHALT,
    [-seL4_SysDebugCapIdentify] = TRACE_SYSCALL_DEBUGCAPIDENTIFY,
    [-seL4_SysDebugSnapshot] = TRACE_SYSCALL_DEBUGSNAPSHOT,
    [-seL4_SysDebugNameThread] = TRACE_SYSCALL_DEBUGNAMETHREAD,
    [-seL4_SysDebugSendIPI] = TRACE_SYSCALL_DEBUGSENDIPI,
    [-seL4_SysDebugGetThreadAffinity] = TRACE_SYSCALL_DEBUGGETTHREADAFFINITY,
    [-seL4_SysDebugRun] = TRACE_SYSCALL_DEBUGRUN,
    [-seL4_SysSetTLSBase] = TRACE_SYSCALL_SETTLSBASE,
};
