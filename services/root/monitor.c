/* SPDX-License-Identifier: BSD-2-Clause */
/* Root's loop: answers faults, adds up reports, waits for everyone's end. */
#include <stdio.h>

#include <u4/receive.h>
#include <u4/u4.h>

#include "services/demo.h"
#include "services/root/root.h"

#if U4_MCS
enum { LAST = CHURN - 1 };
#else
enum { LAST = CHURN };
#endif

static unsigned ended;
static bool well = true;

static void answer(seL4_MessageInfo_t info)
{
    counts.fault_reply++;
    u4_ep_reply(info);
}

static void complain(seL4_Word id, const char *what)
{
    printf("root: program %lu %s; it stays stopped\n", id, what);
    well = false;
    ended++;
}

/* A page of the program is missing: give it a fresh one. */
static void map_page(seL4_Word id)
{
    seL4_Word address = seL4_GetMR(seL4_VMFault_Addr);
    seL4_CPtr frame = root_object(seL4_RISCV_4K_Page, 0, "root: making a page for a fault");
    seL4_Error error = u4_vspace_map(&root.programs[id].vspace, frame, address & ~0xffful,
                                     seL4_ReadWrite, seL4_RISCV_ExecuteNever);

    if (error)
        complain(id, "touched what cannot be mapped");
    else
        answer(seL4_MessageInfo_new(0, 0, 0, 0));
}

/* A capability is missing: put an active notification there, the wait then succeeds. */
static void give_notification(seL4_Word id)
{
    seL4_Word slot = seL4_GetMR(seL4_CapFault_Addr);
    seL4_CPtr ntfn = root_object(seL4_NotificationObject, 0, "root: making a notification");
    u4_process_t *p = &root.programs[id];

    if (seL4_CNode_Copy(p->cnode, slot, (seL4_Uint8)p->cnode_bits, root.alloc.cnode, ntfn,
                        seL4_WordBits, seL4_CanRead)) {
        complain(id, "used a capability that root cannot give");
        return;
    }
    counts.signal++;
    seL4_Signal(ntfn);
    answer(seL4_MessageInfo_new(0, 0, 0, 0));
}

/* A breakpoint: go on behind it. */
static void skip_breakpoint(seL4_Word id)
{
    enum { BREAKPOINT = 3 };

    if (seL4_GetMR(seL4_UserException_Number) != BREAKPOINT) {
        complain(id, "raised an exception");
        return;
    }
    seL4_SetMR(0, seL4_GetMR(seL4_UserException_FaultIP) + 4);
    answer(seL4_MessageInfo_new(0, 0, 0, 1));
}

#if U4_MCS
/* The program waits from now on for callers who lend it their time. */
static void make_passive(seL4_Word id)
{
    counts.ipc_nbsend++;
    demo_check(seL4_SchedContext_Unbind(root.programs[id].sched_context),
               "root: taking a server's time");
}

/* A period's budget is used up: another one, for once. */
static void give_more_time(seL4_Word id)
{
    demo_check(root_give_time(&root.programs[id], id), "root: giving more time");
    answer(seL4_MessageInfo_new(0, 0, 0, 0));
}
#endif

static void add_report(void)
{
    seL4_Word *words = (seL4_Word *)&counts;

    for (size_t i = 0; i < sizeof counts / sizeof(seL4_Word); i++)
        words[i] += seL4_GetMR((int)i);
}

static void take(seL4_MessageInfo_t info, seL4_Word id)
{
    switch (seL4_MessageInfo_get_label(info)) {
    case DEMO_REPORT: add_report(); return;
#if U4_MCS
    case DEMO_PASSIVE: make_passive(id); return;
#endif
    case U4_LABEL_EXIT:
        ended++;
        if (seL4_GetMR(0) != 0) {
            printf("root: program %lu ended with status %ld\n", id, (long)seL4_GetMR(0));
            well = false;
        }
        return;
    default: break;
    }
    counts.fault++;
    switch (seL4_MessageInfo_get_label(info)) {
    case seL4_Fault_VMFault: map_page(id); return;
    case seL4_Fault_CapFault: give_notification(id); return;
    case seL4_Fault_UserException: skip_breakpoint(id); return;
#if U4_MCS
    case seL4_Fault_Timeout: give_more_time(id); return;
#endif
    default: complain(id, "made an unknown system call");
    }
}

bool root_monitor(void)
{
    while (ended < LAST) { /* programs 1..PROGRAMS-1 and churn, but for servers without time */
        seL4_Word badge;
        seL4_MessageInfo_t info = u4_ep_recv(root.monitor, &badge);

        take(info, badge);
    }
    return well;
}
