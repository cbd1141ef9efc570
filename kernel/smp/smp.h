/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several harts (docs/smp.md). One lock: whoever is in the kernel holds it, from trap.S's entry to
 * its exit, so all else is written as for one hart. A hart that waits for the lock owns nothing
 * but its hart_t, and answers what the holder asks of it. Built for one hart (U4_SMP 0), everything
 * here is nothing.
 */
#ifndef KERNEL_SMP_SMP_H
#define KERNEL_SMP_SMP_H

#include "kernel/hart.h"

/* The thread belongs to another hart. */
ALWAYS_INLINE bool smp_elsewhere(const tcb_t *t)
{
    return U4_SMP && t->hart != hart;
}

#if U4_SMP
/* Something is to be done to a thread: if it runs on another hart, that one gives it up and
 * queues it first. */
void smp_stall(const tcb_t *t);
/* A thread of another hart was queued as ready: that hart is told, if it matters to it. */
void smp_queued(const tcb_t *t);
/* If it runs on another hart, that one shall come into the kernel: there is something for it. */
void smp_poke(const tcb_t *t);
/* Another hart shall come into the kernel: to set its timer anew, to serve a ring. */
void smp_call(hart_t *h);
/* There are async system calls of `t`: a hart that has nothing more important to do is told. */
void smp_offer_ring(const tcb_t *t);
/* Before the lock is given up: sends the interrupts that smp_queued() has noted. */
void smp_send_noted(void);
/* A software interrupt came: it has served its purpose by bringing the hart into the kernel. */
void smp_interrupted(void);
/* Moves a thread that no other hart runs to a hart; it queues there behind all others if ready. */
void smp_migrate(tcb_t *t, hart_t *to);
/* `t`'s registers in another hart's FPU go back to memory. */
void smp_save_fpu(const tcb_t *t);
/* Other harts that use an address space with one of `count` ASIDs from `first` on leave it. */
void smp_leave_spaces(word_t first, word_t count);
/* Other harts forget translations of `size` bytes at `va` in an ASID; size ~0: of all of it. */
void smp_flush(word_t asid, vaddr_t va, word_t size);
/* ... and of every ASID. */
void smp_flush_all(void);
/* seL4_DebugSendIPI. */
void smp_send_test(word_t core);
/* Boot: how many harts the loader has started, once all are on the kernel's page tables. Then lets
 * them in, and waits until all are. */
unsigned smp_count_harts(void);
void smp_start_harts(void);
#else
ALWAYS_INLINE void smp_stall(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void smp_queued(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void smp_poke(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void smp_offer_ring(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void smp_call(hart_t *h)
{
    (void)h;
}
ALWAYS_INLINE void smp_migrate(tcb_t *t, hart_t *to)
{
    (void)t;
    (void)to;
}
ALWAYS_INLINE void smp_send_noted(void) {}
ALWAYS_INLINE void smp_interrupted(void) {}
ALWAYS_INLINE void smp_save_fpu(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void smp_leave_spaces(word_t first, word_t count)
{
    (void)first;
    (void)count;
}
ALWAYS_INLINE void smp_flush(word_t asid, vaddr_t va, word_t size)
{
    (void)asid;
    (void)va;
    (void)size;
}
ALWAYS_INLINE void smp_flush_all(void) {}
ALWAYS_INLINE unsigned smp_count_harts(void)
{
    return 1;
}
ALWAYS_INLINE void smp_start_harts(void) {}
#endif

#endif
