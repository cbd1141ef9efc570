/* SPDX-License-Identifier: BSD-2-Clause */
/* System call numbers (register a7) of seL4 16.0 on RISC-V 64; they differ between classic and MCS. */
#ifndef ABI_SEL4_SYSCALL_H
#define ABI_SEL4_SYSCALL_H

#include "abi/sel4/config.h"

typedef enum {
    seL4_SysCall = -1,
    seL4_SysReplyRecv = -2,
#if U4_MCS
    seL4_SysNBSendRecv = -3,
    seL4_SysNBSendWait = -4,
    seL4_SysSend = -5,
    seL4_SysNBSend = -6,
    seL4_SysRecv = -7,
    seL4_SysNBRecv = -8,
    seL4_SysWait = -9,
    seL4_SysNBWait = -10,
    seL4_SysYield = -11,
    seL4_SysDebugPutChar = -12,
#else
    seL4_SysSend = -3,
    seL4_SysNBSend = -4,
    seL4_SysRecv = -5,
    seL4_SysReply = -6,
    seL4_SysYield = -7,
    seL4_SysNBRecv = -8,
    seL4_SysDebugPutChar = -9,
#endif
    /* From here on both interfaces have the same order. */
    seL4_SysDebugDumpScheduler = seL4_SysDebugPutChar - 1,
    seL4_SysDebugHalt = seL4_SysDebugPutChar - 2,
    seL4_SysDebugCapIdentify = seL4_SysDebugPutChar - 3,
    seL4_SysDebugSnapshot = seL4_SysDebugPutChar - 4,
    seL4_SysDebugNameThread = seL4_SysDebugPutChar - 5,
    seL4_SysDebugSendIPI = seL4_SysDebugPutChar - 6,
    seL4_SysDebugGetThreadAffinity = seL4_SysDebugPutChar - 7,
    seL4_SysDebugRun = seL4_SysDebugPutChar - 8,
    seL4_SysBenchmarkFlushCaches = seL4_SysDebugPutChar - 9,
    seL4_SysBenchmarkResetLog = seL4_SysDebugPutChar - 10,
    seL4_SysBenchmarkFinalizeLog = seL4_SysDebugPutChar - 11,
    seL4_SysBenchmarkSetLogBuffer = seL4_SysDebugPutChar - 12,
    seL4_SysBenchmarkNullSyscall = seL4_SysDebugPutChar - 13,
    seL4_SysBenchmarkGetThreadUtilisation = seL4_SysDebugPutChar - 14,
    seL4_SysBenchmarkResetThreadUtilisation = seL4_SysDebugPutChar - 15,
    seL4_SysBenchmarkDumpAllThreadsUtilisation = seL4_SysDebugPutChar - 16,
    seL4_SysBenchmarkResetAllThreadsUtilisation = seL4_SysDebugPutChar - 17,
    seL4_SysSetTLSBase = seL4_SysDebugPutChar - 21,
} seL4_Syscall_ID;

_Static_assert(seL4_SysSetTLSBase == (U4_MCS ? -33 : -30), "syscall numbers");

#endif
