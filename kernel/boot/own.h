/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the root task gets besides, with MCS: a scheduling context, and a control for each hart.
 * Declared here once; kernel/classic/ and kernel/mcs/ each define it in their variant/boot.h.
 */
#ifndef KERNEL_BOOT_OWN_H
#define KERNEL_BOOT_OWN_H

#include "abi/sel4/bootinfo.h"
#include "kernel/hart.h"

/* Bytes of memory behind the root TCB. */
ALWAYS_INLINE word_t boot_own_size(void);
/* Fills slots from `first` on; returns how many. */
ALWAYS_INLINE word_t boot_own_controls(slot_t *cnode, word_t first, seL4_BootInfo *info);
/* Gives the root thread what lies in its `memory`. */
ALWAYS_INLINE void boot_own_thread(tcb_t *t, void *memory, slot_t *cnode);
/* The events of that, once the thread is known to the trace. */
ALWAYS_INLINE void boot_own_trace(const tcb_t *t);

#include "variant/boot.h"

#endif
