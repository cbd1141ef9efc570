/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug and benchmark system calls. A kernel built without them answers with an unknown-syscall
 * fault: call them only where the kernel is known to have them.
 */
#ifndef SEL4_SYSCALLS_DEBUG_H
#define SEL4_SYSCALLS_DEBUG_H

#include <string.h>

static inline void seL4_DebugPutChar(char c)
{
    u4_sys_plain(seL4_SysDebugPutChar, (unsigned char)c, 0);
}

static inline void seL4_DebugPutString(char *str)
{
    for (; *str; str++)
        seL4_DebugPutChar(*str);
}

static inline void seL4_DebugDumpScheduler(void)
{
    u4_sys_plain(seL4_SysDebugDumpScheduler, 0, 0);
}

static inline void seL4_DebugHalt(void)
{
    u4_sys_plain(seL4_SysDebugHalt, 0, 0);
}

static inline void seL4_DebugSnapshot(void)
{
    u4_sys_plain(seL4_SysDebugSnapshot, 0, 0);
}

/* The type of the capability at CAP in the kernel's numbering; 0: none. */
static inline seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    return (seL4_Uint32)u4_sys_value(seL4_SysDebugCapIdentify, cap, 0);
}

/* Overwrites the start of the IPC buffer. The kernel stops at a CPtr that is no TCB. */
static inline void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    strcpy((char *)seL4_GetIPCBuffer()->msg, name);
    u4_sys_plain(seL4_SysDebugNameThread, tcb, 0);
}

#if U4_SMP
/* Interrupts the core TARGET. The interrupt's number says nothing on RISC-V. */
static inline void seL4_DebugSendIPI(seL4_Uint8 target, unsigned irq)
{
    u4_sys_plain(seL4_SysDebugSendIPI, target, irq);
}

static inline seL4_Word seL4_DebugGetThreadAffinity(seL4_CPtr tcb)
{
    return u4_sys_value(seL4_SysDebugGetThreadAffinity, tcb, 0);
}
#endif

static inline seL4_Error seL4_BenchmarkResetLog(void)
{
    return (seL4_Error)u4_sys_value(seL4_SysBenchmarkResetLog, 0, 0);
}

static inline seL4_Word seL4_BenchmarkFinalizeLog(void)
{
    return u4_sys_value(seL4_SysBenchmarkFinalizeLog, 0, 0);
}

static inline seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame_cptr)
{
    return (seL4_Error)u4_sys_value(seL4_SysBenchmarkSetLogBuffer, frame_cptr, 0);
}

static inline void seL4_BenchmarkNullSyscall(void)
{
    u4_sys_plain(seL4_SysBenchmarkNullSyscall, 0, 0);
}

static inline void seL4_BenchmarkFlushCaches(void)
{
    u4_sys_plain(seL4_SysBenchmarkFlushCaches, 0, 0);
}

static inline void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr)
{
    u4_sys_plain(seL4_SysBenchmarkGetThreadUtilisation, tcb_cptr, 0);
}

static inline void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr)
{
    u4_sys_plain(seL4_SysBenchmarkResetThreadUtilisation, tcb_cptr, 0);
}

static inline void seL4_BenchmarkDumpAllThreadsUtilisation(void)
{
    u4_sys_plain(seL4_SysBenchmarkDumpAllThreadsUtilisation, 0, 0);
}

static inline void seL4_BenchmarkResetAllThreadsUtilisation(void)
{
    u4_sys_plain(seL4_SysBenchmarkResetAllThreadsUtilisation, 0, 0);
}

#endif
