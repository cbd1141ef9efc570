/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration under the names that code written for libsel4 tests. What differs between
 * builds follows from U4_MCS, U4_SMP and U4_DOMAINS (abi/sel4/config.h). The debug system calls
 * are always declared; whether the kernel has them, u4_debug_calls() tells.
 */
#ifndef SEL4_CONFIG_H
#define SEL4_CONFIG_H

#include "abi/sel4/config.h"

#define CONFIG_ARCH_RISCV 1
#define CONFIG_ARCH_RISCV64 1
#define CONFIG_PLAT_QEMU_RISCV_VIRT 1
#define CONFIG_WORD_SIZE 64
#define CONFIG_PT_LEVELS 3
#define CONFIG_HAVE_FPU 1
#define CONFIG_NUM_PRIORITIES 256
#define CONFIG_NUM_DOMAINS U4_DOMAINS
#define CONFIG_RETYPE_FAN_OUT_LIMIT 256
#define CONFIG_TIMER_TICK_MS 2
#define CONFIG_TIME_SLICE 5

#if U4_MCS
#define CONFIG_KERNEL_MCS 1
#endif
#if U4_SMP
#define CONFIG_ENABLE_SMP_SUPPORT 1
#define CONFIG_MAX_NUM_NODES 8
#else
#define CONFIG_MAX_NUM_NODES 1
#endif
#define CONFIG_DEBUG_BUILD 1
#define CONFIG_PRINTING 1

#endif
