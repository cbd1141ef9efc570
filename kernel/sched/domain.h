/* SPDX-License-Identifier: GPL-2.0-only */
/* The domain schedule: a cyclic list of (domain, duration in ticks), 0 ending it. */
#ifndef KERNEL_SCHED_DOMAIN_H
#define KERNEL_SCHED_DOMAIN_H

#include "kernel/hart.h"

#define DOMAIN_SCHEDULE_LENGTH (U4_DOMAINS == 1 ? 2 : 100)
#define DOMAIN_DURATION_MAX MASK(56)

typedef struct {
    word_t domain;
    word_t duration; /* ticks; 0: back to the start */
} domain_entry_t;

extern domain_entry_t domain_schedule[DOMAIN_SCHEDULE_LENGTH];
extern word_t domain_start;

/* Moves on to the next entry of the schedule. */
void domain_next(void);

#endif
