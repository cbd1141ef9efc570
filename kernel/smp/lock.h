/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's lock: tickets, so that harts get it in the order in which they asked. The paths
 * without contention are here, for trap.S; waiting is in lock.c.
 */
#ifndef KERNEL_SMP_LOCK_H
#define KERNEL_SMP_LOCK_H

#define LOCK_SERVING 64 /* offset: next and serving are written by different harts */

#ifdef __ASSEMBLER__
#if U4_SMP
/* clang-format off */
/* TICKET := this hart's; goes to CONTENDED if it is not its turn yet. Destroys LOCK and T. */
.macro KERNEL_LOCK ticket, lock, t, contended
    la \lock, kernel_lock
    li \t, 1
    amoadd.w.aq \ticket, \t, (\lock)
    lw \t, LOCK_SERVING(\lock)
    bne \ticket, \t, \contended
    fence r, rw
.endm
/* Lets the next one in. Destroys LOCK and T. */
.macro KERNEL_UNLOCK lock, t
    la \lock, kernel_lock
    lw \t, LOCK_SERVING(\lock)
    addiw \t, \t, 1
    fence rw, w
    sw \t, LOCK_SERVING(\lock)
.endm
/* clang-format on */
#endif
#else
#include "kernel/types.h"

typedef struct {
    uint32_t next __attribute__((aligned(64)));    /* the next ticket */
    uint32_t serving __attribute__((aligned(64))); /* whose turn it is */
} kernel_lock_t;

extern kernel_lock_t kernel_lock;

/* Waits for the ticket's turn, answering other harts' requests: hart->current may be another
 * thread afterwards. */
void lock_wait(uint32_t ticket);
/* Takes a ticket and waits. */
void lock_acquire(void);

#if U4_SMP
/* Does another hart wait for the lock, which this one has? */
bool lock_wanted(void);
/* Lets those in who wait for it, and takes it again behind them. What the caller knows of anything
 * but its own hart_t has to be looked at anew. */
void lock_give_way(void);
#else
ALWAYS_INLINE bool lock_wanted(void)
{
    return false;
}
ALWAYS_INLINE void lock_give_way(void) {}
#endif
#endif
#endif
