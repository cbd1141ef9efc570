/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types and variables that the GDB scripts read of a seL4 kernel, by the names that seL4 16.0
 * has for them, for sel4.t: compiled with debug information, linked where that kernel lies, never
 * run. The test writes a state into a memory image. The order of members and the sizes of arrays
 * are not seL4's, so that a layout taken from anywhere but the debug information is seen.
 */
#include <stdint.h>

typedef uint64_t word_t;
typedef struct cap {
    word_t words[2];
} cap_t;
typedef struct mdb_node {
    word_t words[2];
} mdb_node_t;
typedef struct cte {
    cap_t cap;
    mdb_node_t cteMDBNode;
} cte_t;
typedef struct endpoint {
    word_t words[2];
} endpoint_t;
typedef struct notification {
    word_t words[4];
} notification_t;
typedef struct thread_state {
    word_t words[3];
} thread_state_t;
typedef struct seL4_Fault {
    word_t words[2];
} seL4_Fault_t;
typedef struct lookup_fault {
    word_t words[2];
} lookup_fault_t;
typedef struct pte {
    word_t words[1];
} pte_t;
typedef struct asid_pool {
    pte_t *array[512];
} asid_pool_t;

enum cap_tag {
    cap_null_cap = 0,
    cap_untyped_cap = 2,
    cap_endpoint_cap = 4,
    cap_notification_cap = 6,
    cap_reply_cap = 8,
    cap_cnode_cap = 10,
    cap_thread_cap = 12,
    cap_irq_control_cap = 14,
    cap_irq_handler_cap = 16,
    cap_zombie_cap = 18,
    cap_domain_cap = 20,
#ifdef MCS
    cap_sched_context_cap = 22,
    cap_sched_control_cap = 24,
#endif
    cap_frame_cap = 1,
    cap_page_table_cap = 3,
    cap_asid_control_cap = 11,
    cap_asid_pool_cap = 13
};
#ifdef MCS
enum tcb_cnode_index {
    tcbCTable = 0,
    tcbVTable = 1,
    tcbBuffer = 2,
    tcbFaultHandler = 3,
    tcbTimeoutHandler = 4,
    tcbCNodeEntries
};
#else
enum tcb_cnode_index {
    tcbCTable = 0,
    tcbVTable = 1,
    tcbReply = 2,
    tcbCaller = 3,
    tcbBuffer = 4,
    tcbCNodeEntries
};
#endif
enum _thread_state {
    ThreadState_Inactive = 0,
    ThreadState_Running,
    ThreadState_Restart,
    ThreadState_BlockedOnReceive,
    ThreadState_BlockedOnSend,
    ThreadState_BlockedOnReply,
    ThreadState_BlockedOnNotification,
    ThreadState_IdleThreadState
};
enum endpoint_state { EPState_Idle = 0, EPState_Send = 1, EPState_Recv = 2 };
enum notification_state { NtfnState_Idle = 0, NtfnState_Waiting = 1, NtfnState_Active = 2 };
enum irq_state { IRQInactive = 0, IRQSignal = 1, IRQTimer = 2, IRQReserved };
enum vm_rights { VMKernelOnly = 1, VMReadOnly = 2, VMReadWrite = 3 };
enum seL4_Fault_tag {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_VMFault = 5
};
/* The order of the registers in a context is not seL4's either. */
enum _register {
    FaultIP = 0,
    NextIP = 1,
    SCAUSE = 2,
    SSTATUS = 3,
    ra = 4,
    sp,
    gp,
    tp,
    t0,
    t1,
    t2,
    s0,
    s1,
    a0,
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
    s10,
    s11,
    t3,
    t4,
    t5,
    t6,
    n_contextRegisters
};

typedef struct user_context {
    word_t registers[n_contextRegisters];
} user_context_t;
typedef struct arch_tcb {
    user_context_t tcbContext;
} arch_tcb_t;
#ifdef MCS
typedef struct sched_context sched_context_t;
#endif
struct tcb {
    thread_state_t tcbState;
    arch_tcb_t tcbArch;
    struct tcb *tcbSchedNext, *tcbSchedPrev;
#ifdef MCS
    sched_context_t *tcbSchedContext;
#else
    struct tcb *tcbEPNext, *tcbEPPrev;
    word_t tcbTimeSlice, tcbFaultHandler;
#endif
    notification_t *tcbBoundNotification;
    word_t tcbPriority, tcbMCP, tcbIPCBuffer, tcbDomain;
    lookup_fault_t tcbLookupFailure;
    seL4_Fault_t tcbFault;
};
typedef struct tcb tcb_t;
#ifndef RELEASE
typedef struct debug_tcb {
    tcb_t *tcbDebugNext, *tcbDebugPrev;
    char tcbName[];
} debug_tcb_t;
static debug_tcb_t *debug_part __attribute__((used));
tcb_t *ksDebugTCBs;
#endif
#ifdef MCS
typedef struct refill {
    word_t rAmount, rTime;
} refill_t;
typedef struct call_stack {
    word_t words[1];
} call_stack_t;
typedef struct reply {
    call_stack_t replyNext, replyPrev;
    tcb_t *replyTCB;
    word_t padding;
} reply_t;
struct sched_context {
    word_t scConsumed, scPeriod, scCore;
    reply_t *scReply;
    tcb_t *scTcb;
    notification_t *scNotification;
    tcb_t *scYieldFrom;
    word_t scRefillMax, scRefillHead, scRefillTail, scBadge, scSporadic;
};
static refill_t *any_refill __attribute__((used));
static reply_t *any_reply __attribute__((used));
#endif
typedef struct tcb_queue {
    tcb_t *head, *end;
} tcb_queue_t;
typedef struct {
    word_t start, end;
} p_region_t;

enum { DOMAINS = 2, PRIORITIES = 128, WORD_BITS = 64, IRQS = 4, POOLS = 8 };

tcb_t *ksCurThread, *ksIdleThread, *ksSchedulerAction;
tcb_queue_t ksReadyQueues[DOMAINS * PRIORITIES];
#ifdef MCS
tcb_queue_t ksReleaseQueue;
#endif
word_t ksReadyQueuesL1Bitmap[DOMAINS];
word_t ksReadyQueuesL2Bitmap[DOMAINS][PRIORITIES / WORD_BITS];
seL4_Fault_t current_fault;
lookup_fault_t current_lookup_fault;
enum irq_state intStateIRQTable[IRQS];
cte_t intStateIRQNode[IRQS] __attribute__((aligned(32)));
asid_pool_t *riscvKSASIDTable[POOLS];
pte_t kernel_root_pageTable[512] __attribute__((aligned(4096)));
const p_region_t avail_p_regs[] = {{0x80200000, 0x80400000}};
static endpoint_t *any_endpoint __attribute__((used));
static enum cap_tag any_tag __attribute__((used));

void trap_entry(void);
void trap_entry(void)
{
    for (;;)
        __asm__ volatile("wfi");
}
