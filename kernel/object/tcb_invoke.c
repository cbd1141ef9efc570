/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of TCBs: each function checks everything, then acts. */
#include "abi/sel4/invocation.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/ipc/message.h"
#include "kernel/object/notification.h"
#include "kernel/object/object.h"
#include "kernel/object/tcb.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

#define FRAME_REGISTERS 16
#define INTEGER_REGISTERS 16
#define CONTEXT_REGISTERS (FRAME_REGISTERS + INTEGER_REGISTERS)

/* seL4_UserContext's order. */
static const uint8_t context_order[CONTEXT_REGISTERS] = {
    REG_PC, 1,  2,  3,  8,  9,  18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
    10,     11, 12, 13, 14, 15, 16, 17, 5,  6,  7,  28, 29, 30, 31, 4,
};

static word_t read_register(const tcb_t *t, unsigned reg)
{
    return reg == REG_PC ? t->fault_pc : t->regs[reg];
}

static void write_register(tcb_t *t, unsigned reg, word_t value)
{
    if (reg == REG_PC)
        t->fault_pc = value;
    else
        t->regs[reg] = value;
}

/* Registers of the current thread were changed: leave by way of the scheduler. */
static void touched(tcb_t *t)
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
        write_register(t, context_order[i], syscall_arg(i + 2));
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
    if (flags & 1)
        tcb_suspend(source);
    if (flags & 2)
        tcb_restart(t);
    if (flags & 4) {
        for (word_t i = 0; i < FRAME_REGISTERS; i++)
            write_register(t, context_order[i], read_register(source, context_order[i]));
        t->regs[REG_PC] = t->fault_pc;
    }
    if (flags & 8)
        for (word_t i = FRAME_REGISTERS; i < CONTEXT_REGISTERS; i++)
            write_register(t, context_order[i], read_register(source, context_order[i]));
    touched(t);
    return OK;
}

/* Copies of the capabilities that a thread is to get, checked. */
typedef struct {
    slot_t *from;
    cap_t cap;
} space_t;

static status_t check_buffer(word_t address, slot_t *from, space_t *buffer)
{
    buffer->from = NULL;
    if (address == 0)
        return OK;
    buffer->from = from;
    status_t status = cap_derive(from, from->cap, &buffer->cap);
    if (status != OK)
        return status;
    if (!cap_is(buffer->cap, CAP_FRAME) || cap_frame_device(buffer->cap))
        return fail_illegal(REASON(TCB_BUFFER));
    if (!IS_ALIGNED(address, seL4_IPCBufferSizeBits))
        return fail(seL4_AlignmentError, REASON(TCB_BUFFER));
    return OK;
}

bool tcb_valid_vspace(cap_t cap)
{
    return cap_is(cap, CAP_PAGE_TABLE) && cap_pt_mapped(cap);
}

static status_t check_spaces(tcb_t *t, word_t cdata, slot_t *cfrom, space_t *cspace, word_t vdata,
                             slot_t *vfrom, space_t *vspace)
{
    if (slot_is_last_long_running(&t->slots[TCB_SLOT_CSPACE]) ||
        slot_is_last_long_running(&t->slots[TCB_SLOT_VSPACE]))
        return fail_illegal(REASON(STALE));
    cap_t cap = cfrom->cap;
    if (cdata != 0)
        cap = cap_update(cap, false, cdata);
    cspace->from = cfrom;
    status_t status = cap_derive(cfrom, cap, &cspace->cap);
    if (status != OK)
        return status;
    if (!cap_is(cspace->cap, CAP_CNODE))
        return fail_illegal(REASON(TCB_CSPACE));
    cap = vfrom->cap;
    if (vdata != 0)
        cap = cap_update(cap, false, vdata);
    vspace->from = vfrom;
    status = cap_derive(vfrom, cap, &vspace->cap);
    if (status != OK)
        return status;
    if (!tcb_valid_vspace(vspace->cap))
        return fail_illegal(REASON(TCB_VSPACE));
    return OK;
}

/* Replaces one of the thread's slots. The new one goes in only if `from` still holds what it was
 * derived from: deleting the old may have deleted that too. */
static status_t replace(tcb_t *t, word_t index, const space_t *space)
{
    slot_t *slot = &t->slots[index];
    status_t status = slot_delete(slot);
    if (status != OK)
        return status;
    if (space->from && cap_same_object(space->cap, space->from->cap)) {
        slot_insert(space->from, slot, space->cap);
        TRACE(cap_make, TRACE_CAP_OP_COPY, cap_type(space->cap), TRACE_REF(slot),
              TRACE_REF(space->from), TRACE_REF(cap_object(space->cap)), 0);
    }
    return OK;
}

