/* SPDX-License-Identifier: GPL-2.0-only */
/* The MCS kernel's system calls: nothing is done for a thread whose budget is used up. */
#include "kernel/syscall/syscall.h"

#include "abi/sel4/syscall.h"
#include "abi/u4/extensions.h"
#include "kernel/ipc/reply.h"
#include "kernel/object/lookup.h"
#include "kernel/trace/trace.h"

bool reply_find(tcb_t *t)
{
    cptr_t cptr = t->regs[REG_A6];
    const slot_t *slot = cspace_lookup(t, cptr);
    if (UNLIKELY(!slot)) {
        syscall_cap_fault(cptr, true);
        return false;
    }
    if (UNLIKELY(!cap_is(slot->cap, CAP_REPLY))) {
        hart->lookup = (lookup_failure_t){.type = seL4_MissingCapability};
        TRACE(fault_lookup, TRACE_JOIN_fault_lookup(seL4_MissingCapability, cap_type(slot->cap)), 0,
              cptr, 0, 0);
        syscall_cap_fault(cptr, true);
        return false;
    }
    reply_t *r = cap_ptr(slot->cap);
    if (r->tcb && r->tcb != t)
        ipc_cancel(r->tcb);
    hart->own.reply = r;
    return true;
}

static void send(cptr_t cptr, word_t info, bool blocking, bool call)
{
    hart->own.can_donate = call;
    syscall_send(cptr, info, blocking, call);
}

static void receive(cptr_t cptr, bool blocking, bool takes_reply)
{
    hart->own.takes_reply = takes_reply;
    syscall_receive(cptr, blocking);
}

/* Sends over `dest`, never waiting, then receives. */
static void send_receive(cptr_t dest, cptr_t cptr, word_t info, bool takes_reply)
{
    hart->own.in_send_phase = true;
    hart->own.can_donate = true;
    syscall_send(dest, info, false, false);
    hart->own.in_send_phase = false;
    /* Preempted: both will be done again. */
    if (hart->current->state == THREAD_RUNNING)
        receive(cptr, true, takes_reply);
}

static void handle(cptr_t cptr, word_t info, int64_t number)
{
    const word_t *regs = hart->current->regs;
    switch (number) {
    case seL4_SysCall: send(cptr, info, true, true); break;
    case seL4_SysReplyRecv: send_receive(regs[REG_A6], cptr, info, true); break;
    case seL4_SysNBSendRecv: send_receive(regs[REG_T0], cptr, info, true); break;
    case seL4_SysNBSendWait: send_receive(regs[REG_A6], cptr, info, false); break;
    case seL4_SysSend: send(cptr, info, true, false); break;
    case seL4_SysNBSend: send(cptr, info, false, false); break;
    case seL4_SysRecv: receive(cptr, true, true); break;
    case seL4_SysNBRecv: receive(cptr, false, true); break;
    case seL4_SysWait: receive(cptr, true, false); break;
    case seL4_SysNBWait: receive(cptr, false, false); break;
    case seL4_SysYield: sched_yield(); break;
    default:
        hart->fault.type = seL4_Fault_UnknownSyscall;
        hart->fault.syscall = (word_t)number;
        fault_handle(hart->current);
    }
}

void syscall_handle(cptr_t cptr, word_t info, int64_t number)
{
    bool stock = number < 0 && number >= seL4_SysYield;
    /* Debug calls cost no budget, as on seL4; u4's own do, since they can block. */
    if (!stock && number > U4_SYSCALL_BASE && syscall_extra(number))
        return;
    if (!policy_enter())
        return;
    /* Waiting on an endpoint without one is seL4_Wait's way. */
    hart->own.takes_reply = number == u4_SysSignalWait && hart->current->regs[REG_A6];
    if (number > U4_SYSCALL_BASE || !syscall_extra(number))
        handle(cptr, info, number);
}

_Static_assert(seL4_SysCall == SYSCALL_CALL && seL4_SysReplyRecv == SYSCALL_REPLY_RECV &&
                   seL4_SysSend == SYSCALL_SEND,
               "trap.S");

/* A number that no configuration has reads as "none", and shows as an unknown_syscall fault. */
const uint8_t syscall_trace_numbers[SYSCALL_NUMBERS] = {
    [-seL4_SysCall] = TRACE_SYSCALL_CALL,
    [-seL4_SysReplyRecv] = TRACE_SYSCALL_REPLYRECV,
    [-seL4_SysNBSendRecv] = TRACE_SYSCALL_NBSENDRECV,
    [-seL4_SysNBSendWait] = TRACE_SYSCALL_NBSENDWAIT,
    [-seL4_SysSend] = TRACE_SYSCALL_SEND,
    [-seL4_SysNBSend] = TRACE_SYSCALL_NBSEND,
    [-seL4_SysRecv] = TRACE_SYSCALL_RECV,
    [-seL4_SysNBRecv] = TRACE_SYSCALL_NBRECV,
    [-seL4_SysWait] = TRACE_SYSCALL_WAIT,
    [-seL4_SysNBWait] = TRACE_SYSCALL_NBWAIT,
    [-seL4_SysYield] = TRACE_SYSCALL_YIELD,
    SYSCALL_TRACE_NUMBERS_OF_DEBUG,
};
