/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic kernel's system calls: receiving and replying by the caller slot. */
#include "abi/sel4/syscall.h"
#include "kernel/ipc/reply.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"

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
    case seL4_SysCall: syscall_send(cptr, info, true, true); break;
    case seL4_SysSend: syscall_send(cptr, info, true, false); break;
    case seL4_SysNBSend: syscall_send(cptr, info, false, false); break;
    case seL4_SysRecv: syscall_receive(cptr, true); break;
    case seL4_SysNBRecv: syscall_receive(cptr, false); break;
    case seL4_SysReply: handle_reply(); break;
    case seL4_SysReplyRecv:
        handle_reply();
        syscall_receive(cptr, true);
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

_Static_assert(seL4_SysCall == SYSCALL_CALL && seL4_SysReplyRecv == SYSCALL_REPLY_RECV &&
                   seL4_SysSend == SYSCALL_SEND,
               "trap.S");

/* A number that no configuration has reads as "none", and shows as an unknown_syscall fault. */
const uint8_t syscall_trace_numbers[SYSCALL_NUMBERS] = {
    [-seL4_SysCall] = TRACE_SYSCALL_CALL,   [-seL4_SysReplyRecv] = TRACE_SYSCALL_REPLYRECV,
    [-seL4_SysSend] = TRACE_SYSCALL_SEND,   [-seL4_SysNBSend] = TRACE_SYSCALL_NBSEND,
    [-seL4_SysRecv] = TRACE_SYSCALL_RECV,   [-seL4_SysReply] = TRACE_SYSCALL_REPLY,
    [-seL4_SysYield] = TRACE_SYSCALL_YIELD, [-seL4_SysNBRecv] = TRACE_SYSCALL_NBRECV,
    SYSCALL_TRACE_NUMBERS_OF_DEBUG,
};
