/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped: seL4_Untyped_Retype, its order of checks, watermark and reset. */
#include <string.h>

#include "test.h"

static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word bits, seL4_Word count)
{
    seL4_CPtr slot = u4_alloc_slots(&test_alloc, count ? count : 1);

    return seL4_Untyped_Retype(untyped, type, bits, CNODE, 0, 0, slot, count);
}

TEST(untyped, all_types, "every object type can be made")
{
    static const struct {
        seL4_Word type, bits;
    } types[] = {
        {seL4_RISCV_Mega_Page, 0}, {seL4_UntypedObject, 4},
        {seL4_UntypedObject, 12},  {seL4_TCBObject, 0},
        {seL4_EndpointObject, 0},  {seL4_CapTableObject, 1},
        {seL4_CapTableObject, 8},  {seL4_NotificationObject, 0},
        {seL4_RISCV_4K_Page, 0},   {seL4_RISCV_PageTableObject, 0},
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        CHECK(make(types[i].type, types[i].bits) != 0);
}

TEST(untyped, many, "one call makes up to 256 objects, in slots in a row")
{
    seL4_CPtr untyped = make_untyped(13);
    seL4_CPtr first = u4_alloc_slots(&test_alloc, 256);

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 0, 0, first, 256));
    for (seL4_CPtr i = 0; i < 256; i++)
        CHECK(!slot_empty(first + i));
    CHECK_ERROR(retype(untyped, seL4_EndpointObject, 0, 257), seL4_RangeError);
    CHECK_WORDS(1, 256);
    CHECK_ERROR(retype(untyped, seL4_EndpointObject, 0, 0), seL4_RangeError);
    CHECK_WORDS(1, 256);
}

TEST(untyped, node, "objects go to a CNode below the root, by index and depth")
{
    seL4_CPtr node = make_cnode(4);
    seL4_CPtr untyped = make_untyped(10);
    seL4_CPtr slot = make_slot();

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, node, DEPTH, 3, 2));
    CHECK_OK(seL4_CNode_Move(CNODE, slot, DEPTH, node, 3, 4));
    CHECK_OK(seL4_CNode_Delete(node, 4, 4));
    CHECK_ERROR(seL4_CNode_Move(node, 5, 4, node, 4, 4), seL4_FailedLookup);
}

TEST(untyped, label, "another label is an illegal operation")
{
    seL4_CPtr untyped = make_untyped(10);

    CHECK_ERROR(raw(untyped, TCBSuspend, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(raw(untyped, nInvocationLabels, 0, 0), seL4_IllegalOperation);
}

TEST(untyped, truncated, "a message that is too short")
{
    seL4_CPtr untyped = make_untyped(10);

    seL4_SetCap(0, CNODE);
    CHECK_ERROR(raw(untyped, UntypedRetype, 1, 5), seL4_TruncatedMessage);
    CHECK_ERROR(raw(untyped, UntypedRetype, 0, 6), seL4_TruncatedMessage);
}

TEST(untyped, type, "a type that does not exist")
{
    CHECK_ERROR(retype(make_untyped(12), seL4_ObjectTypeCount, 0, 1), seL4_InvalidArgument);
    CHECK_WORDS(0);
}

TEST(untyped, size, "sizes out of range")
{
    seL4_CPtr untyped = make_untyped(12);

    CHECK_ERROR(retype(untyped, seL4_UntypedObject, 64, 1), seL4_RangeError);
    CHECK_WORDS(0, seL4_MaxUntypedBits);
    CHECK_ERROR(retype(untyped, seL4_UntypedObject, 39, 1), seL4_RangeError);
    CHECK_WORDS(0, seL4_MaxUntypedBits);
    CHECK_ERROR(retype(untyped, seL4_CapTableObject, 34, 1), seL4_RangeError);
    CHECK_ERROR(retype(untyped, seL4_EndpointObject, 64, 1), seL4_RangeError);
    CHECK_ERROR(retype(untyped, seL4_UntypedObject, 3, 1), seL4_InvalidArgument);
    CHECK_WORDS(1);
    CHECK_ERROR(retype(untyped, seL4_CapTableObject, 0, 1), seL4_InvalidArgument);
    CHECK_WORDS(1);
    CHECK_OK(retype(untyped, seL4_EndpointObject, 63, 1));
}

TEST(untyped, node_lookup, "a destination that is no CNode")
{
    seL4_CPtr untyped = make_untyped(12), empty = make_slot(), endpoint = make_endpoint();

    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, endpoint, 0, 0, 0, 1),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, 0);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, empty, DEPTH, 0, 1),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, DEPTH);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, endpoint, 1, DEPTH, 0, 1),
                seL4_FailedLookup);
    CHECK_WORDS(0, seL4_InvalidRoot);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, CNODE, 1, 65, 0, 1),
                seL4_RangeError);
    CHECK_WORDS(1, seL4_WordBits);
}

