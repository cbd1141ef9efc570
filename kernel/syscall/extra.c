/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug system calls of seL4's debug configuration, and u4's own small ones. */
#include "abi/sel4/syscall.h"
#include "abi/u4/extensions.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/async/async.h"
#include "kernel/check/check.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/mem.h"
#include "kernel/lib/print.h"
#include "kernel/object/lookup.h"
#include "kernel/smp/smp.h"
#include "kernel/syscall/snapshot.h"
#include "kernel/syscall/syscall.h"
#include "kernel/trace/trace.h"

/* Names the TCB that `cptr` finds by the string in the caller's IPC buffer. */
static bool name_thread(cptr_t cptr)
{
    const slot_t *slot = cspace_lookup(hart->current, cptr);
    const seL4_IPCBuffer *buffer = tcb_ipc_buffer(hart->current, false);
    if (!slot || !cap_is(slot->cap, CAP_TCB) || !buffer)
        return false;
    tcb_t *t = cap_ptr(slot->cap);
    const char *name = (const char *)buffer->msg;
    size_t n = 0;
    while (n < sizeof(t->name) - 1 && name[n]) {
        t->name[n] = name[n];
        n++;
    }
    memset(t->name + n, 0, sizeof(t->name) - n);
    trace_thread_name(t);
    return true;
}

static bool extension(int64_t number)
{
    tcb_t *t = hart->current;
    /* The one that programs make often: before the switch, whose search costs more than it. */
    if (LIKELY(number == u4_SysTraceMark)) {
        TRACE(debug_mark, t->regs[REG_A0], t->regs[REG_A1]);
        return true;
    }
    switch (number) {
    case u4_SysNameThread: name_thread(t->regs[REG_A0]); return true;
    case u4_SysAsyncWake: async_wake(); return true;
    case u4_SysSignalWait: async_signal_wait(); return true;
#ifdef U4_DEBUG
    case u4_SysCheck: check_all(); return true;
#endif
    default: return false;
    }
}

#ifdef U4_DEBUG
static NORETURN void halt(void)
{
    TRACE(debug_halt);
    trace_note_state(TRACE_STATE_HALTED, "");
    kprintf("Debug halt syscall from user thread %p \"%s\"\n", (void *)hart->current,
            hart->current->name);
    sbi_shutdown(false);
}

static word_t identify(cptr_t cptr)
{
    const slot_t *slot = cspace_lookup(hart->current, cptr);
    return slot ? cap_type(slot->cap) : 0;
}

#if U4_SMP
static word_t thread_affinity(cptr_t cptr)
{
    const slot_t *slot = cspace_lookup(hart->current, cptr);
    if (!slot || !cap_is(slot->cap, CAP_TCB)) {
        kprintf("SysDebugGetThreadAffinity: cap is not a TCB, halting\n");
        halt();
    }
    return ((const tcb_t *)cap_ptr(slot->cap))->hart->core;
}
#endif

static bool debug(int64_t number)
{
    tcb_t *t = hart->current;
    switch (number) {
    case seL4_SysDebugPutChar:
        TRACE(debug_putchar, t->regs[REG_A0] & 0xff);
        sbi_putchar((char)t->regs[REG_A0]);
        return true;
    case seL4_SysDebugDumpScheduler: snapshot_scheduler(); return true;
    case seL4_SysDebugHalt: halt();
    case seL4_SysDebugCapIdentify: t->regs[REG_A0] = identify(t->regs[REG_A0]); return true;
    case seL4_SysDebugSnapshot:
        TRACE(debug_snapshot);
        snapshot_capabilities();
        return true;
#if U4_SMP
    case seL4_SysDebugSendIPI: smp_send_test(t->regs[REG_A0]); return true;
    case seL4_SysDebugGetThreadAffinity:
        t->regs[REG_A0] = thread_affinity(t->regs[REG_A0]);
        return true;
#endif
    case seL4_SysDebugNameThread:
        if (!name_thread(t->regs[REG_A0])) {
            kprintf("SysDebugNameThread: cap is not a TCB, halting\n");
            halt();
        }
        return true;
    default: return false;
    }
}
#else
static bool debug(int64_t number)
{
    (void)number;
    return false;
}
#endif

bool syscall_extra(int64_t number)
{
    return number <= U4_SYSCALL_BASE ? extension(number) : debug(number);
}
