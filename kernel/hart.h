/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each hart owns: its trace ring's control block, the current thread, the scheduler's
 * decision, the ready queues, what went wrong in the system call at hand. In the kernel tp points
 * at it at all times.
 */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H

#include "abi/sel4/config.h"

#if U4_SMP
#define U4_MAX_HARTS 8
#else
#define U4_MAX_HARTS 1
#endif

/* Offsets for assembly; checked below. */
#define HART_CURRENT 112
#define HART_STACK 120

#ifndef __ASSEMBLER__

#include "abi/trace/layout.h"
#include "kernel/object/tcb.h"
#if U4_MCS
#include "variant/hart.h"
#endif

#define NUM_PRIORITIES 256

typedef struct {
    tcb_t *head, *tail;
} ready_queue_t;

/* What schedule() shall do at the end of this system call. */
typedef enum {
    ACTION_RESUME = 0, /* go on with the current thread */
    ACTION_SWITCH,     /* consider hart->candidate */
    ACTION_CHOOSE,     /* choose among all ready threads */
} sched_action_t;

typedef struct {
    word_t type;                 /* seL4_Error */
    word_t reason;               /* enum trace_reason */
    word_t argument, cap;        /* InvalidArgument, InvalidCapability: which, from 0 */
    word_t range_min, range_max; /* RangeError */
    word_t memory_left;          /* NotEnoughMemory */
    bool lookup_was_source;      /* FailedLookup, with hart->lookup */
} error_t;

typedef struct hart {
    trace_ring_t trace;
    tcb_t *current;
    word_t stack_top;

    sched_action_t action;
    uint8_t switch_reason; /* enum trace_switch_reason of the next switch */
    uint8_t slow_reason;   /* enum trace_slow_reason of this system call */
    tcb_t *candidate;
    tcb_t *fpu_owner;   /* whose registers the FPU holds, NULL: nobody's */
    tcb_t *uintr_owner; /* whose user-interrupt state is loaded, NULL: nobody's */
    word_t satp;        /* as the register */
    uint32_t id;        /* hart id of the machine */
    uint32_t core;      /* 0.. */
    /* Of the trace header's filters: addresses, as the sites compare them. */
    word_t filter_thread, filter_object;
    word_t timer; /* what it was last set for, ticks; MCS, 0: it has fired since */

    word_t domain, domain_time, domain_index;
    word_t work_units; /* since the last look for interrupts */

    error_t error;
    fault_t fault;
    lookup_failure_t lookup;
    /* Extra capabilities of the message at hand: slots, up to the first 0. */
    slot_t *extra[seL4_MsgMaxExtraCaps + 1];
    bool in_call; /* the invocation at hand wants an answer */

#if U4_MCS
    hart_own_t own;
#endif
    tcb_t *idle;
    /* ready_l1[d]: bit i is set if word i of ready_l2[d] is not 0; ready_l2: bit per priority. */
    word_t ready_l1[U4_DOMAINS];
    word_t ready_l2[U4_DOMAINS][NUM_PRIORITIES / 64];
    ready_queue_t ready[U4_DOMAINS][NUM_PRIORITIES];

    /* Several harts (smp/). */
    word_t request; /* what the hart that holds the lock wants of this one: smp/request.h */
    word_t notes;   /* bit per core: to be interrupted when this hart leaves the kernel */
} hart_t;

_Static_assert(offsetof(hart_t, current) == HART_CURRENT, "trap.S");
_Static_assert(offsetof(hart_t, stack_top) == HART_STACK, "trap.S");

register hart_t *hart __asm__("tp");

extern hart_t harts[U4_MAX_HARTS]; /* sched/sched.c */
extern word_t num_harts;
extern const word_t hart_size;

#endif
#endif
