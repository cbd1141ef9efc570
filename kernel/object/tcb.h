/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thread control block: registers first (trap.S stores and loads them by the offsets
 * below), then scheduling and IPC state, the thread's own slots, FPU registers, name.
 */
#ifndef KERNEL_OBJECT_TCB_H
#define KERNEL_OBJECT_TCB_H

/* Offsets for assembly; checked below. */
#define TCB_PC 0
#define TCB_REG(n) ((n)*8) /* x1..x31 */
#define TCB_SSTATUS 256
#define TCB_FAULT_PC 264
#define TCB_HART 272
#define TCB_FPU 1024

#ifndef __ASSEMBLER__

#include "kernel/object/slot.h"
#include "kernel/uintr/state.h"
#include "variant/tcb.h"

struct hart;
struct endpoint;
struct notification;
struct page_table;

/* RISC-V register numbers. */
enum {
    REG_PC = 0, /* in place of x0 */
    REG_RA = 1,
    REG_SP = 2,
    REG_GP = 3,
    REG_TP = 4,
    REG_T0 = 5,
    REG_S0 = 8,
    REG_A0 = 10,
    REG_A1 = 11,
    REG_A2 = 12,
    REG_A6 = 16,
    REG_A7 = 17,
    REG_S2 = 18,
    REG_T3 = 28,
};

typedef enum {
    THREAD_INACTIVE = 0,
    THREAD_RUNNING,
    THREAD_RESTART, /* ready, and executes its system call or instruction again */
    THREAD_BLOCKED_RECV,
    THREAD_BLOCKED_SEND,
    THREAD_BLOCKED_REPLY,
    THREAD_BLOCKED_NTFN,
    THREAD_IDLE,
} thread_state_t;

/* The slots that a thread owns. */
enum {
    TCB_SLOT_CSPACE,
    TCB_SLOT_VSPACE,
    /* 2 and 3: variant/tcb.h */
    TCB_SLOT_BUFFER = 4,
    TCB_SLOT_SENDERS,    /* user interrupts: the thread's sender table */
    TCB_SLOT_RING,       /* frame of the thread's user trace ring */
    TCB_SLOT_RECEIVER,   /* registration as a receiver of user interrupts */
    TCB_SLOT_ASYNC,      /* frame of its async system calls' rings, */
    TCB_SLOT_COMPLETION, /* and the notification that tells of completions */
    TCB_SLOTS,
};

typedef struct {
    word_t type; /* seL4_FaultType; 0: none */
    union {
        struct {
            word_t address, in_receive;
        } cap;
        word_t syscall;
        struct {
            word_t number, code;
        } exception;
        struct {
            word_t address, fsr, instruction;
        } vm;
        struct {
            word_t badge;
        } timeout; /* MCS */
    };
} fault_t;

typedef struct {
    word_t type; /* seL4_LookupFailureType */
    word_t bits_left, bits_found, guard;
} lookup_failure_t;

typedef struct {
    word_t f[32];
    word_t fcsr;
} fpu_state_t;

/* A ring of async system calls (async/ring.c). What the thread has no part in. */
typedef struct {
    word_t mask;             /* lines - 1; 0: no ring */
    word_t taken, answered;  /* positions */
    struct tcb *next, *prev; /* among the pending ones */
    bool pending;
} async_ring_t;

typedef struct tcb {
    word_t regs[32]; /* [0] is where it goes on; x1..x31 */
    word_t sstatus;
    word_t fault_pc;   /* where its last trap happened */
    struct hart *hart; /* the hart it belongs to */

    /* What the IPC paths touch together. */
    word_t state;    /* thread_state_t */
    word_t priority; /* 0..255 */
    word_t domain;
    bool queued; /* in a ready queue */
    union {      /* what only some threads have, and gets back when they are switched to */
        struct {
            bool fpu_used;   /* has had the FPU */
            bool uintr_used; /* sends or receives user interrupts */
        };
        uint16_t special; /* any of it */
    };
    bool can_grant, can_grant_reply, is_call; /* of the message that it waits to send */
    word_t badge;                             /* likewise */
    void *blocked_on;                         /* endpoint or notification */
    struct tcb *ep_next, *ep_prev;            /* that object's queue */
    struct tcb *ready_next, *ready_prev;
    struct notification *bound;
    fault_t fault;
    lookup_failure_t lookup; /* of a capability fault */

    word_t mcp;
    word_t flags;   /* seL4_TCBFlag_* */
    vaddr_t buffer; /* user address of the IPC buffer */
    tcb_own_t own;  /* what the classic, the MCS kernel has besides */

    slot_t slots[TCB_SLOTS] __attribute__((aligned(32)));

    async_ring_t async;
    word_t deadline; /* of its wait, `time`; 0: in no list of async/wait.c */
    struct tcb *timeout_next, *timeout_prev;

    struct tcb *all_next, *all_prev; /* every TCB of the system, for debuggers */
    char name[64];                   /* NUL-terminated */

    fpu_state_t fpu __attribute__((aligned(512)));
    uintr_state_t uintr;
} tcb_t;

_Static_assert(offsetof(tcb_t, sstatus) == TCB_SSTATUS, "trap.S");
_Static_assert(offsetof(tcb_t, fault_pc) == TCB_FAULT_PC, "trap.S");
_Static_assert(offsetof(tcb_t, hart) == TCB_HART, "trap.S");
_Static_assert(offsetof(tcb_t, fpu) == TCB_FPU, "trap.S");
_Static_assert(sizeof(tcb_t) <= BIT(seL4_TCBBits), "a TCB fits its object");

ALWAYS_INLINE bool tcb_runnable(const tcb_t *t)
{
    return t->state == THREAD_RUNNING || t->state == THREAD_RESTART;
}

ALWAYS_INLINE bool tcb_blocked(const tcb_t *t)
{
    return t->state >= THREAD_BLOCKED_RECV && t->state <= THREAD_BLOCKED_NTFN;
}

extern tcb_t *tcb_all_head; /* every TCB, newest first */

/* seL4_UserContext's order of registers. */
#define CONTEXT_REGISTERS 32
/* Sets the register at place `i` of it. */
void tcb_write_register(tcb_t *t, word_t i, word_t value);

/* Makes a TCB out of cleared memory. `parent` names it. */
void tcb_init(tcb_t *t, const tcb_t *parent);

status_t tcb_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call);
/* Stops a thread for good or until resumed: its IPC is cancelled, it leaves its queue. */
void tcb_suspend(tcb_t *t);
/* Resumes a thread that is inactive or blocked; it executes its instruction again. */
void tcb_restart(tcb_t *t);
/* A TCB's last capability goes: stops it, unbinds it. */
void tcb_finalise(tcb_t *t);
/* Does `cap` make a valid VSpace root / CSpace root for a TCB? */
bool tcb_valid_vspace(cap_t cap);

#endif
#endif
