/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform-level interrupt controller (RISC-V PLIC specification 1.0.0). Each hart has one
 * context for supervisor mode; a source goes to the hart that enabled it last. On a
 * machine without a PLIC there are no external interrupts, and all of this does nothing.
 */
#include "kernel/arch/riscv/vspace.h"
#include "kernel/async/async.h"
#include "kernel/object/irq.h"

enum {
    PLIC_PRIORITY = 0,
    PLIC_ENABLE = 0x2000,
    PLIC_ENABLE_STRIDE = 0x80,
    PLIC_CONTEXT = 0x200000,
    PLIC_CONTEXT_STRIDE = 0x1000,
    PLIC_CLAIM = 4,
};

#define SOURCE_PRIORITY 2

static struct {
    word_t base; /* kernel address, 0: none */
    word_t context[U4_MAX_HARTS];
    uint8_t core[PLIC_SOURCES + 1]; /* whose context a source is enabled in */
} plic;

static volatile uint32_t *plic_register(word_t offset)
{
    return (volatile uint32_t *)(plic.base + offset);
}

static volatile uint32_t *context_register(word_t offset)
{
    return plic_register(PLIC_CONTEXT + plic.context[hart->core] * PLIC_CONTEXT_STRIDE + offset);
}

static volatile uint32_t *enable_register(word_t irq, word_t core)
{
    word_t context = plic.context[core];
    return plic_register(PLIC_ENABLE + context * PLIC_ENABLE_STRIDE + irq / 32 * 4);
}

void plic_init(paddr_t base, word_t context)
{
    if (!base)
        return;
    plic.base = (word_t)phys_to_virt(base);
    plic.context[hart->core] = context;
    for (word_t irq = 1; irq <= PLIC_SOURCES; irq++)
        *plic_register(PLIC_PRIORITY + irq * 4) = SOURCE_PRIORITY;
    for (word_t irq = 0; irq <= PLIC_SOURCES; irq += 32)
        *enable_register(irq, hart->core) = 0;
    *context_register(0) = 0;
}

word_t plic_claim(void)
{
    return plic.base ? *context_register(PLIC_CLAIM) : 0;
}

void plic_complete(word_t irq)
{
    if (plic.base)
        *context_register(PLIC_CLAIM) = (uint32_t)irq;
}

void plic_mask(word_t irq, bool masked)
{
    if (!plic.base)
        return;
    if (!masked)
        plic.core[irq] = (uint8_t)async_home()->core;
    volatile uint32_t *enable = enable_register(irq, plic.core[irq]);
    uint32_t bit = 1u << irq % 32;
    *enable = masked ? *enable & ~bit : *enable | bit;
}
