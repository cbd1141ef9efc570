/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User interrupts in a hart: the N extension (traps that are taken in U-mode) and the CSRs
 * and instructions that reach the UINTC. With N absent nothing here has any effect.
 * "N" Standard Extension for User-Level Interrupts 1.1; U-interrupt specification 0.1.1.
 */
#ifndef RISCV_UINTR_H
#define RISCV_UINTR_H

#include "exec/hwaddr.h"

/* What the instructions need of the UINTC; offsets are those of its MMIO window. */
typedef struct RISCVUintcPort {
    uint32_t receivers;
    uint64_t (*read)(void *opaque, hwaddr offset);
    void (*write)(void *opaque, hwaddr offset, uint64_t value);
} RISCVUintcPort;

typedef struct RISCVUintrState {
    target_ulong utvec;
    target_ulong uscratch;
    target_ulong uepc;
    target_ulong ucause;
    target_ulong utval;
    target_ulong sedeleg;
    target_ulong sideleg;
    target_ulong suist;
    target_ulong suirs;

    /* Wiring: set once by riscv_uintr_attach; without a UINTC, port is NULL. */
    hwaddr uintc_base;
    const RISCVUintcPort *port;
    void *uintc;
} RISCVUintrState;

/* Fields of suist and suirs. */
#define UINTR_ENABLE BIT_ULL(63)
#define SUIST_SIZE_SHIFT 44 /* in pages */
#define SUIST_SIZE_LENGTH 12
#define SUIST_PPN_LENGTH 44
#define SUIST_MASK (UINTR_ENABLE | MAKE_64BIT_MASK(0, 56))
#define SUIRS_INDEX_LENGTH 16
#define SUIRS_MASK (UINTR_ENABLE | MAKE_64BIT_MASK(0, SUIRS_INDEX_LENGTH))

#endif
