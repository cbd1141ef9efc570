/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: a TCB set up in one go, and threads inside the program that makes them. */
#ifndef U4_THREAD_H
#define U4_THREAD_H

#include <u4/vspace.h>

/* What a TCB needs before it can run. CPtrs of its CSpace where it says so. */
typedef struct {
    seL4_CNode cspace;
    seL4_Word cspace_data; /* guard, as for seL4_TCB_Configure */
    seL4_RISCV_PageTable vspace;
    seL4_Word ipc_buffer; /* 0: none */
    seL4_RISCV_Page ipc_frame;
    seL4_CPtr fault_ep; /* classic: in the thread's own CSpace; MCS: in the caller's */
    seL4_TCB authority; /* whose maximum controlled priority allows the priorities below */
    seL4_Word mcp;
    seL4_Word priority;
    seL4_CPtr sched_context; /* MCS only */
} u4_tcb_config_t;

seL4_Error u4_tcb_configure(seL4_TCB tcb, const u4_tcb_config_t *config);

#if U4_MCS
/* A new scheduling context; budget 0: 10 ms, round robin. */
seL4_Error u4_make_time(u4_alloc_t *alloc, seL4_CPtr control, seL4_Time budget_us,
                        seL4_Time period_us, seL4_CPtr *sched_context);
#endif

/* Where a program's further threads come from. */
typedef struct {
    u4_alloc_t *alloc;
    u4_vspace_t *vspace;
    seL4_CNode cspace;
    seL4_Word cspace_data;
    seL4_TCB authority;
    seL4_CPtr sched_control; /* MCS only */
} u4_thread_env_t;

typedef struct u4_thread {
    seL4_TCB tcb;
    seL4_IPCBuffer *ipc_buffer;
    seL4_RISCV_Page ipc_frame;
    seL4_CPtr sched_context;
    void (*entry)(struct u4_thread *self);
    void *argument;
    volatile bool done; /* entry returned */
} u4_thread_t;

typedef struct {
    const char *name; /* null: none */
    void (*entry)(u4_thread_t *self);
    void *argument;
    void *stack; /* the thread-local storage is taken from its end */
    size_t stack_size;
    seL4_Word priority;
    seL4_Word mcp;
    seL4_CPtr fault_ep;
} u4_thread_config_t;

/*
 * Make a thread of this program, ready to run but not resumed. It suspends itself when its entry
 * function returns.
 */
seL4_Error u4_thread_create(u4_thread_t *thread, const u4_thread_env_t *env,
                            const u4_thread_config_t *config);

/* The first hart's scheduling control, which a root task has with MCS; else null. */
static inline seL4_CPtr u4_boot_sched_control(void)
{
#if U4_MCS
    return seL4_GetBootInfo()->schedcontrol.start;
#else
    return seL4_CapNull;
#endif
}

#endif
