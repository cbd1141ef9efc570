/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's invariants, checked by walking all of its state: derivation lists, memory
 * accounting, threads and their queues, address spaces. The first thing that is not as it must be
 * panics with "invariant: " and the objects concerned. In debug kernels on the u4_SysCheck system
 * call; a kernel built with -DU4_CHECK=N also checks on the way out of every Nth entry. It takes
 * long (all slots of all CNodes) and allocates nothing; on what its tables have no room for it
 * checks less.
 */
#ifndef KERNEL_CHECK_CHECK_H
#define KERNEL_CHECK_CHECK_H

#if defined(U4_DEBUG) || defined(U4_CHECK)
#define CHECK_BUILT 1
#endif

#ifdef CHECK_BUILT
/* Not in the middle of an operation. */
void check_all(void);
#endif

#if defined(U4_CHECK) && U4_CHECK
/* Counts entries; checks when U4_CHECK of them have passed. */
void check_sometimes(void);
#else
static inline void check_sometimes(void) {}
#endif

#endif
