/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault message taken apart: seL4_getFault() reads the message that a fault handler received,
 * seL4_Fault_<kind>_get_<word>() gives one of its words.
 */
#ifndef SEL4_FAULTS_H
#define SEL4_FAULTS_H

#include <sel4/functions.h>

enum { U4_FAULT_WORDS = 11 };

typedef struct {
    seL4_Word type; /* seL4_FaultType */
    seL4_Word words[U4_FAULT_WORDS];
} seL4_Fault_t;

static inline seL4_Word seL4_Fault_get_seL4_FaultType(seL4_Fault_t fault)
{
    return fault.type;
}

#define U4_FAULT_FIELD(kind, field, position) \
    static inline seL4_Word seL4_Fault_##kind##_get_##field(seL4_Fault_t fault) \
    { \
        return fault.words[position]; \
    }

U4_FAULT_FIELD(CapFault, IP, seL4_CapFault_IP)
U4_FAULT_FIELD(CapFault, Addr, seL4_CapFault_Addr)
U4_FAULT_FIELD(CapFault, InRecvPhase, seL4_CapFault_InRecvPhase)
U4_FAULT_FIELD(CapFault, LookupFailureType, seL4_CapFault_LookupFailureType)
U4_FAULT_FIELD(CapFault, MR4, seL4_CapFault_BitsLeft)
U4_FAULT_FIELD(CapFault, MR5, seL4_CapFault_GuardMismatch_GuardFound)
U4_FAULT_FIELD(CapFault, MR6, seL4_CapFault_GuardMismatch_BitsFound)
U4_FAULT_FIELD(UnknownSyscall, FaultIP, seL4_UnknownSyscall_FaultIP)
U4_FAULT_FIELD(UnknownSyscall, SP, seL4_UnknownSyscall_SP)
U4_FAULT_FIELD(UnknownSyscall, RA, seL4_UnknownSyscall_RA)
U4_FAULT_FIELD(UnknownSyscall, A0, seL4_UnknownSyscall_A0)
U4_FAULT_FIELD(UnknownSyscall, A1, seL4_UnknownSyscall_A1)
U4_FAULT_FIELD(UnknownSyscall, A2, seL4_UnknownSyscall_A2)
U4_FAULT_FIELD(UnknownSyscall, A3, seL4_UnknownSyscall_A3)
U4_FAULT_FIELD(UnknownSyscall, A4, seL4_UnknownSyscall_A4)
U4_FAULT_FIELD(UnknownSyscall, A5, seL4_UnknownSyscall_A5)
U4_FAULT_FIELD(UnknownSyscall, A6, seL4_UnknownSyscall_A6)
U4_FAULT_FIELD(UnknownSyscall, Syscall, seL4_UnknownSyscall_Syscall)
U4_FAULT_FIELD(UserException, FaultIP, seL4_UserException_FaultIP)
U4_FAULT_FIELD(UserException, SP, seL4_UserException_SP)
U4_FAULT_FIELD(UserException, Number, seL4_UserException_Number)
U4_FAULT_FIELD(UserException, Code, seL4_UserException_Code)
U4_FAULT_FIELD(VMFault, IP, seL4_VMFault_IP)
U4_FAULT_FIELD(VMFault, Addr, seL4_VMFault_Addr)
U4_FAULT_FIELD(VMFault, PrefetchFault, seL4_VMFault_PrefetchFault)
U4_FAULT_FIELD(VMFault, FSR, seL4_VMFault_FSR)
#if U4_MCS
U4_FAULT_FIELD(Timeout, data, 0)
U4_FAULT_FIELD(Timeout, consumed, 1)
#endif

#define U4_FAULT_IS(kind, label) \
    static inline seL4_Bool seL4_is##kind##_tag(seL4_MessageInfo_t tag) \
    { \
        return seL4_MessageInfo_get_label(tag) == (label); \
    }

U4_FAULT_IS(NullFault, seL4_Fault_NullFault)
U4_FAULT_IS(CapFault, seL4_Fault_CapFault)
U4_FAULT_IS(UnknownSyscall, seL4_Fault_UnknownSyscall)
U4_FAULT_IS(UserException, seL4_Fault_UserException)
U4_FAULT_IS(VMFault, seL4_Fault_VMFault)
#if U4_MCS
U4_FAULT_IS(TimeoutFault, seL4_Fault_Timeout)

/* Answer to a timeout fault: the thread's first LENGTH registers become those of REGS. */
static inline seL4_MessageInfo_t seL4_TimeoutReply_new(seL4_Bool resume, seL4_UserContext regs,
                                                       seL4_Word length)
{
    const seL4_Word *words = &regs.pc;

    for (seL4_Word i = 0; i < length; i++)
        seL4_SetMR((int)i, words[i]);
    return seL4_MessageInfo_new(!resume, 0, 0, length);
}
#endif

/* The fault in the message just received with TAG; NullFault if it is no fault message. */
static inline seL4_Fault_t seL4_getFault(seL4_MessageInfo_t tag)
{
    seL4_Fault_t fault = {seL4_MessageInfo_get_label(tag), {0}};

    if (fault.type > seL4_Fault_VMFault || fault.type == 4)
        fault.type = seL4_Fault_NullFault;
    if (fault.type != seL4_Fault_NullFault)
        for (int i = 0; i < U4_FAULT_WORDS; i++)
            fault.words[i] = seL4_GetMR(i);
    return fault;
}

#endif
