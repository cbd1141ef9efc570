/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls on the slow path: complete, in the order in which seL4 checks things. */
#ifndef KERNEL_SYSCALL_SYSCALL_H
#define KERNEL_SYSCALL_SYSCALL_H

#include "abi/sel4/config.h"

/* For assembly; checked in classic/syscall.c and mcs/syscall.c. */
#define SYSCALL_CALL (-1)
#define SYSCALL_REPLY_RECV (-2)
#define SYSCALL_SEND (-3 - 2 * U4_MCS)
#define SYSCALL_SIGNAL_WAIT (-0x7520)

#ifndef __ASSEMBLER__

#include "kernel/object/slot.h"

/* syscall.c of the classic, of the MCS kernel: executes system call `number` of the current thread; `cptr` and `info` are its a0 and a1. */
void syscall_handle(cptr_t cptr, word_t info, int64_t number);
/* A call's number as an enum trace_syscall, the same in every configuration; by -number. */
#define SYSCALL_NUMBERS 64
extern const uint8_t syscall_trace_numbers[SYSCALL_NUMBERS];
/* The part of it that both kernels have, at different numbers. */
#define SYSCALL_TRACE_NUMBERS_OF_DEBUG \
    [-seL4_SysDebugPutChar] = TRACE_SYSCALL_DEBUGPUTCHAR, \
    [-seL4_SysDebugDumpScheduler] = TRACE_SYSCALL_DEBUGDUMPSCHEDULER, \
    [-seL4_SysDebugHalt] = TRACE_SYSCALL_DEBUGHALT, \
    [-seL4_SysDebugCapIdentify] = TRACE_SYSCALL_DEBUGCAPIDENTIFY, \
    [-seL4_SysDebugSnapshot] = TRACE_SYSCALL_DEBUGSNAPSHOT, \
    [-seL4_SysDebugNameThread] = TRACE_SYSCALL_DEBUGNAMETHREAD, \
    [-seL4_SysDebugSendIPI] = TRACE_SYSCALL_DEBUGSENDIPI, \
    [-seL4_SysDebugGetThreadAffinity] = TRACE_SYSCALL_DEBUGGETTHREADAFFINITY, \
    [-seL4_SysDebugRun] = TRACE_SYSCALL_DEBUGRUN, [-seL4_SysSetTLSBase] = TRACE_SYSCALL_SETTLSBASE

ALWAYS_INLINE word_t syscall_trace_number(int64_t number)
{
    return syscall_trace_numbers[(word_t)-number % SYSCALL_NUMBERS];
}

/* The parts that both kernels' system calls are made of: sending or invoking, receiving, and the
 * fault when a capability to be used cannot be found (hart->lookup tells why). */
void syscall_send(cptr_t cptr, word_t info, bool blocking, bool call);
void syscall_receive(cptr_t cptr, bool blocking);
void syscall_cap_fault(cptr_t cptr, bool in_receive);

/* extra.c: what is neither IPC nor invocation: debug calls, u4's own. False: no such call. */
bool syscall_extra(int64_t number);

#endif
#endif
