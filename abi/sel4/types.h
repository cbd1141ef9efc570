/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types, constants and structures of seL4 16.0's RISC-V 64 interface that kernel and user space
 * share: message info, IPC buffer, errors, faults, object types and sizes, registers.
 */
#ifndef ABI_SEL4_TYPES_H
#define ABI_SEL4_TYPES_H

#include <stdint.h>

#include "abi/sel4/config.h"

typedef uint64_t seL4_Word;
typedef seL4_Word seL4_CPtr;

/* Message info: length 6:0, extraCaps 8:7, capsUnwrapped 11:9, label 63:12. */
#define SEL4_INFO_LENGTH_BITS 7
#define SEL4_INFO_EXTRA_SHIFT 7
#define SEL4_INFO_UNWRAPPED_SHIFT 9
#define SEL4_INFO_LABEL_SHIFT 12

enum {
    seL4_MsgMaxLength = 120,
    seL4_MsgExtraCapBits = 2,
    seL4_MsgMaxExtraCaps = 3,
    seL4_FastMessageRegisters = 4,
};

typedef struct {
    seL4_Word words[1];
} seL4_MessageInfo_t;

typedef struct seL4_IPCBuffer_ {
    seL4_MessageInfo_t tag;
    seL4_Word msg[seL4_MsgMaxLength];
    seL4_Word userData;
    seL4_Word caps_or_badges[seL4_MsgMaxExtraCaps];
    seL4_CPtr receiveCNode;
    seL4_CPtr receiveIndex;
    seL4_Word receiveDepth;
} seL4_IPCBuffer __attribute__((aligned(1024)));

_Static_assert(sizeof(seL4_IPCBuffer) == 1024, "IPC buffer size");
_Static_assert(__builtin_offsetof(seL4_IPCBuffer, caps_or_badges) == 976, "IPC buffer layout");
_Static_assert(__builtin_offsetof(seL4_IPCBuffer, receiveCNode) == 1000, "IPC buffer layout");

/* CapRights: write 0, read 1, grant 2, grantReply 3. */
enum {
    SEL4_RIGHT_WRITE = 1,
    SEL4_RIGHT_READ = 2,
    SEL4_RIGHT_GRANT = 4,
    SEL4_RIGHT_GRANT_REPLY = 8,
};

/* CNode_CapData: guardSize 5:0, guard 63:6. */
#define SEL4_GUARD_SIZE_BITS 6

typedef enum {
    seL4_NoError = 0,
    seL4_InvalidArgument,
    seL4_InvalidCapability,
    seL4_IllegalOperation,
    seL4_RangeError,
    seL4_AlignmentError,
    seL4_FailedLookup,
    seL4_TruncatedMessage,
    seL4_DeleteFirst,
    seL4_RevokeFirst,
    seL4_NotEnoughMemory,
    seL4_NumErrors,
} seL4_Error;

typedef enum {
    seL4_NoFailure = 0,
    seL4_InvalidRoot,
    seL4_MissingCapability,
    seL4_DepthMismatch,
    seL4_GuardMismatch,
} seL4_LookupFailureType;

typedef enum {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
#if U4_MCS
    seL4_Fault_Timeout = 5,
    seL4_Fault_VMFault = 6,
#else
    seL4_Fault_VMFault = 5,
#endif
} seL4_FaultType;

/* Fault messages: position of each word. */
enum {
    seL4_CapFault_IP,
    seL4_CapFault_Addr,
    seL4_CapFault_InRecvPhase,
    seL4_CapFault_LookupFailureType,
    seL4_CapFault_BitsLeft,
    seL4_CapFault_DepthMismatch_BitsFound,
    seL4_CapFault_GuardMismatch_GuardFound = seL4_CapFault_DepthMismatch_BitsFound,
    seL4_CapFault_GuardMismatch_BitsFound
};
enum {
    seL4_UnknownSyscall_FaultIP,
    seL4_UnknownSyscall_SP,
    seL4_UnknownSyscall_RA,
    seL4_UnknownSyscall_A0,
    seL4_UnknownSyscall_A1,
    seL4_UnknownSyscall_A2,
    seL4_UnknownSyscall_A3,
    seL4_UnknownSyscall_A4,
    seL4_UnknownSyscall_A5,
    seL4_UnknownSyscall_A6,
    seL4_UnknownSyscall_Syscall,
    seL4_UnknownSyscall_Length
};
enum {
    seL4_UserException_FaultIP,
    seL4_UserException_SP,
    seL4_UserException_Number,
    seL4_UserException_Code,
    seL4_UserException_Length
};
#if U4_MCS
enum { seL4_Timeout_Data, seL4_Timeout_Consumed, seL4_Timeout_Length };
#endif
enum {
    seL4_VMFault_IP,
    seL4_VMFault_Addr,
    seL4_VMFault_PrefetchFault,
    seL4_VMFault_FSR,
    seL4_VMFault_Length
};

typedef enum {
    seL4_UntypedObject = 0,
    seL4_TCBObject = 1,
    seL4_EndpointObject = 2,
    seL4_NotificationObject = 3,
    seL4_CapTableObject = 4,
#if U4_MCS
    seL4_SchedContextObject = 5,
    seL4_ReplyObject = 6,
#endif
    seL4_RISCV_Giga_Page = U4_MCS ? 7 : 5,
    seL4_RISCV_4K_Page,
    seL4_RISCV_Mega_Page,
    seL4_RISCV_PageTableObject,
    seL4_ObjectTypeCount,
} seL4_ObjectType;

enum {
    seL4_WordBits = 64,
    seL4_SlotBits = 5,
    seL4_TCBBits = 11,
    seL4_EndpointBits = 4,
    seL4_NotificationBits = U4_MCS ? 6 : 5,
    seL4_ReplyBits = 5,
    seL4_MinSchedContextBits = 7,
    seL4_PageTableBits = 12,
    seL4_VSpaceBits = 12,
    seL4_PageTableEntryBits = 3,
    seL4_PageTableIndexBits = 9,
    seL4_PageBits = 12,
    seL4_LargePageBits = 21,
    seL4_HugePageBits = 30,
    seL4_ASIDPoolBits = 12,
    seL4_ASIDPoolIndexBits = 9,
    seL4_NumASIDPoolsBits = 7,
    seL4_MinUntypedBits = 4,
    seL4_MaxUntypedBits = 38,
    seL4_IPCBufferSizeBits = 10,
    seL4_MaxPrio = 255,
    seL4_MinPrio = 0,
    seL4_NumPriorities = 256,
};

#define seL4_UserTop 0x3ffffff000ull

/* VM attributes of Page_Map. */
enum { seL4_RISCV_ExecuteNever = 1 };

/* TCB flags. */
enum { seL4_TCBFlag_fpuDisabled = 1, seL4_TCBFlag_MASK = 1 };

typedef struct seL4_UserContext_ {
    seL4_Word pc, ra, sp, gp;
    seL4_Word s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
    seL4_Word a0, a1, a2, a3, a4, a5, a6, a7;
    seL4_Word t0, t1, t2, t3, t4, t5, t6;
    seL4_Word tp;
} seL4_UserContext;

#endif
