/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's stacks, one per hart: size for C and assembly. */
#ifndef KERNEL_BOOT_STACK_H
#define KERNEL_BOOT_STACK_H

#define BOOT_STACK_SIZE 8192

#endif
