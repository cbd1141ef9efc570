/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the supervisor does otherwise on the two kernels: own_classic.c and own_mcs.c each define
 * all of it, and a program is linked with one.
 */
#ifndef FUZZ_OWN_H
#define FUZZ_OWN_H

#include <u4/thread.h>

#include "fuzz.h"

/* Makes the objects that only this kernel has. */
void own_make(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits));
/* Puts them in a pool's slots by PLACE, which leaves those that are taken. */
void own_place(const round_t *r, seL4_CPtr pool,
               void (*place)(seL4_CPtr pool, seL4_Word slot, seL4_CPtr cap, seL4_Word data));
/* The workers' alone from now on. */
void own_give_up(round_t *r);
/* Sets up a thread that has whatever it has; time, if any is to be given, is config->sched_context. */
void own_configure(round_t *r, seL4_CPtr tcb, u4_tcb_config_t *config);
/* Handler of a thread's faults: as the thread, or the supervisor, says it. */
seL4_CPtr own_handler(seL4_CPtr of_thread, seL4_CPtr of_supervisor);
/* Time for a further thread; nothing in the classic kernel. */
seL4_CPtr own_time(round_t *r, seL4_CPtr (*make)(seL4_Word type, seL4_Word size_bits));
/* Does something to them that may fail. */
void own_disturb(round_t *r, unsigned worker);

#endif
