/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the initial thread, its spaces and its BootInfo, out of what memory.h leaves. */
#ifndef KERNEL_BOOT_ROOTSERVER_H
#define KERNEL_BOOT_ROOTSERVER_H

#include "kernel/boot/memory.h"
#include "kernel/hart.h"

/* Returns the thread, not yet running. All free memory is Untyped afterwards. */
tcb_t *rootserver_create(const boot_args_t *args);

#endif
