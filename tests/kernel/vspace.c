/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables and pages: mapping at each size, rights, remapping, errors. */
#include "faulting.h"
#include "test.h"

#define ADDRESS 0x3000000000ull /* nothing is mapped in this gigabyte */
#define USER_TOP seL4_UserTop
#define MEGA ((seL4_Word)1 << seL4_LargePageBits)
#define GIGA ((seL4_Word)1 << seL4_HugePageBits)
#define SELF seL4_CapInitThreadVSpace

static seL4_Error map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word vaddr)
{
    return seL4_RISCV_Page_Map(frame, vspace, vaddr, seL4_ReadWrite, 0);
}

static seL4_Error map_table(seL4_CPtr table, seL4_CPtr vspace, seL4_Word vaddr)
{
    return seL4_RISCV_PageTable_Map(table, vspace, vaddr, 0);
}

/* Both levels of page tables for ADDRESS in VSPACE. */
static void map_tables(seL4_CPtr vspace, seL4_Word vaddr)
{
    CHECK_OK(map_table(make_table(), vspace, vaddr));
    CHECK_OK(map_table(make_table(), vspace, vaddr));
}

/* Whether a thread of the root's address space can read (write, execute) at VADDR. */
typedef struct {
    seL4_Word vaddr;
    char access;
    seL4_Word ok;
} probe_t;

static void try_access(u4_thread_t *self)
{
    probe_t *p = self->argument;

    if (p->access == 'r')
        (void)fault_load(p->vaddr);
    else if (p->access == 'w')
        fault_store(p->vaddr, 0x00008067); /* ret */
    else
        ((void (*)(void))p->vaddr)();
    p->ok = 1;
}

static bool can(char access, seL4_Word vaddr)
{
    probe_t p = {vaddr, access, 0};
    u4_thread_t *t = thread_faulting("probe", PRIO_HIGH, try_access, &p, make_endpoint());

    start(t);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    return p.ok;
}

