/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic root task has what both have (boot/own.h). */
#ifndef KERNEL_CLASSIC_BOOT_H
#define KERNEL_CLASSIC_BOOT_H

ALWAYS_INLINE word_t boot_own_size(void)
{
    return 0;
}
ALWAYS_INLINE word_t boot_own_controls(slot_t *cnode, word_t first, seL4_BootInfo *info)
{
    (void)cnode;
    (void)first;
    (void)info;
    return 0;
}
ALWAYS_INLINE void boot_own_thread(tcb_t *t, void *memory, slot_t *cnode)
{
    (void)t;
    (void)memory;
    (void)cnode;
}
ALWAYS_INLINE void boot_own_trace(const tcb_t *t)
{
    (void)t;
}

#endif
