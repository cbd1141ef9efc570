/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns of several harts under -icount. All harts share one thread there, and QEMU 7.2 lets the
 * first run until the next timer is due, then the next one for what is left: nothing. A hart that
 * spins until another has done something can so wait for ever. With turns each hart executes at
 * most so many instructions, then the next one does, and nothing of the host decides when: the
 * same images give the same run.
 *
 * Properties of the accelerator: turn, instructions of a turn (0, the default: as the distribution's
 * QEMU); turn-seed, if not 0 each turn has a length from 1 to `turn` that follows from the seed.
 */
#ifndef ACCEL_TCG_TURN_H
#define ACCEL_TCG_TURN_H

#include "qom/object.h"
#include "hw/core/cpu.h"

void turn_add_properties(ObjectClass *oc);

/* The share of `limit` instructions that `cpu` may execute now. */
int64_t turn_take(CPUState *cpu, int64_t limit);
/* Gives back what was not executed of the share. */
void turn_return(int64_t rest);
/* `cpu` has run, and tcg_cpus_exec() has returned `result`: who goes on, NULL: nobody for now. */
CPUState *turn_next(CPUState *cpu, int result);
/*
 * Whose turn it is, NULL if all sleep; without turns `cpu`. With the big lock held, which is kept
 * until that one runs: timers that are due fire here, and nobody else wakes up any more.
 */
CPUState *turn_choose(CPUState *cpu);

#endif