TEST(vspace, levels, "a page needs a table of each level; the error says which is missing")
{
    seL4_CPtr vspace = make_vspace(), frame = make_frame();

    CHECK_ERROR(map(frame, vspace, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_HugePageBits);
    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
    CHECK_ERROR(map(frame, vspace, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_LargePageBits);
    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
    CHECK_OK(map(frame, vspace, ADDRESS));
    CHECK_ERROR(map_table(make_table(), vspace, ADDRESS), seL4_DeleteFirst);
}

TEST(vspace, page, "a mapped page is memory: two mappings of one frame show the same")
{
    seL4_CPtr frame = make_frame(), again = copy(frame, seL4_AllRights);
    volatile seL4_Word *a = (seL4_Word *)ADDRESS, *b = (seL4_Word *)(ADDRESS + 0x5000);

    CHECK_OK(u4_vspace_map(&test_vspace, frame, (seL4_Word)a, seL4_ReadWrite, 0));
    CHECK_OK(u4_vspace_map(&test_vspace, again, (seL4_Word)b, seL4_ReadWrite, 0));
    a[7] = 0x1234;
    CHECK_EQ(b[7], 0x1234);
    b[7] = 0x4321;
    CHECK_EQ(a[7], 0x4321);
}

TEST(vspace, mega, "a page of 2 MiB")
{
    seL4_CPtr frame = make(seL4_RISCV_Mega_Page, 0);
    volatile seL4_Word *page = (seL4_Word *)ADDRESS;

    CHECK_ERROR(map(frame, SELF, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_HugePageBits);
    CHECK_OK(map_table(make_table(), SELF, ADDRESS));
    CHECK_OK(map(frame, SELF, ADDRESS));
    page[0] = 1;
    page[MEGA / 8 - 1] = 2;
    CHECK_EQ(page[0] + page[MEGA / 8 - 1], 3);
    CHECK_ERROR(map_table(make_table(), SELF, ADDRESS), seL4_DeleteFirst);
    CHECK_ERROR(map(make_frame(), SELF, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_LargePageBits);
    CHECK_OK(seL4_RISCV_Page_Unmap(frame));
    CHECK(!can('r', ADDRESS));
}

TEST(vspace, mega_errors, "a page of 2 MiB needs alignment and no table in its place")
{
    seL4_CPtr frame = make(seL4_RISCV_Mega_Page, 0), vspace = make_vspace();

    map_tables(vspace, ADDRESS);
    CHECK_ERROR(map(frame, vspace, ADDRESS + 0x1000), seL4_AlignmentError);
    CHECK_ERROR(map(frame, vspace, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_PageBits);
    CHECK_OK(map(frame, vspace, ADDRESS + MEGA));
}

TEST(vspace, giga, "a device page of 1 GiB maps in the root table")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_CPtr device = 0, frame = make_slot(), vspace = make_vspace();

    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start && !device; i++)
        if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= seL4_HugePageBits)
            device = info->untyped.start + i;
    if (!device)
        test_skip("no device Untyped of 1 GiB");
    CHECK_OK(seL4_Untyped_Retype(device, seL4_RISCV_Giga_Page, 0, CNODE, 0, 0, frame, 1));
    CHECK_ERROR(map(frame, vspace, ADDRESS + MEGA), seL4_AlignmentError);
    CHECK_OK(map(frame, vspace, ADDRESS));
    CHECK_ERROR(map(make_frame(), vspace, ADDRESS), seL4_FailedLookup);
    CHECK_WORDS(0, seL4_MissingCapability, seL4_HugePageBits);
    CHECK_OK(seL4_CNode_Delete(CNODE, frame, DEPTH));
    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
}

TEST(vspace, rights, "rights of the mapping: read and write, read only, execute")
{
    seL4_CPtr frame = make_frame();

    CHECK_OK(u4_vspace_map(&test_vspace, frame, ADDRESS, seL4_ReadWrite, 0));
    CHECK(can('r', ADDRESS) && can('w', ADDRESS) && can('x', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Map(frame, SELF, ADDRESS, seL4_CanRead, 0));
    CHECK(can('r', ADDRESS) && !can('w', ADDRESS) && can('x', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Map(frame, SELF, ADDRESS, seL4_CanRead, seL4_RISCV_ExecuteNever));
    CHECK(can('r', ADDRESS) && !can('w', ADDRESS) && !can('x', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Map(frame, SELF, ADDRESS, seL4_NoRights, 0));
    CHECK(!can('r', ADDRESS) && !can('w', ADDRESS) && can('x', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Map(frame, SELF, ADDRESS, seL4_NoRights, seL4_RISCV_ExecuteNever));
    CHECK(!can('r', ADDRESS) && !can('x', ADDRESS));
}

TEST(vspace, cap_rights, "the capability's own rights limit those of the mapping")
{
    seL4_CPtr reader = copy(make_frame(), seL4_CanRead);

    CHECK_OK(u4_vspace_map(&test_vspace, reader, ADDRESS, seL4_ReadWrite, 0));
    CHECK(can('r', ADDRESS) && !can('w', ADDRESS));
}

TEST(vspace, unmap, "Unmap takes a page away; unmapping twice is no error")
{
    seL4_CPtr frame = make_frame();

    CHECK_OK(u4_vspace_map(&test_vspace, frame, ADDRESS, seL4_ReadWrite, 0));
    CHECK(can('r', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Unmap(frame));
    CHECK(!can('r', ADDRESS));
    CHECK_OK(seL4_RISCV_Page_Unmap(frame));
    CHECK_OK(map(frame, SELF, ADDRESS + 0x1000));
    CHECK(can('r', ADDRESS + 0x1000));
}

TEST(vspace, delete_frame, "deleting a frame's capability unmaps it, copies stay mapped")
{
    seL4_CPtr frame = make_frame(), again = copy(frame, seL4_AllRights);

    CHECK_OK(u4_vspace_map(&test_vspace, frame, ADDRESS, seL4_ReadWrite, 0));
    CHECK_OK(u4_vspace_map(&test_vspace, again, ADDRESS + 0x1000, seL4_ReadWrite, 0));
    CHECK_OK(seL4_CNode_Delete(CNODE, frame, DEPTH));
    CHECK(!can('r', ADDRESS));
    CHECK(can('r', ADDRESS + 0x1000));
}

TEST(vspace, map_errors, "Page_Map: address spaces, addresses and places that will not do")
{
    seL4_CPtr frame = make_frame(), vspace = make_vspace(), other = make_vspace();
    seL4_CPtr inner = make_table();

    CHECK_ERROR(map(frame, make_endpoint(), ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(map(frame, make_table(), ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_OK(map_table(inner, vspace, ADDRESS));
    CHECK_ERROR(map(frame, inner, ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(map(frame, vspace, USER_TOP), seL4_InvalidArgument);
    CHECK_WORDS(0);
    CHECK_ERROR(map(frame, vspace, 0xffffffff80000000ull), seL4_InvalidArgument);
    CHECK_ERROR(map(frame, vspace, ADDRESS + 1), seL4_AlignmentError);
    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
    CHECK_OK(map(frame, vspace, ADDRESS));
    CHECK_ERROR(map(make_frame(), vspace, ADDRESS), seL4_DeleteFirst);
    CHECK_ERROR(map(frame, vspace, ADDRESS + 0x1000), seL4_InvalidArgument);
    CHECK_WORDS(0);
    map_tables(other, ADDRESS);
    CHECK_ERROR(map(frame, other, ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
}

TEST(vspace, map_top, "the highest user page can be mapped")
{
    seL4_CPtr vspace = make_vspace();

    map_tables(vspace, USER_TOP - 0x1000);
    CHECK_OK(map(make_frame(), vspace, USER_TOP - 0x1000));
}

TEST(vspace, table_errors, "PageTable_Map: address spaces and addresses that will not do")
{
    seL4_CPtr vspace = make_vspace(), table = make_table(), inner = make_table();

    CHECK_ERROR(map_table(table, make_endpoint(), ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(map_table(table, make_table(), ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(map_table(table, vspace, USER_TOP), seL4_InvalidArgument);
    CHECK_WORDS(0);
    CHECK_ERROR(map_table(vspace, SELF, ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(0);
    CHECK_OK(map_table(inner, vspace, ADDRESS + 0x1234));
    CHECK_ERROR(map_table(inner, vspace, ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(0);
    CHECK_ERROR(map_table(table, inner, ADDRESS), seL4_InvalidCapability);
    CHECK_WORDS(1);
}

TEST(vspace, table_unmap, "unmapping a page table takes its pages away and empties it")
{
    seL4_CPtr table = make_table(), vspace = make_vspace();

    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
    CHECK_OK(map_table(table, vspace, ADDRESS));
    CHECK_OK(map(make_frame(), vspace, ADDRESS));
    CHECK_OK(seL4_RISCV_PageTable_Unmap(table));
    CHECK_ERROR(map(make_frame(), vspace, ADDRESS), seL4_FailedLookup);
    CHECK_OK(map_table(table, vspace, ADDRESS));
    CHECK_OK(map(make_frame(), vspace, ADDRESS));
    CHECK_OK(seL4_RISCV_PageTable_Unmap(make_table()));
}

TEST(vspace, table_unmap_errors, "PageTable_Unmap: copies and roots of address spaces")
{
    seL4_CPtr vspace = make_vspace(), table = make_table(), copied;

    CHECK_ERROR(seL4_RISCV_PageTable_Unmap(vspace), seL4_RevokeFirst);
    CHECK_OK(map_table(table, vspace, ADDRESS));
    copied = copy(table, seL4_AllRights);
    CHECK_ERROR(seL4_RISCV_PageTable_Unmap(table), seL4_RevokeFirst);
    CHECK_OK(seL4_CNode_Delete(CNODE, copied, DEPTH));
    CHECK_OK(seL4_RISCV_PageTable_Unmap(table));
}

TEST(vspace, delete_table, "deleting a page table unmaps it")
{
    seL4_CPtr vspace = make_vspace(), table = make_table();

    CHECK_OK(map_table(table, vspace, ADDRESS));
    CHECK_OK(seL4_CNode_Delete(CNODE, table, DEPTH));
    CHECK_OK(map_table(make_table(), vspace, ADDRESS));
}

TEST(vspace, address, "GetAddress gives the physical address, copies the same")
{
    seL4_CPtr frame = make_frame(), again = copy(frame, seL4_CanRead);
    seL4_RISCV_Page_GetAddress_t a = seL4_RISCV_Page_GetAddress(frame);
    seL4_RISCV_Page_GetAddress_t b = seL4_RISCV_Page_GetAddress(again);

    CHECK_EQ(a.error, seL4_NoError);
    CHECK(a.paddr >= 0x80000000 && a.paddr % 4096 == 0);
    CHECK_EQ(a.paddr, b.paddr);
}

TEST(vspace, truncated, "messages that are too short")
{
    seL4_CPtr frame = make_frame(), table = make_table();

    seL4_SetCap(0, SELF);
    CHECK_ERROR(raw(frame, RISCVPageMap, 1, 2), seL4_TruncatedMessage);
    CHECK_ERROR(raw(frame, RISCVPageMap, 0, 3), seL4_TruncatedMessage);
    CHECK_ERROR(raw(table, RISCVPageTableMap, 1, 1), seL4_TruncatedMessage);
    CHECK_ERROR(raw(table, RISCVPageTableMap, 0, 2), seL4_TruncatedMessage);
}

TEST(vspace, label, "another label is an illegal operation")
{
    CHECK_ERROR(raw(make_frame(), RISCVPageTableMap, 0, 0), seL4_IllegalOperation);
    CHECK_ERROR(raw(make_table(), RISCVPageMap, 0, 0), seL4_IllegalOperation);
}
