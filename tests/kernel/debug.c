/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug system calls of a debug kernel, and u4's own calls. */
#include <string.h>

#include "faulting.h"
#include "test.h"

static void need_debug_calls(void)
{
    if (!u4_debug_calls())
        test_skip("the kernel has no debug system calls");
}

TEST(debug, identify, "CapIdentify tells types apart, and knows empty slots")
{
    seL4_CPtr caps[] = {make_tcb(), make_endpoint(), make_notification(), make_cnode(2),
                        make_frame()};
    enum { COUNT = sizeof caps / sizeof *caps };

    need_debug_calls();
    CHECK_EQ(seL4_DebugCapIdentify(make_slot()), 0);
    CHECK_EQ(seL4_DebugCapIdentify((seL4_Word)1 << 60), 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK(seL4_DebugCapIdentify(caps[i]) != 0);
        for (int k = 0; k < i; k++)
            CHECK(seL4_DebugCapIdentify(caps[i]) != seL4_DebugCapIdentify(caps[k]));
        CHECK_EQ(seL4_DebugCapIdentify(copy(caps[i], seL4_AllRights)),
                 seL4_DebugCapIdentify(caps[i]));
    }
}

TEST(debug, numbers, "CapIdentify's numbers are seL4's")
{
    need_debug_calls();
    CHECK_EQ(seL4_DebugCapIdentify(make_untyped(4)), 2);
    CHECK_EQ(seL4_DebugCapIdentify(make_endpoint()), 4);
    CHECK_EQ(seL4_DebugCapIdentify(make_notification()), 6);
    CHECK_EQ(seL4_DebugCapIdentify(make_cnode(2)), 10);
    CHECK_EQ(seL4_DebugCapIdentify(make_tcb()), 12);
    CHECK_EQ(seL4_DebugCapIdentify(seL4_CapIRQControl), 14);
    CHECK_EQ(seL4_DebugCapIdentify(make_frame()), 1);
    CHECK_EQ(seL4_DebugCapIdentify(make_table()), 3);
    CHECK_EQ(seL4_DebugCapIdentify(seL4_CapASIDControl), 11);
    CHECK_EQ(seL4_DebugCapIdentify(seL4_CapInitThreadASIDPool), 13);
    CHECK_EQ(seL4_DebugCapIdentify(seL4_CapDomain), 20);
}

TEST(debug, kept, "debug system calls change no register but CapIdentify's result")
{
    need_debug_calls();
    CHECK_EQ(registers_kept(seL4_SysDebugCapIdentify, CNODE, 0, 9), 0);
    seL4_DebugNameThread(seL4_CapInitThreadTCB, "tests");
    CHECK_EQ(registers_kept(seL4_SysDebugNameThread, seL4_CapInitThreadTCB, 0, 9), 0);
}

TEST_U4(debug, u4_boot_chunk, "BootInfo has u4's chunk")
{
    const u4_boot_chunk_t *chunk = u4_boot_chunk();

    CHECK(chunk != NULL);
    CHECK_EQ(chunk->version, 1);
    CHECK(chunk->timebase_hz >= 1000000);
}

TEST_U4(debug, u4_calls, "u4's calls change no register")
{
    strcpy((char *)seL4_GetIPCBuffer()->msg, "tests");
    CHECK_EQ(registers_kept((seL4_Word)u4_SysNameThread, seL4_CapInitThreadTCB, 0, 9), 0);
    CHECK_EQ(registers_kept((seL4_Word)u4_SysTraceMark, 7, 8, 9), 0);
}