TEST(untyped, window, "slots outside the destination CNode")
{
    seL4_CPtr untyped = make_untyped(12), node = make_cnode(3);

    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 8, 1),
                seL4_RangeError);
    CHECK_WORDS(0, 7);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 6, 3),
                seL4_RangeError);
    CHECK_WORDS(1, 2);
    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 6, 2));
}

TEST(untyped, occupied, "a slot that is in use")
{
    seL4_CPtr untyped = make_untyped(12), node = make_cnode(3);

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 2, 1));
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 0, 3),
                seL4_DeleteFirst);
    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, node, 0, 0, 0, 2));
}

TEST(untyped, memory, "an Untyped that is used up says how much is left")
{
    seL4_CPtr untyped = make_untyped(13);

    CHECK_ERROR(retype(untyped, seL4_RISCV_4K_Page, 0, 3), seL4_NotEnoughMemory);
    CHECK_WORDS(8192);
    CHECK_OK(retype(untyped, seL4_EndpointObject, 0, 1));
    CHECK_ERROR(retype(untyped, seL4_UntypedObject, 13, 1), seL4_NotEnoughMemory);
    CHECK_WORDS(8192 - 16);
    CHECK_OK(retype(untyped, seL4_RISCV_4K_Page, 0, 1));
    CHECK_ERROR(retype(untyped, seL4_EndpointObject, 0, 1), seL4_NotEnoughMemory);
    CHECK_WORDS(0);
}

TEST(untyped, address, "objects lie in order of their making, aligned to their size")
{
    seL4_CPtr untyped = make_untyped(15), frame[3];
    seL4_Word base = 0;

    for (int i = 0; i < 3; i++) {
        seL4_RISCV_Page_GetAddress_t at;

        frame[i] = make_slot();
        CHECK_OK(seL4_Untyped_Retype(untyped, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, frame[i], 1));
        CHECK_OK(retype(untyped, seL4_EndpointObject, 0, 1));
        at = seL4_RISCV_Page_GetAddress(frame[i]);
        CHECK_EQ(at.error, seL4_NoError);
        if (i == 0)
            base = at.paddr;
        CHECK_EQ(at.paddr, base + (seL4_Word)i * 8192);
    }
    CHECK_EQ(base & 0x7fff, 0);
}

TEST(untyped, revoke, "after Revoke the memory is free again and cleared")
{
    seL4_CPtr untyped = make_untyped(12), frame = make_slot();
    seL4_Word *page = (seL4_Word *)u4_vspace_window(&test_vspace, 1);

    for (int round = 0; round < 2; round++) {
        CHECK_OK(seL4_Untyped_Retype(untyped, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, frame, 1));
        CHECK_OK(u4_vspace_map(&test_vspace, frame, (seL4_Word)page, seL4_ReadWrite, 1));
        for (int i = 0; i < 512; i++)
            CHECK_EQ(page[i], 0);
        memset(page, 0xa5, 4096);
        CHECK_ERROR(retype(untyped, seL4_EndpointObject, 0, 1), seL4_NotEnoughMemory);
        CHECK_OK(seL4_CNode_Revoke(CNODE, untyped, DEPTH));
        CHECK(slot_empty(frame));
    }
}

