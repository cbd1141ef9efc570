/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults as messages, and replies to them (seL4 reference manual, "Faults"). */
#include "kernel/arch/riscv/vspace.h"
#include "kernel/hart.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/print.h"
#include "kernel/sched/sched.h"
#include "kernel/trace/trace.h"

/* Registers of an UnknownSyscall message, in its order; the number follows. */
static const uint8_t syscall_registers[] = {REG_PC,     REG_SP,     REG_RA,     REG_A0,
                                            REG_A0 + 1, REG_A0 + 2, REG_A0 + 3, REG_A0 + 4,
                                            REG_A0 + 5, REG_A0 + 6};

static const char *fault_name(word_t type)
{
    switch (type) {
    case seL4_Fault_CapFault: return "cap fault";
    case seL4_Fault_UnknownSyscall: return "unknown syscall";
    case seL4_Fault_UserException: return "user exception";
    case seL4_Fault_VMFault: return "vm fault";
    default: return "fault";
    }
}

static word_t fault_address(const fault_t *f)
{
    switch (f->type) {
    case seL4_Fault_CapFault: return f->cap.address;
    case seL4_Fault_UnknownSyscall: return f->syscall;
    case seL4_Fault_VMFault: return f->vm.address;
    default: return f->exception.number;
    }
}

unsigned fault_kind(word_t type)
{
    if (type <= seL4_Fault_UserException)
        return (unsigned)type;
    return type == seL4_Fault_VMFault ? TRACE_FAULT_KIND_VM : TRACE_FAULT_KIND_TIMEOUT;
}

void fault_trace(const tcb_t *t, const fault_t *fault)
{
    TRACE(fault_raised,
          TRACE_JOIN_fault_raised(fault_kind(fault->type),
                                  fault->type == seL4_Fault_CapFault && fault->cap.in_receive,
                                  fault->type == seL4_Fault_VMFault
                                      ? vspace_explain(t, fault->vm.address, fault->vm.fsr)
                                      : 0),
          fault->type == seL4_Fault_VMFault         ? fault->vm.fsr
          : fault->type == seL4_Fault_UserException ? fault->exception.number
                                                    : 0,
          fault_address(fault), t->fault_pc);
    (void)t;
    (void)fault;
}

void fault_stop(tcb_t *t, const fault_t *fault)
{
#ifdef U4_DEBUG
    kprintf("while trying to handle:\n%s at address %p\nin thread %p \"%s\" at address %p\n",
            fault_name(fault->type), (void *)fault_address(fault), (void *)t, t->name,
            (void *)t->fault_pc);
#else
    (void)fault;
    (void)fault_name;
#endif
    thread_set_state(t, THREAD_INACTIVE);
}

static word_t thread_register(const tcb_t *t, unsigned reg)
{
    return reg == REG_PC ? t->fault_pc : t->regs[reg];
}

word_t fault_set_message(tcb_t *sender, tcb_t *receiver, seL4_IPCBuffer *buffer)
{
    const fault_t *f = &sender->fault;
    word_t length = 0;
    switch (f->type) {
    case seL4_Fault_CapFault:
        msg_set(receiver, buffer, seL4_CapFault_IP, sender->fault_pc);
        msg_set(receiver, buffer, seL4_CapFault_Addr, f->cap.address);
        msg_set(receiver, buffer, seL4_CapFault_InRecvPhase, f->cap.in_receive);
        length = msg_set_lookup_failure(receiver, buffer, seL4_CapFault_LookupFailureType,
                                        &sender->lookup);
        break;
    case seL4_Fault_UnknownSyscall:
        for (word_t i = 0; i < ARRAY_SIZE(syscall_registers); i++)
            msg_set(receiver, buffer, i, thread_register(sender, syscall_registers[i]));
        length = msg_set(receiver, buffer, seL4_UnknownSyscall_Syscall, f->syscall);
        break;
    case seL4_Fault_UserException:
        msg_set(receiver, buffer, seL4_UserException_FaultIP, sender->fault_pc);
        msg_set(receiver, buffer, seL4_UserException_SP, sender->regs[REG_SP]);
        msg_set(receiver, buffer, seL4_UserException_Number, f->exception.number);
        length = msg_set(receiver, buffer, seL4_UserException_Code, f->exception.code);
        break;
    case seL4_Fault_VMFault:
        msg_set(receiver, buffer, seL4_VMFault_IP, sender->fault_pc);
        msg_set(receiver, buffer, seL4_VMFault_Addr, f->vm.address);
        msg_set(receiver, buffer, seL4_VMFault_PrefetchFault, f->vm.instruction);
        length = msg_set(receiver, buffer, seL4_VMFault_FSR, f->vm.fsr);
        break;
    default: length = fault_set_own(sender, receiver, buffer); break;
    }
    return info_make(f->type, 0, 0, length);
}

/* Where the thread goes on is kept twice: an answer to a fault sets where it starts again. */
static void set_register(tcb_t *t, unsigned reg, word_t value)
{
    if (reg == REG_PC)
        t->fault_pc = value;
    else
        t->regs[reg] = value;
}

bool fault_apply_reply(tcb_t *faulted, tcb_t *handler)
{
    word_t info = handler->regs[REG_A1];
    const seL4_IPCBuffer *buffer = tcb_ipc_buffer(handler, false);
    word_t length = info_length(info);
    if (!buffer)
        length = MIN(length, (word_t)MSG_REGISTERS);
    switch (faulted->fault.type) {
    case seL4_Fault_UnknownSyscall:
        for (word_t i = 0; i < length && i < ARRAY_SIZE(syscall_registers); i++)
            set_register(faulted, syscall_registers[i], msg_get(handler, buffer, i));
        return info_label(info) == 0;
    case seL4_Fault_UserException:
        if (length > 0)
            set_register(faulted, REG_PC, msg_get(handler, buffer, 0));
        if (length > 1)
            set_register(faulted, REG_SP, msg_get(handler, buffer, 1));
        return info_label(info) == 0;
    case seL4_Fault_CapFault:
    case seL4_Fault_VMFault: return true;
    default: return fault_apply_own(faulted, handler, buffer, length);
    }
}
