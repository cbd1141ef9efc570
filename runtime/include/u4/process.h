/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs in address spaces of their own: an ELF image loaded into a fresh VSpace, a CSpace
 * with the capabilities that its creator gives by name (see u4/start.h), one thread. Beside
 * those, every program has "tcb", "cnode", "vspace" and "exit"; the last is the endpoint for
 * both its faults and its end, badged by the creator.
 */
#ifndef U4_PROCESS_H
#define U4_PROCESS_H

#include <u4/thread.h>

typedef struct {
    const char *name;
    seL4_CPtr cap;
    seL4_CapRights_t rights;
    seL4_Word badge; /* 0: the capability's own */
} u4_grant_t;

typedef struct {
    const char *name;
    const void *image;
    size_t image_size;
    const char *const *argv; /* null-terminated; null: the name only */
    const u4_grant_t *grants;
    unsigned grant_count;
    seL4_Word cnode_bits;
    seL4_Word priority;
    seL4_Word mcp;
    seL4_CPtr exit_ep; /* in the creator's CSpace */
    seL4_Word exit_badge;
    seL4_Time budget_us, period_us; /* MCS only: of its time; 0: 10 ms, round robin */
} u4_process_config_t;

typedef struct {
    seL4_TCB tcb;
    seL4_CNode cnode;
    seL4_Word cnode_bits;
    u4_vspace_t vspace;
    seL4_Word entry;
    seL4_Word image_end;
    seL4_CPtr sched_context; /* MCS only, as the next */
    seL4_CPtr reply;         /* what its first thread receives over; "reply" to the program */
} u4_process_t;

/* What the creator makes programs from. */
typedef struct {
    u4_alloc_t *alloc;
    u4_vspace_t *vspace; /* its own */
    seL4_RISCV_ASIDPool asid_pool;
    seL4_TCB authority;
    seL4_CPtr sched_control; /* MCS only */
} u4_process_env_t;

/*
 * Make the program, not yet running: resume PROCESS->tcb to start it. Returns null, or what
 * failed; *ERROR is then the kernel's answer (seL4_NoError if the kernel was not asked).
 */
const char *u4_process_create(u4_process_t *process, const u4_process_env_t *env,
                              const u4_process_config_t *config, seL4_Error *error);

#endif