TEST(untyped, delete_children, "deleting the last child resets the watermark too")
{
    seL4_CPtr untyped = make_untyped(12), frame = make_slot();

    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, frame, 1));
    CHECK_OK(seL4_CNode_Delete(CNODE, frame, DEPTH));
    CHECK_OK(seL4_Untyped_Retype(untyped, seL4_RISCV_4K_Page, 0, CNODE, 0, 0, frame, 1));
}

TEST(untyped, nested, "revoking an Untyped deletes what was made from its parts")
{
    seL4_CPtr outer = make_untyped(14), inner = make_slot(), object = make_slot();

    CHECK_OK(seL4_Untyped_Retype(outer, seL4_UntypedObject, 13, CNODE, 0, 0, inner, 1));
    CHECK_OK(seL4_Untyped_Retype(inner, seL4_TCBObject, 0, CNODE, 0, 0, object, 1));
    CHECK_OK(seL4_CNode_Revoke(CNODE, outer, DEPTH));
    CHECK(slot_empty(inner));
    CHECK(slot_empty(object));
}

TEST(untyped, copies, "an Untyped with children has no copies; a copied one is full")
{
    seL4_CPtr untyped = make_untyped(12), slot = make_slot();

    CHECK_OK(seL4_CNode_Copy(CNODE, slot, DEPTH, CNODE, untyped, DEPTH, seL4_AllRights));
    CHECK_ERROR(retype(untyped, seL4_EndpointObject, 0, 1), seL4_NotEnoughMemory);
    CHECK_WORDS(0);
    CHECK_OK(retype(slot, seL4_EndpointObject, 0, 1));
    CHECK_ERROR(seL4_CNode_Copy(CNODE, make_slot(), DEPTH, CNODE, slot, DEPTH, seL4_AllRights),
                seL4_RevokeFirst);
}

TEST(untyped, device, "device memory becomes frames and Untypeds, nothing else")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr device = 0;

    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start && !device; i++)
        if (info->untypedList[i].isDevice && info->untypedList[i].paddr == 0x20000000)
            device = info->untyped.start + i;
    if (!device)
        test_skip("no device Untyped at 0x20000000");
    CHECK_ERROR(retype(device, seL4_EndpointObject, 0, 1), seL4_InvalidArgument);
    CHECK_WORDS(1);
    CHECK_ERROR(retype(device, seL4_CapTableObject, 4, 1), seL4_InvalidArgument);
    CHECK_ERROR(retype(device, seL4_RISCV_PageTableObject, 0, 1), seL4_InvalidArgument);
    CHECK_OK(retype(device, seL4_RISCV_4K_Page, 0, 1));
    CHECK_OK(retype(device, seL4_UntypedObject, 12, 1));
    CHECK_OK(seL4_CNode_Revoke(CNODE, device, DEPTH));
}

TEST(untyped, bootinfo, "BootInfo's Untypeds do not overlap and are aligned to their size")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Word count = info->untyped.end - info->untyped.start;

    CHECK(count > 0 && count <= CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS);
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *a = &info->untypedList[i];

        CHECK(a->sizeBits >= seL4_MinUntypedBits && a->sizeBits <= seL4_MaxUntypedBits);
        CHECK_EQ(a->paddr & (((seL4_Word)1 << a->sizeBits) - 1), 0);
        for (seL4_Word j = 0; j < i; j++) {
            const seL4_UntypedDesc *b = &info->untypedList[j];

            CHECK(a->paddr + ((seL4_Word)1 << a->sizeBits) <= b->paddr ||
                  b->paddr + ((seL4_Word)1 << b->sizeBits) <= a->paddr);
        }
    }
}
