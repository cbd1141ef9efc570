/* SPDX-License-Identifier: BSD-2-Clause */
/* What the root task is started with: BootInfo and the initial capabilities. */
#include <u4/trace.h>

#include "test.h"

TEST(bootinfo, fields, "BootInfo describes the nodes and the root CNode")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();

    CHECK_EQ((seL4_Word)info & 0xfff, 0);
    CHECK_EQ(info->nodeID, 0);
    CHECK(info->numNodes >= 1 && info->numNodes <= CONFIG_MAX_NUM_NODES);
    CHECK_EQ(info->numIOPTLevels, 0);
    CHECK_EQ((seL4_Word)info->ipcBuffer, (seL4_Word)info - 4096);
    CHECK_EQ(info->initThreadCNodeSizeBits, CONFIG_ROOT_CNODE_SIZE_BITS);
    CHECK_EQ(info->initThreadDomain, 0);
}

TEST_CLASSIC(bootinfo, regions, "its slot regions follow each other and end with the empty one")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();

    CHECK_EQ(info->sharedFrames.start, info->sharedFrames.end);
    CHECK_EQ(info->ioSpaceCaps.start, info->ioSpaceCaps.end);
    CHECK_EQ(info->userImagePaging.start, seL4_NumInitialCaps);
    CHECK_EQ(info->extraBIPages.start, info->userImagePaging.end);
    CHECK_EQ(info->userImageFrames.start, info->extraBIPages.end);
    CHECK_EQ(info->untyped.start, info->userImageFrames.end);
    CHECK_EQ(info->empty.start, info->untyped.end);
    CHECK_EQ(info->empty.end,
             (1ul << CONFIG_ROOT_CNODE_SIZE_BITS) - (u4_trace_cap() ? 1 : 0)); /* u4's own last */
}

TEST(bootinfo, image, "the image's frames cover it page by page")
{
    extern char __heap_end[], _start[];
    const seL4_BootInfo *info = seL4_GetBootInfo();
    seL4_Word frames = info->userImageFrames.end - info->userImageFrames.start;
    seL4_Word size = (seL4_Word)info->ipcBuffer - 0x10000;

    CHECK_EQ(frames, size / 4096);
    CHECK((seL4_Word)_start >= 0x10000 && (seL4_Word)__heap_end <= (seL4_Word)info->ipcBuffer);
    CHECK_EQ(seL4_RISCV_Page_GetAddress(info->userImageFrames.start).paddr + 4096 * (frames - 1),
             seL4_RISCV_Page_GetAddress(info->userImageFrames.end - 1).paddr);
}

TEST(bootinfo, initial, "the initial capabilities are where they should be")
{
    seL4_UserContext regs;

    CHECK_ERROR(seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, 0, 0, 1, &regs),
                seL4_IllegalOperation);
    CHECK_OK(
        seL4_TCB_SetSpace(make_tcb(), 0, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0));
    CHECK_EQ(seL4_RISCV_Page_GetAddress(seL4_CapBootInfoFrame).error, seL4_NoError);
    CHECK_EQ(seL4_RISCV_Page_GetAddress(seL4_CapInitThreadIPCBuffer).error, seL4_NoError);
    CHECK(slot_empty(seL4_CapNull) && slot_empty(seL4_CapIOPortControl));
    CHECK(slot_empty(seL4_CapIOSpace) && slot_empty(seL4_CapSMMUSIDControl));
    CHECK(slot_empty(seL4_CapSMMUCBControl) && slot_empty(seL4_CapSMC));
    CHECK(slot_empty(seL4_GetBootInfo()->empty.end - 1));
}

TEST(bootinfo, priority, "the root task may give any priority")
{
    seL4_CPtr tcb = seL4_CapInitThreadTCB;

    CHECK_OK(seL4_TCB_SetPriority(make_tcb(), tcb, seL4_MaxPrio));
    CHECK_OK(seL4_TCB_SetMCPriority(make_tcb(), tcb, seL4_MaxPrio));
}

TEST(bootinfo, device_tree, "the extra region holds the device tree")
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    const seL4_BootInfoHeader *fdt = u4_bootinfo_chunk(info, SEL4_BOOTINFO_HEADER_FDT);
    static const uint8_t magic[] = {0xd0, 0x0d, 0xfe, 0xed};

    CHECK(fdt != NULL);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(((const uint8_t *)(fdt + 1))[i], magic[i]);
    CHECK((info->extraBIPages.end - info->extraBIPages.start) * 4096 >= info->extraLen);
}

TEST(bootinfo, scounteren, "user programs can read cycle, time and instret")
{
    seL4_Word cycle, time, instret;

    __asm__ volatile("rdcycle %0\nrdtime %1\nrdinstret %2"
                     : "=r"(cycle), "=r"(time), "=r"(instret));
    CHECK(cycle > 0 && time > 0 && instret > 0);
}
