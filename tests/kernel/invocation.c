/* SPDX-License-Identifier: BSD-2-Clause */
/* Every label on every kind of capability that does not understand it, and on none. */
#include "test.h"

#define RANGE(from, to) \
    { \
        from, to \
    }

/* Labels that each type understands. Endpoints, notifications and replies take any message. */
enum { KINDS = 10 };

typedef struct {
    seL4_CPtr cap;
    struct {
        seL4_Word from, to;
    } own;
} kind_t;

static void make_kinds(kind_t kinds[KINDS])
{
    seL4_CPtr handler = make_slot();
    int n = 0;

    CHECK_OK(seL4_IRQControl_Get(seL4_CapIRQControl, 40, CNODE, handler, DEPTH));
    kinds[n++] = (kind_t){make_untyped(4), RANGE(UntypedRetype, UntypedRetype)};
    kinds[n++] = (kind_t){make_tcb(), RANGE(TCBReadRegisters, TCBSetFlags)};
    kinds[n++] = (kind_t){make_cnode(1), RANGE(CNodeRevoke, CNodeSaveCaller)};
    kinds[n++] = (kind_t){handler, RANGE(IRQAckIRQ, IRQClearIRQHandler)};
    kinds[n++] = (kind_t){seL4_CapDomain, RANGE(DomainSetSet, DomainScheduleSetStart)};
    kinds[n++] = (kind_t){make_table(), RANGE(RISCVPageTableMap, RISCVPageTableUnmap)};
    kinds[n++] = (kind_t){make_frame(), RANGE(RISCVPageMap, RISCVPageGetAddress)};
    kinds[n++] =
        (kind_t){seL4_CapASIDControl, RANGE(RISCVASIDControlMakePool, RISCVASIDControlMakePool)};
    kinds[n++] =
        (kind_t){seL4_CapInitThreadASIDPool, RANGE(RISCVASIDPoolAssign, RISCVASIDPoolAssign)};
    kinds[n++] = (kind_t){seL4_CapIRQControl, RANGE(IRQIssueIRQHandler, IRQIssueIRQHandler)};
}

TEST(invocation, wrong_type, "each label is illegal on each object of another type")
{
    kind_t kinds[KINDS];

    make_kinds(kinds);
    for (int k = 0; k < KINDS; k++) {
        for (seL4_Word label = 0; label <= nInvocationLabels; label++) {
            bool own = label >= kinds[k].own.from && label <= kinds[k].own.to;

            if (kinds[k].cap == seL4_CapIRQControl && label == RISCVIRQIssueIRQHandlerTrigger)
                own = true;
            if (own)
                continue;
            for (int i = 0; i < 8; i++)
                seL4_SetMR(i, 0);
            for (int i = 0; i < seL4_MsgMaxExtraCaps; i++)
                seL4_SetCap(i, CNODE);
            CHECK_ERROR(raw(kinds[k].cap, label, 3, 8), seL4_IllegalOperation);
        }
    }
}

TEST(invocation, empty_slot, "each label on an empty slot is an invalid capability")
{
    seL4_CPtr slot = make_slot();

    for (seL4_Word label = 0; label <= nInvocationLabels; label++) {
        CHECK_ERROR(raw(slot, label, 0, 8), seL4_InvalidCapability);
        CHECK_WORDS(0);
    }
}

TEST(invocation, big_label, "labels are not cut to fewer bits")
{
    seL4_CPtr tcb = make_tcb();

    for (unsigned bit = 8; bit < 52; bit++)
        CHECK_ERROR(raw(tcb, TCBSuspend | (seL4_Word)1 << bit, 0, 0), seL4_IllegalOperation);
}

TEST(invocation, send, "an invocation by Send is done, and answers nothing")
{
    seL4_CPtr endpoint = make_endpoint();
    u4_sys_regs_t in = {
        CNODE, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2).words[0], {endpoint, DEPTH, 3, 4}};
    u4_sys_regs_t out = u4_sys(seL4_SysSend, in, 0);

    CHECK_EQ(out.a0, in.a0);
    CHECK_EQ(out.info, in.info);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(out.mr[i], in.mr[i]);
    CHECK(slot_empty(endpoint));
}

TEST(invocation, nbsend, "an invocation by NBSend is done too; its errors are dropped")
{
    seL4_CPtr endpoint = make_endpoint();

    seL4_SetMR(0, endpoint);
    seL4_SetMR(1, 0);
    seL4_NBSend(CNODE, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2));
    CHECK(!slot_empty(endpoint));
    seL4_SetMR(1, DEPTH);
    seL4_NBSend(CNODE, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2));
    CHECK(slot_empty(endpoint));
}

TEST(invocation, answer, "a successful Call answers with an empty message and no registers")
{
    seL4_CPtr endpoint = make_endpoint();
    u4_sys_regs_t in = {
        CNODE, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2).words[0], {endpoint, DEPTH, 3, 4}};
    u4_sys_regs_t out = u4_sys(seL4_SysCall, in, 0);

    CHECK_EQ(out.a0, 0);
    CHECK_EQ(out.info, 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(out.mr[i], in.mr[i]);
}

TEST(invocation, error_answer, "an error is the answer's label, its details the words")
{
    u4_sys_regs_t in = {CNODE, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2).words[0], {1, 0, 77, 88}};
    u4_sys_regs_t out = u4_sys(seL4_SysCall, in, 0);

    CHECK_EQ(out.a0, 0);
    CHECK_EQ(out.info, seL4_MessageInfo_new(seL4_RangeError, 0, 0, 2).words[0]);
    CHECK_EQ(out.mr[0], 1);
    CHECK_EQ(out.mr[1], seL4_WordBits);
    CHECK_EQ(out.mr[2], 77);
    CHECK_EQ(out.mr[3], 88);
}

/* ---- Errors that come from copying a capability given as an argument ---- */

static seL4_CPtr used_untyped(void)
{
    seL4_CPtr untyped = make_untyped(6);

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, make_slot(), 1));
    return untyped;
}

TEST(invocation, revoke_first, "an Untyped with children as argument: revoke first")
{
    seL4_CPtr untyped = used_untyped(), tcb = make_tcb(), vspace = seL4_CapInitThreadVSpace;

    CHECK_ERROR(
        seL4_CNode_Mint(CNODE, make_slot(), DEPTH, CNODE, untyped, DEPTH, seL4_AllRights, 0),
        seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, untyped, 0, vspace, 0, 0, 0), seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, CNODE, 0, untyped, 0, 0, 0), seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, CNODE, 0, vspace, 0, 0x400, untyped), seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, untyped, 0, vspace, 0), seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, CNODE, 0, untyped, 0), seL4_RevokeFirst);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x400, untyped), seL4_RevokeFirst);
}
