/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of seL4's four interfaces a build speaks: U4_MCS and U4_SMP are 0 or 1. A kernel and
 * the programs that run on it are built with the same values.
 */
#ifndef ABI_SEL4_CONFIG_H
#define ABI_SEL4_CONFIG_H

#ifndef U4_MCS
#define U4_MCS 0
#endif
#ifndef U4_SMP
#define U4_SMP 0
#endif

/* Number of scheduling domains: 1 as in seL4's default configuration. */
#ifndef U4_DOMAINS
#define U4_DOMAINS 1
#endif

#endif
