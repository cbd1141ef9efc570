/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The invariant checker of debug kernels. A kernel built with -DU4_CHECK=N runs it after every
 * Nth entry; any debug kernel runs it on the u4_SysCheck system call.
 */
#ifndef KERNEL_CHECK_CHECK_H
#define KERNEL_CHECK_CHECK_H

/* Walks all kernel state; panics on the first thing that is not as it must be. */
void check_all(void);

#if defined(U4_CHECK) && U4_CHECK
/* Counts entries; checks when U4_CHECK of them have passed. */
void check_sometimes(void);
#else
static inline void check_sometimes(void)
{
}
#endif

#endif
