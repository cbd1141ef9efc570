/* SPDX-License-Identifier: BSD-2-Clause */
/* The demo's root task: starts the system, watches over it, prints what was counted, leaves. */
#include <stdio.h>

#include <u4/machine.h>
#include <u4/receive.h>
#include <u4/u4.h>

#include "services/demo.h"
#include "services/root/root.h"

root_t root;

seL4_CPtr root_object(seL4_Word type, seL4_Word size_bits, const char *what)
{
    seL4_CPtr cap = 0;

    demo_check(u4_alloc_object(&root.alloc, type, size_bits, &cap), what);
    return cap;
}

seL4_CPtr root_badged(seL4_CPtr cap, seL4_Word badge, const char *what)
{
    seL4_CPtr slot = u4_alloc_slots(&root.alloc, 1);

    demo_check(slot ? seL4_CNode_Mint(root.alloc.cnode, slot, seL4_WordBits, root.alloc.cnode, cap,
                                      seL4_WordBits, seL4_AllRights, badge)
                    : seL4_RangeError,
               what);
    return slot;
}

/* Each count on a line of its own: "u4-demo: count NAME=VALUE". */
static void print_counts(void)
{
#define PRINT(name) printf("u4-demo: count " #name "=%lu\n", counts.name);
    DEMO_COUNTS(PRINT)
#undef PRINT
}

int main(void)
{
    seL4_CPtr tcb = seL4_CapInitThreadTCB;
    bool well;

    u4_alloc_boot(&root.alloc, seL4_GetBootInfo());
    u4_vspace_init(&root.vspace, &root.alloc, seL4_CapInitThreadVSpace);
    demo_check(u4_machine_init(&root.vspace), "root: mapping the test device");
    u4_name_thread(tcb, "root");
    demo_check(seL4_TCB_SetPriority(tcb, tcb, PRIO_ROOT), "root: setting its priority");
    demo_check(u4_make_reply(&root.alloc), "root: making its reply object");
    printf("u4-demo: starting on %s\n", u4_kernel() ? "u4" : "seL4");
    root.monitor = root_object(seL4_EndpointObject, 0, "root: making its endpoint");
    root_create();
    counts.mark++;
    u4_trace_mark(0, 1);
    root_start();
    root_start_churn();
    well = root_monitor();
    counts.mark++;
    u4_trace_mark(0, 2);
    print_counts();
    printf("u4-demo: %s\n", well ? "done" : "FAILED");
    return well ? 0 : 1;
}
