/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of TCBs: each function checks everything, then acts. What the two kernels do
 * differently is in their own tcb_invoke.c. */
#include "abi/sel4/invocation.h"
#include "abi/u4/extensions.h"
#include "kernel/async/async.h"
#include "kernel/ipc/message.h"
#include "kernel/object/notification.h"
#include "kernel/object/own.h"
#include "kernel/object/tcb.h"
#include "kernel/object/tcb_spaces.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/error.h"
#include "kernel/smp/smp.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/invoke.h"

#define FRAME_REGISTERS 16
#define INTEGER_REGISTERS 16

/* seL4_UserContext's order. */
static const uint8_t context_order[CONTEXT_REGISTERS] = {
    REG_PC, 1,  2,  3,  8,  9,  18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
    10,     11, 12, 13, 14, 15, 16, 17, 5,  6,  7,  28, 29, 30, 31, 4,
};

static word_t read_register(const tcb_t *t, unsigned reg)
{
    return reg == REG_PC ? t->fault_pc : t->regs[reg];
}

void tcb_write_register(tcb_t *t, word_t i, word_t value)
{
    unsigned reg = context_order[i];
    if (reg == REG_PC)
        t->fault_pc = value;
    else
        t->regs[reg] = value;
}

void tcb_touched(tcb_t *t)
{
    if (t == hart->current)
        sched_reschedule();
}

static status_t read_registers(tcb_t *t, word_t length)
{
    if (length < 2)
        return fail_truncated();
    word_t flags = syscall_arg(0), count = syscall_arg(1);
    if (count < 1 || count > CONTEXT_REGISTERS)
        return fail_range(1, CONTEXT_REGISTERS, REASON(TCB_RANGE));
    if (t == hart->current)
        return fail_illegal(REASON(TCB_SELF));
    if (flags & 1)
        tcb_suspend(t);
    word_t values[CONTEXT_REGISTERS];
    for (word_t i = 0; i < count; i++)
        values[i] = read_register(t, context_order[i]);
    invoke_answer(values, count);
    return OK;
}

static status_t write_registers(tcb_t *t, word_t length)
{
    if (length < 2)
        return fail_truncated();
    word_t flags = syscall_arg(0), count = syscall_arg(1);
    if (length - 2 < count)
        return fail_truncated();
    if (t == hart->current)
        return fail_illegal(REASON(TCB_SELF));
    count = MIN(count, (word_t)CONTEXT_REGISTERS);
    for (word_t i = 0; i < count; i++)
        tcb_write_register(t, i, syscall_arg(i + 2));
    t->regs[REG_PC] = t->fault_pc;
    TRACE(thread_start, TRACE_REF(t), t->regs[REG_SP], t->fault_pc);
    if (flags & 1)
        tcb_restart(t);
    return OK;
}

static status_t copy_registers(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0])
        return fail_truncated();
    cap_t cap = hart->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB))
        return fail_cap(1, REASON(TCB_AUTHORITY));
    tcb_t *source = cap_ptr(cap);
    word_t flags = syscall_arg(0);
    smp_stall(source);
    if (flags & 1)
        tcb_suspend(source);
    if (flags & 2)
        tcb_restart(t);
    if (flags & 4) {
        for (word_t i = 0; i < FRAME_REGISTERS; i++)
            tcb_write_register(t, i, read_register(source, context_order[i]));
        t->regs[REG_PC] = t->fault_pc;
    }
    if (flags & 8)
        for (word_t i = FRAME_REGISTERS; i < CONTEXT_REGISTERS; i++)
            tcb_write_register(t, i, read_register(source, context_order[i]));
    tcb_touched(t);
    return OK;
}

static status_t set_ipc_buffer(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0])
        return fail_truncated();
    space_t buffer;
    word_t address = syscall_arg(0);
    status_t status = tcb_check_buffer(address, hart->extra[0], &buffer);
    if (status == OK)
        status = tcb_set_buffer(t, address, &buffer);
    tcb_touched(t);
    return status;
}

