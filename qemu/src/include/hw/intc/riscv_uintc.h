/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UINTC, the user-interrupt controller: 512 receiver entries, each with 64 pending bits, the
 * hart its receiver runs on, and flags that say whether and how that hart is interrupted.
 * Software reaches an entry by MMIO (supervisor) or by the uipi instructions (user); both
 * come here, under QEMU's global lock, and therefore never interleave.
 * U-interrupt specification 0.1.1, "UINTC"; differences are listed in qemu/README.md of u4.
 */
#ifndef HW_INTC_RISCV_UINTC_H
#define HW_INTC_RISCV_UINTC_H

#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_RISCV_UINTC "riscv.uintc"
OBJECT_DECLARE_SIMPLE_TYPE(RISCVUintcState, RISCV_UINTC)

/* The window, and the registers of one entry: entry i is at i * RISCV_UINTC_STRIDE. */
#define RISCV_UINTC_RECEIVERS 512
#define RISCV_UINTC_STRIDE 0x20
#define RISCV_UINTC_SIZE (RISCV_UINTC_RECEIVERS * RISCV_UINTC_STRIDE)

#define RISCV_UINTC_SEND 0x00
#define RISCV_UINTC_LOW 0x08
#define RISCV_UINTC_HIGH 0x10
#define RISCV_UINTC_ACTIVE 0x18

/* Fields of LOW. */
#define RISCV_UINTC_LOW_ACTIVE (1u << 0)
#define RISCV_UINTC_LOW_WIDE (1u << 1)       /* 64 vectors, else 32 */
#define RISCV_UINTC_LOW_SUPERVISOR (1u << 2) /* the receiver is blocked: tell the supervisor */
#define RISCV_UINTC_LOW_HART_SHIFT 16

typedef struct RISCVUintcEntry {
    uint64_t pending;
    uint16_t hart;
    uint8_t flags; /* RISCV_UINTC_LOW_* */
} RISCVUintcEntry;

struct RISCVUintcState {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    uint32_t num_harts;
    qemu_irq *user_line;       /* one per hart, to its user software interrupt */
    qemu_irq *supervisor_line; /* one per hart, to its supervisor software interrupt */
    RISCVUintcEntry entry[RISCV_UINTC_RECEIVERS];
};

/*
 * Create the one UINTC of a machine at @base and wire it to the harts 0 to @num_harts - 1,
 * whatever socket they are in. Every hart must have the N extension; the process ends with
 * a message if one has not.
 */
DeviceState *riscv_uintc_create(hwaddr base, uint32_t num_harts);

/*
 * Describe it in the device tree @fdt, below /soc. @intc_phandles holds the phandle of each
 * hart's interrupt controller, in order of hart id.
 */
void riscv_uintc_create_fdt(void *fdt, hwaddr base, const uint32_t *intc_phandles,
                            uint32_t num_harts);

#endif
