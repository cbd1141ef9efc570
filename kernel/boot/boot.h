/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Booting: from the loader's registers (seL4's elfloader protocol) to the initial thread, with a
 * BootInfo that lists everything the machine has.
 */
#ifndef KERNEL_BOOT_BOOT_H
#define KERNEL_BOOT_BOOT_H

#include "kernel/types.h"

typedef struct {
    paddr_t start, end; /* end exclusive */
} region_t;

#define MAX_REGIONS 32

typedef struct {
    region_t memory[8];
    unsigned memories;
    region_t reserved[8]; /* /reserved-memory and the header's reservations */
    unsigned reserves;
    word_t timebase_hz;
    word_t hart_ids[8];
    unsigned harts;
    paddr_t plic, plic_size;
    word_t plic_context[8]; /* S-mode context of each hart */
    paddr_t clint, clint_size;
    paddr_t uart;
    paddr_t uintc, uintc_size; /* 0: none */
    bool uintc_notifies;       /* it can interrupt the supervisor for a blocked receiver */
    uint32_t dtb_size;         /* as its header says */
    const char *bootargs;      /* in the device tree, NULL if none */
} machine_t;

extern machine_t machine;

/* Reads the flattened device tree; panics on one that is not valid. */
void dtb_parse(const void *dtb, size_t size);

/* Each hart, on its own stack: who it is, and the kernel's page table; then, with the machine known,
 * its idle thread and interrupt controller. */
void boot_hart(word_t hart_id, word_t core);
void boot_idle(void);

#endif