static status_t set_spaces(tcb_t *t, cptr_t handler, const space_t *cspace, const space_t *vspace)
{
    t->fault_handler = handler;
    status_t status = replace(t, TCB_SLOT_CSPACE, cspace);
    if (status == OK)
        status = replace(t, TCB_SLOT_VSPACE, vspace);
    if (status == OK)
        TRACE(thread_configure, TRACE_REF(t), TRACE_REF(cap_ptr(vspace->cap)),
              TRACE_REF(cap_ptr(cspace->cap)), handler);
    return status;
}

static status_t set_buffer(tcb_t *t, word_t address, const space_t *buffer)
{
    status_t status = replace(t, TCB_SLOT_BUFFER, buffer);
    if (status != OK)
        return status;
    t->buffer = address;
    TRACE(thread_ipc_buffer, TRACE_REF(t), TRACE_REF(buffer->from ? cap_ptr(buffer->cap) : NULL),
          address);
    return OK;
}

static status_t configure(tcb_t *t, word_t length)
{
    if (length < 4 || !hart->extra[0] || !hart->extra[1] || !hart->extra[2])
        return fail_truncated();
    space_t cspace, vspace, buffer;
    word_t address = syscall_arg(3);
    status_t status = check_buffer(address, hart->extra[2], &buffer);
    if (status == OK)
        status = check_spaces(t, syscall_arg(1), hart->extra[0], &cspace, syscall_arg(2),
                              hart->extra[1], &vspace);
    if (status != OK)
        return status;
    status = set_spaces(t, syscall_arg(0), &cspace, &vspace);
    if (status == OK)
        status = set_buffer(t, address, &buffer);
    touched(t);
    return status;
}

static status_t set_space(tcb_t *t, word_t length)
{
    if (length < 3 || !hart->extra[0] || !hart->extra[1])
        return fail_truncated();
    space_t cspace, vspace;
    status_t status = check_spaces(t, syscall_arg(1), hart->extra[0], &cspace, syscall_arg(2),
                                   hart->extra[1], &vspace);
    if (status == OK)
        status = set_spaces(t, syscall_arg(0), &cspace, &vspace);
    touched(t);
    return status;
}

static status_t set_ipc_buffer(tcb_t *t, word_t length)
{
    if (length < 1 || !hart->extra[0])
        return fail_truncated();
    space_t buffer;
    word_t address = syscall_arg(0);
    status_t status = check_buffer(address, hart->extra[0], &buffer);
    if (status == OK)
        status = set_buffer(t, address, &buffer);
    touched(t);
    return status;
}

/* The maximum controlled priority that the authority in extra[0] has, or ERROR. */
static status_t check_priority(word_t wanted)
{
    cap_t cap = hart->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB))
        return fail_cap(1, REASON(TCB_AUTHORITY));
    word_t limit = ((const tcb_t *)cap_ptr(cap))->mcp;
    if (wanted > limit)
        return fail_range(0, limit, REASON(TCB_PRIORITY));
    return OK;
}

static status_t set_priorities(tcb_t *t, word_t length, bool mcp, bool priority)
{
    if (length < (word_t)mcp + priority || !hart->extra[0])
        return fail_truncated();
    word_t new_mcp = mcp ? syscall_arg(0) : t->mcp;
    word_t new_priority = priority ? syscall_arg(mcp ? 1 : 0) : t->priority;
    status_t status = OK;
    if (mcp)
        status = check_priority(new_mcp);
    if (status == OK && priority)
        status = check_priority(new_priority);
    if (status != OK)
        return status;
    t->mcp = new_mcp;
    TRACE(sched_priority, new_priority, new_mcp, TRACE_REF(t));
    if (priority)
        sched_set_priority(t, new_priority);
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
    touched(t);
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

status_t tcb_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call)
{
    tcb_t *t = cap_ptr(cap);
    (void)slot;
    (void)call;
    switch (label) {
    case TCBReadRegisters: return read_registers(t, length);
    case TCBWriteRegisters: return write_registers(t, length);
    case TCBCopyRegisters: return copy_registers(t, length);
    case TCBConfigure: return configure(t, length);
    case TCBSetPriority: return set_priorities(t, length, false, true);
    case TCBSetMCPriority: return set_priorities(t, length, true, false);
    case TCBSetSchedParams: return set_priorities(t, length, true, true);
    case TCBSetIPCBuffer: return set_ipc_buffer(t, length);
    case TCBSetSpace: return set_space(t, length);
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
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}
