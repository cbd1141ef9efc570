/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts as objects: which notification each signals, who may hold a handler. */
#ifndef KERNEL_OBJECT_IRQ_H
#define KERNEL_OBJECT_IRQ_H

#include "abi/sel4/config.h"
#include "kernel/arch/riscv/csr.h"
#include "kernel/object/slot.h"

typedef enum { IRQ_INACTIVE = 0, IRQ_SIGNAL, IRQ_TIMER, IRQ_IPI } irq_state_t;

#define PLIC_SOURCES 95
#define IRQ_IPI_FIRST 96                    /* SMP: two inter-processor interrupts */
#define IRQ_KERNEL_TIMER (U4_SMP ? 98 : 96) /* also the highest number */
#define IRQ_MAX IRQ_KERNEL_TIMER

extern slot_t irq_slots[IRQ_MAX + 1]; /* notification capability by interrupt */
extern uint8_t irq_states[IRQ_MAX + 1];

/* Is one pending on this hart that the kernel must take? */
ALWAYS_INLINE bool irq_pending(void)
{
    return csr_read(sip) & (SIP_STIP | SIP_SEIP | SIP_SSIP);
}
/* Takes every pending interrupt of this hart, external before timer. */
void irq_handle_all(void);
/* The last handler capability is gone. */
void irq_release(word_t irq);
void irq_init(void);

#endif
