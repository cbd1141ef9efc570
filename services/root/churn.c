/* SPDX-License-Identifier: BSD-2-Clause */
/* churn: a second thread of root. It fills an Untyped with objects and revokes it, many times. */
#include <u4/u4.h>

#include "services/demo.h"
#include "services/root/root.h"

enum { ROUNDS = 12, UNTYPED_BITS = 15, OBJECTS = 8, SLOTS = 2 * OBJECTS };

static seL4_CPtr untyped, slots, end;

static void make_objects(void)
{
    seL4_CNode cnode = root.alloc.cnode;

    demo_check(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, cnode, 0, 0, slots, OBJECTS),
               "churn: making endpoints");
    demo_check(
        seL4_Untyped_Retype(untyped, seL4_TCBObject, 0, cnode, 0, 0, slots + OBJECTS, OBJECTS / 2),
        "churn: making threads");
    for (seL4_CPtr i = 0; i < OBJECTS / 2; i++)
        demo_check(seL4_CNode_Mint(cnode, slots + OBJECTS + OBJECTS / 2 + i, seL4_WordBits, cnode,
                                   slots + i, seL4_WordBits, seL4_AllRights, i + 1),
                   "churn: minting");
}

static void churn(u4_thread_t *self)
{
    (void)self;
    for (unsigned round = 0; round < ROUNDS; round++) {
        make_objects();
        demo_work(50 * 1000);
        demo_check(seL4_CNode_Revoke(root.alloc.cnode, untyped, seL4_WordBits), "churn: revoking");
    }
    seL4_SetMR(0, 0);
    seL4_Send(end, seL4_MessageInfo_new(U4_LABEL_EXIT, 0, 0, 1));
}

void root_start_churn(void)
{
    static u4_thread_t thread;
    static char stack[8192] __attribute__((aligned(16)));
    const u4_thread_env_t env = {.alloc = &root.alloc,
                                 .vspace = &root.vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB,
                                 .sched_control = u4_boot_sched_control()};
    const u4_thread_config_t config = {.name = "churn",
                                       .entry = churn,
                                       .stack = stack,
                                       .stack_size = sizeof stack,
                                       .priority = PRIO_CHURN,
                                       .mcp = PRIO_CHURN};

    untyped = root_object(seL4_UntypedObject, UNTYPED_BITS, "root: making churn's memory");
    slots = u4_alloc_slots(&root.alloc, SLOTS);
    end = root_badged(root.monitor, CHURN, "root: badging its endpoint");
    counts.ipc_send++; /* its end */
    demo_check(u4_thread_create(&thread, &env, &config), "root: making churn");
    demo_check(seL4_TCB_Resume(thread.tcb), "root: starting churn");
}
