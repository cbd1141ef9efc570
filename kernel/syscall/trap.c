/* SPDX-License-Identifier: GPL-2.0-only */
/* Where trap.S comes in: every way into the kernel but the fast path, and the way out. */
#include "kernel/syscall/trap.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/async/async.h"
#include "kernel/check/check.h"
#include "kernel/ipc/message.h"
#include "kernel/object/irq.h"
#include "kernel/sched/fpu.h"
#include "kernel/sched/policy.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"

void kernel_exit(void)
{
    sched_exit();
    check_sometimes();
    while (UNLIKELY(hart->current->state == THREAD_IDLE) && !irq_pending() && async_run())
        sched_exit();
    smp_send_noted();
    const tcb_t *t = hart->current;
    if (UNLIKELY(t->state == THREAD_IDLE))
        idle_wait();
    TRACE(kernel_exit, TRACE_EXIT_PATH_SLOW, hart->slow_reason, t->regs[REG_PC]);
    restore_user();
}

void trap_syscall(word_t cptr, word_t info, word_t number)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, syscall_trace_number((int64_t)number), cptr, info,
          hart->current->fault_pc);
    hart->slow_reason = TRACE_SLOW_REASON_NOT_ELIGIBLE;
    syscall_handle(cptr, info, (int64_t)number);
    kernel_exit();
}

void trap_syscall_slow(word_t cptr, word_t info, word_t number, word_t reason)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_SYSCALL, syscall_trace_number((int64_t)number), cptr, info,
          hart->current->fault_pc);
    hart->slow_reason = (uint8_t)reason;
    syscall_handle(cptr, info, (int64_t)number);
    kernel_exit();
}

/* An interrupt's other use: async system calls of threads that may go now. One that was left at a
 * preemption point has handled what interrupted it, and goes on unless there is more of that. */
static void run_async_calls(void)
{
    bool again = async_pending();
    while (UNLIKELY(again)) {
        sched_exit();
        again = !irq_pending() && async_run() && async_pending();
    }
}

void trap_interrupt(word_t cause)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_INTERRUPT, 0, cause, 0, hart->current->fault_pc);
    (void)cause;
    hart->slow_reason = TRACE_SLOW_REASON_NONE;
    policy_enter_interrupt();
    irq_handle_all();
    run_async_calls();
    kernel_exit();
}

void trap_idle_interrupt(void)
{
    TRACE(kernel_entry, TRACE_ENTRY_KIND_INTERRUPT, 0, 0, 0, 0);
    hart->slow_reason = TRACE_SLOW_REASON_NONE;
    policy_enter_interrupt();
    irq_handle_all();
    run_async_calls();
    kernel_exit();
}

/* Page and access faults are reported with the number of the access fault, as seL4 does. */
static bool vm_fault(word_t cause, word_t address)
{
    word_t fsr;
    switch (cause) {
    case CAUSE_FETCH_ACCESS:
    case CAUSE_FETCH_PAGE: fsr = CAUSE_FETCH_ACCESS; break;
    case CAUSE_LOAD_ACCESS:
    case CAUSE_LOAD_PAGE: fsr = CAUSE_LOAD_ACCESS; break;
    case CAUSE_STORE_ACCESS:
    case CAUSE_STORE_PAGE: fsr = CAUSE_STORE_ACCESS; break;
    default: return false;
    }
    hart->fault.type = seL4_Fault_VMFault;
    hart->fault.vm.address = address;
    hart->fault.vm.fsr = fsr;
    hart->fault.vm.instruction = fsr == CAUSE_FETCH_ACCESS;
    return true;
}

void trap_exception(word_t cause, word_t value)
{
    tcb_t *t = hart->current;
    TRACE(kernel_entry, TRACE_ENTRY_KIND_EXCEPTION, 0, cause, 0, t->fault_pc);
    hart->slow_reason = TRACE_SLOW_REASON_NONE;
    if ((cause != CAUSE_ILLEGAL || !(uintr_emulate(t, value) || fpu_first_use(t))) &&
        policy_enter()) {
        if (!vm_fault(cause, value)) {
            hart->fault.type = seL4_Fault_UserException;
            hart->fault.exception.number = cause;
            hart->fault.exception.code = 0;
        }
        fault_handle(t);
    }
    kernel_exit();
}

void trap_in_kernel(word_t cause, word_t pc, word_t value, word_t ra)
{
    TRACE(debug_panic, pc, cause);
    panic("trap in the kernel: cause %lu at %016lx, value %016lx, called from %016lx", cause, pc,
          value, ra);
}
