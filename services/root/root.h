/* SPDX-License-Identifier: BSD-2-Clause */
/* The demo's root task: its resources, which its parts share. */
#ifndef SERVICES_ROOT_H
#define SERVICES_ROOT_H

#include <u4/process.h>

/* Programs by the badge with which they reach root's endpoint. */
#if U4_MCS
enum { FS = 1, SHELL, LOGGER, TIMER, SPIN_A, SPIN_B, CALC, PROGRAMS, CHURN = PROGRAMS };
#else
enum { FS = 1, SHELL, LOGGER, TIMER, SPIN_A, SPIN_B, PROGRAMS, CHURN = PROGRAMS };
#endif

typedef struct {
    u4_alloc_t alloc;
    u4_vspace_t vspace;
    seL4_CPtr monitor; /* endpoint of all programs' faults, reports and ends */
    u4_process_t programs[PROGRAMS];
} root_t;

extern root_t root;

/* A new object; root ends with a message if there is none. */
seL4_CPtr root_object(seL4_Word type, seL4_Word size_bits, const char *what);

/* A copy of CAP with a badge. */
seL4_CPtr root_badged(seL4_CPtr cap, seL4_Word badge, const char *what);

#if U4_MCS
/* Time for a program (mcs.c), anew: spinners have budgets. */
seL4_Error root_give_time(const u4_process_t *p, unsigned id);
/* Root is told when the program's budget is used up. */
void root_watch_budget(const u4_process_t *p, unsigned id);
#endif

/* Make all programs (start.c), start them. */
void root_create(void);
void root_start(void);

/* Start the thread that makes and revokes objects (churn.c). */
void root_start_churn(void);

/* Serve the monitor endpoint until all programs have ended; true if all ended well (monitor.c). */
bool root_monitor(void);

#endif