status_t tcb_check_priority(word_t wanted)
{
    cap_t cap = hart->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB))
        return fail_cap(1, REASON(TCB_AUTHORITY));
    word_t limit = ((const tcb_t *)cap_ptr(cap))->mcp;
    if (wanted > limit)
        return fail_range(0, limit, REASON(TCB_PRIORITY));
    return OK;
}

static status_t set_priority(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0])
        return fail_truncated();
    word_t priority = syscall_arg(0);
    status_t status = tcb_check_priority(priority);
    if (status != OK)
        return status;
    TRACE(sched_priority, priority, t->mcp, TRACE_REF(t));
    sched_set_priority(t, priority);
    return OK;
}

static status_t set_mcp(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0])
        return fail_truncated();
    word_t mcp = syscall_arg(0);
    status_t status = tcb_check_priority(mcp);
    if (status != OK)
        return status;
    t->mcp = mcp;
    TRACE(sched_priority, t->priority, mcp, TRACE_REF(t));
    return OK;
}

static status_t bind_notification(tcb_t *t)
{
    if (!hart->extra[0])
        return fail_truncated();
    if (t->bound)
        return fail_illegal(REASON(TCB_BOUND));
    cap_t cap = hart->extra[0]->cap;
    if (!cap_is(cap, CAP_NOTIFICATION) || !cap_may(cap, RIGHT_RECV))
        return fail_illegal(REASON(NTFN_RIGHTS));
    notification_t *n = cap_ptr(cap);
    if (ntfn_state(n) == NTFN_WAITING || n->bound)
        return fail_illegal(REASON(NTFN_IN_USE));
    ntfn_bind(n, t);
    return OK;
}

static status_t set_tls_base(tcb_t *t, word_t length)
{
    if (length < 1)
        return fail_truncated();
    t->regs[REG_TP] = syscall_arg(0);
    tcb_touched(t);
    return OK;
}

static status_t set_flags(tcb_t *t, word_t length)
{
    if (length < 2)
        return fail_truncated();
    word_t clear = syscall_arg(0), set = syscall_arg(1);
    t->flags = (t->flags & ~clear) | (set & seL4_TCBFlag_MASK);
    if ((t->flags & seL4_TCBFlag_fpuDisabled) && t->fpu_used) {
        fpu_release(t, true);
        t->fpu_used = false;
    }
    invoke_answer(&t->flags, 1);
    return OK;
}

#if U4_SMP && !U4_MCS
static status_t set_affinity(tcb_t *t, word_t length)
{
    if (length < 1)
        return fail_truncated();
    word_t core = syscall_arg(0);
    if (core >= num_harts)
        return fail_illegal(REASON(TCB_AFFINITY));
    smp_migrate(t, &harts[core]);
    return OK;
}
#endif

status_t tcb_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call)
{
    tcb_t *t = cap_ptr(cap);
    (void)slot;
    (void)call;
    smp_stall(t);
    switch (label) {
    case TCBReadRegisters: return read_registers(t, length);
    case TCBWriteRegisters: return write_registers(t, length);
    case TCBCopyRegisters: return copy_registers(t, length);
    case TCBSetPriority: return set_priority(t, length);
    case TCBSetMCPriority: return set_mcp(t, length);
    case TCBSetIPCBuffer: return set_ipc_buffer(t, length);
    case TCBSuspend: tcb_suspend(t); return OK;
    case TCBResume: tcb_restart(t); return OK;
    case TCBBindNotification: return bind_notification(t);
    case TCBUnbindNotification:
        if (!t->bound)
            return fail_illegal(REASON(TCB_UNBOUND));
        ntfn_unbind_tcb(t);
        return OK;
    case TCBSetTLSBase: return set_tls_base(t, length);
    case TCBSetFlags: return set_flags(t, length);
    case u4_TCBSetSenderTable:
    case u4_TCBRegisterReceiver:
    case u4_TCBUnregisterReceiver: return uintr_tcb_invoke(t, label);
#if U4_SMP && !U4_MCS
    case TCBSetAffinity: return set_affinity(t, length);
#endif
    case U4AsyncRegister: return async_register(t, length);
    case U4AsyncUnregister: async_unregister(t); return OK;
    default: return own_tcb_invoke(t, label, length);
    }
}
