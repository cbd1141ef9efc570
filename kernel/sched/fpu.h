/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FPU. A thread gets it at its first floating-point instruction (sstatus.FS is off until
 * then) and from then on whenever it is switched to; threads that never use it cost nothing, and
 * registers stay in place while only such threads run.
 */
#ifndef KERNEL_SCHED_FPU_H
#define KERNEL_SCHED_FPU_H

#include "kernel/arch/riscv/csr.h"
#include "kernel/hart.h"

/* An illegal instruction of `t`: true if it was its first use of the FPU; it starts again. */
bool fpu_first_use(tcb_t *t);
/* Gives up the thread's registers in the FPU: saves them if `save`. */
void fpu_release(tcb_t *t, bool save);
/* The slow half of fpu_switch: exchanges the owner's registers for the thread's. */
void fpu_exchange(tcb_t *t);

/* Sets the FPU up for `t`, which is about to run: part of context_switch() (uintr/context.h). */
ALWAYS_INLINE void fpu_switch(tcb_t *t)
{
    if (LIKELY(!t->fpu_used))
        csr_clear(sstatus, SSTATUS_FS);
    else
        fpu_exchange(t);
}

#endif
