/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread's user-interrupt state follows it. A hart has at most one thread's state loaded, its
 * `uintr_owner`: the user CSRs, suist and suirs are that thread's, and its entry of the UINTC is
 * Active with this hart. Threads that have neither a sender table nor a receiver entry never own
 * it; while nobody does, sideleg is 0 and every register is 0.
 *
 * Under emulation the registers stay in the TCB, and a user interrupt is delivered when the
 * kernel goes back to its thread.
 */
#ifndef KERNEL_UINTR_CONTEXT_H
#define KERNEL_UINTR_CONTEXT_H

#include "kernel/hart.h"
#include "kernel/sched/fpu.h"

/* Out of line: `next` follows uintr_owner; or `t` has state to be loaded. */
void uintr_leave_for(const tcb_t *next);
void uintr_enter(tcb_t *t);

/* Sets up what only some threads have, FPU and user interrupts, for `t`, which is to run. */
ALWAYS_INLINE void context_switch(tcb_t *t)
{
    if (UNLIKELY(hart->uintr_owner != NULL))
        uintr_leave_for(t);
    if (LIKELY(!t->special)) {
        csr_clear(sstatus, SSTATUS_FS);
        return;
    }
    if (t->uintr_used)
        uintr_enter(t);
    fpu_switch(t);
}
/* The same for the idle thread, which has nothing. */
ALWAYS_INLINE void context_switch_idle(void)
{
    if (UNLIKELY(hart->uintr_owner != NULL))
        uintr_leave_for(hart->idle);
}

/* `t` becomes the receiver of `entry`, or NO_RECEIVER. */
void uintr_set_receiver(tcb_t *t, unsigned entry);
/* `t` got a sender table, or lost it: table.c. */
void uintr_set_table(tcb_t *t);
/* Takes (and clears) the pending vectors of `t`, which has an entry. */
word_t uintr_take(tcb_t *t);
/* Writes the entry of `t` anew: active on its hart, waiting, or neither. */
void uintr_place(tcb_t *t);
/* A TCB ends: nothing of it stays in its hart. */
void uintr_forget(tcb_t *t);

/* emulate.c: executes a user-interrupt instruction that trapped as illegal: true if it was one.
 * `t` is the current thread, `instruction` what stval holds. */
bool uintr_emulate(tcb_t *t, word_t instruction);

#endif
