/* SPDX-License-Identifier: BSD-2-Clause */
/* ASID pools: what makes a page table an address space. */
#include "test.h"

#define ADDRESS 0x3000000000ull

static seL4_Error make_pool(seL4_CPtr untyped, seL4_CPtr slot)
{
    return seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl, untyped, CNODE, slot, DEPTH);
}

TEST(asid, pool, "a new pool assigns address spaces, which can be used")
{
    seL4_CPtr pool = make_slot(), vspace = make_table();

    CHECK_OK(make_pool(make_untyped(12), pool));
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(pool, vspace));
    CHECK_OK(seL4_RISCV_PageTable_Map(make_table(), vspace, ADDRESS, 0));
}

TEST(asid, assign_errors, "Assign: what is no unused page table")
{
    seL4_CPtr vspace = make_vspace(), inner = make_table();

    CHECK_ERROR(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace),
                seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, make_endpoint()),
                seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_OK(seL4_RISCV_PageTable_Map(inner, vspace, ADDRESS, 0));
    CHECK_ERROR(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, inner),
                seL4_InvalidCapability);
    CHECK_ERROR(raw(seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(seL4_CapInitThreadASIDPool, RISCVPageMap, 0, 0), seL4_IllegalOperation);
}

TEST(asid, full, "a pool has 512 entries; deleting an address space frees one")
{
    enum { ENTRIES = 1 << seL4_ASIDPoolIndexBits };
    seL4_CPtr pool = make_slot(), first = 0, last = make_table();

    CHECK_OK(make_pool(make_untyped(12), pool));
    for (int i = 0; i < ENTRIES / 256; i++) {
        seL4_CPtr tables;

        CHECK_OK(u4_alloc_objects(&test_alloc, seL4_RISCV_PageTableObject, 0, 256, &tables));
        first = tables;
        for (seL4_CPtr k = 0; k < 256; k++)
            CHECK_OK(seL4_RISCV_ASIDPool_Assign(pool, tables + k));
    }
    CHECK_ERROR(seL4_RISCV_ASIDPool_Assign(pool, last), seL4_DeleteFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, first, DEPTH));
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(pool, last));
}

TEST(asid, delete_pool, "deleting a pool takes its address spaces their ASIDs")
{
    seL4_CPtr pool = make_slot(), vspace = make_table();

    CHECK_OK(make_pool(make_untyped(12), pool));
    CHECK_OK(seL4_RISCV_ASIDPool_Assign(pool, vspace));
    CHECK_OK(seL4_CNode_Delete(CNODE, pool, DEPTH));
    CHECK_ERROR(seL4_RISCV_PageTable_Map(make_table(), vspace, ADDRESS, 0), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_InvalidRoot);
    CHECK_ERROR(seL4_RISCV_Page_Map(make_frame(), vspace, ADDRESS, seL4_ReadWrite, 0),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_InvalidRoot);
}

TEST(asid, make_pool_errors, "MakePool: memory and slots that will not do")
{
    seL4_CPtr used = make_untyped(12), slot = make_slot();

    CHECK_ERROR(make_pool(make_endpoint(), slot), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(make_pool(make_untyped(13), slot), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_OK(seL4_Untyped_Retype(used, seL4_EndpointObject, 0, CNODE, 0, 0, make_slot(), 1));
    CHECK_ERROR(make_pool(used, slot), seL4_RevokeFirst);
    CHECK_ERROR(make_pool(make_untyped(12), make_endpoint()), seL4_DeleteFirst);
    CHECK_ERROR(
        seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl, make_untyped(12), CNODE, slot, 0),
        seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
    CHECK_ERROR(seL4_RISCV_ASIDControl_MakePool(seL4_CapASIDControl, make_untyped(12),
                                                make_endpoint(), slot, DEPTH),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_InvalidRoot);
}

TEST(asid, make_pool_messages, "MakePool: short messages, another label")
{
    seL4_SetCap(0, make_untyped(12));
    seL4_SetCap(1, CNODE);
    CHECK_ERROR(raw(seL4_CapASIDControl, RISCVASIDControlMakePool, 2, 1), seL4_TruncatedMessage);
    CHECK_ERROR(raw(seL4_CapASIDControl, RISCVASIDControlMakePool, 1, 2), seL4_TruncatedMessage);
    CHECK_ERROR(raw(seL4_CapASIDControl, RISCVASIDPoolAssign, 2, 2), seL4_IllegalOperation);
}

TEST(asid, many_pools, "there are 128 pools; deleting one makes room")
{
    enum { POOLS = (1 << seL4_NumASIDPoolsBits) - 1 }; /* the root task has one */
    seL4_CPtr first = u4_alloc_slots(&test_alloc, POOLS), one_more = make_slot();

    for (seL4_CPtr i = 0; i < POOLS; i++)
        CHECK_OK(make_pool(make_untyped(12), first + i));
    CHECK_ERROR(make_pool(make_untyped(12), one_more), seL4_DeleteFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, first + 5, DEPTH));
    CHECK_OK(make_pool(make_untyped(12), one_more));
}
