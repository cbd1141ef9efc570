/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocation labels of seL4 16.0 on RISC-V 64. SMP inserts TCBSetAffinity; MCS has its own. The
 * list is an X-macro so that tools can name labels of any configuration: LABEL(name, when),
 * `when` being an expression over MCS and SMP.
 */
#ifndef ABI_SEL4_INVOCATION_H
#define ABI_SEL4_INVOCATION_H

#include "abi/sel4/config.h"

#define SEL4_INVOCATION_LABELS(LABEL) \
    LABEL(InvalidInvocation, 1) \
    LABEL(UntypedRetype, 1) \
    LABEL(TCBReadRegisters, 1) \
    LABEL(TCBWriteRegisters, 1) \
    LABEL(TCBCopyRegisters, 1) \
    LABEL(TCBConfigure, 1) \
    LABEL(TCBSetPriority, 1) \
    LABEL(TCBSetMCPriority, 1) \
    LABEL(TCBSetSchedParams, 1) \
    LABEL(TCBSetTimeoutEndpoint, MCS) \
    LABEL(TCBSetIPCBuffer, 1) \
    LABEL(TCBSetSpace, 1) \
    LABEL(TCBSuspend, 1) \
    LABEL(TCBResume, 1) \
    LABEL(TCBBindNotification, 1) \
    LABEL(TCBUnbindNotification, 1) \
    LABEL(TCBSetAffinity, SMP && !MCS) \
    LABEL(TCBSetTLSBase, 1) \
    LABEL(TCBSetFlags, 1) \
    LABEL(CNodeRevoke, 1) \
    LABEL(CNodeDelete, 1) \
    LABEL(CNodeCancelBadgedSends, 1) \
    LABEL(CNodeCopy, 1) \
    LABEL(CNodeMint, 1) \
    LABEL(CNodeMove, 1) \
    LABEL(CNodeMutate, 1) \
    LABEL(CNodeRotate, 1) \
    LABEL(CNodeSaveCaller, !MCS) \
    LABEL(IRQIssueIRQHandler, 1) \
    LABEL(IRQAckIRQ, 1) \
    LABEL(IRQSetIRQHandler, 1) \
    LABEL(IRQClearIRQHandler, 1) \
    LABEL(DomainSetSet, 1) \
    LABEL(DomainScheduleConfigure, 1) \
    LABEL(DomainScheduleSetStart, 1) \
    LABEL(SchedControlConfigureFlags, MCS) \
    LABEL(SchedContextBind, MCS) \
    LABEL(SchedContextUnbind, MCS) \
    LABEL(SchedContextUnbindObject, MCS) \
    LABEL(SchedContextConsumed, MCS) \
    LABEL(SchedContextYieldTo, MCS) \
    LABEL(RISCVPageTableMap, 1) \
    LABEL(RISCVPageTableUnmap, 1) \
    LABEL(RISCVPageMap, 1) \
    LABEL(RISCVPageUnmap, 1) \
    LABEL(RISCVPageGetAddress, 1) \
    LABEL(RISCVASIDControlMakePool, 1) \
    LABEL(RISCVASIDPoolAssign, 1) \
    LABEL(RISCVIRQIssueIRQHandlerTrigger, 1)

enum invocation_label {
    InvalidInvocation,
    UntypedRetype,
    TCBReadRegisters,
    TCBWriteRegisters,
    TCBCopyRegisters,
    TCBConfigure,
    TCBSetPriority,
    TCBSetMCPriority,
    TCBSetSchedParams,
#if U4_MCS
    TCBSetTimeoutEndpoint,
#endif
    TCBSetIPCBuffer,
    TCBSetSpace,
    TCBSuspend,
    TCBResume,
    TCBBindNotification,
    TCBUnbindNotification,
#if U4_SMP && !U4_MCS
    TCBSetAffinity,
#endif
    TCBSetTLSBase,
    TCBSetFlags,
    CNodeRevoke,
    CNodeDelete,
    CNodeCancelBadgedSends,
    CNodeCopy,
    CNodeMint,
    CNodeMove,
    CNodeMutate,
    CNodeRotate,
#if !U4_MCS
    CNodeSaveCaller,
#endif
    IRQIssueIRQHandler,
    IRQAckIRQ,
    IRQSetIRQHandler,
    IRQClearIRQHandler,
    DomainSetSet,
    DomainScheduleConfigure,
    DomainScheduleSetStart,
#if U4_MCS
    SchedControlConfigureFlags,
    SchedContextBind,
    SchedContextUnbind,
    SchedContextUnbindObject,
    SchedContextConsumed,
    SchedContextYieldTo,
#endif
    RISCVPageTableMap,
    RISCVPageTableUnmap,
    RISCVPageMap,
    RISCVPageUnmap,
    RISCVPageGetAddress,
    RISCVASIDControlMakePool,
    RISCVASIDPoolAssign,
    RISCVIRQIssueIRQHandlerTrigger,
    nInvocationLabels,
};

_Static_assert(RISCVIRQIssueIRQHandlerTrigger == (U4_MCS ? 46 : U4_SMP ? 41 : 40), "labels");
_Static_assert(CNodeRevoke == (U4_MCS || U4_SMP ? 18 : 17), "labels");

#endif
