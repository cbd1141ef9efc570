/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UINTC: 512 receiver entries, each with pending vectors and the hart that they interrupt
 * (U-interrupt specification 0.1.1; qemu/README.md has the registers). On a machine without one
 * the same registers are kept in memory, and what the hardware would do is done here, so that
 * everything above knows one device only.
 */
#ifndef KERNEL_UINTR_UINTC_H
#define KERNEL_UINTR_UINTC_H

#include "kernel/types.h"

#define UINTC_ENTRIES 512
#define UINTC_VECTORS 64

/* Registers of an entry: byte offsets. */
typedef enum {
    UINTC_SEND = 0x00,   /* write: posts a vector */
    UINTC_LOW = 0x08,    /* UINTC_LOW_* */
    UINTC_HIGH = 0x10,   /* pending vectors: reading takes them, writing adds some */
    UINTC_ACTIVE = 0x18, /* bit 0 */
} uintc_register_t;

enum {
    UINTC_LOW_ACTIVE = 1,     /* interrupts its hart */
    UINTC_LOW_WIDE = 2,       /* 64 vectors, not 32 */
    UINTC_LOW_SUPERVISOR = 4, /* interrupts the supervisor instead (u4,supervisor-notify) */
    UINTC_LOW_HART_SHIFT = 16,
};

extern word_t uintc_base;   /* kernel address, 0: emulated */
extern bool uintc_notifies; /* UINTC_LOW_SUPERVISOR works */

ALWAYS_INLINE bool uintc_emulated(void)
{
    return uintc_base == 0;
}

/* Boot: the UINTC at `base`, 0 for none; `notifies`: it can interrupt the supervisor. */
void uintc_init(paddr_t base, bool notifies);

/* Of entry 0..511. Under emulation a write may wake the entry's receiver. */
word_t uintc_read(unsigned entry, uintc_register_t reg);
void uintc_write(unsigned entry, uintc_register_t reg, word_t value);

#endif
