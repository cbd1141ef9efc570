/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/uintr/uintc.h"

#include "kernel/arch/riscv/vspace.h"
#include "kernel/uintr/receiver.h"

#define STRIDE 32

word_t uintc_base;
bool uintc_notifies;

static struct {
    word_t pending;
    word_t low;
} emulated[UINTC_ENTRIES];

void uintc_init(paddr_t base, bool notifies)
{
    uintc_base = base ? (word_t)phys_to_virt(base) : 0;
    uintc_notifies = !base || notifies;
}

static volatile word_t *hardware(unsigned entry, uintc_register_t reg)
{
    return (volatile word_t *)(uintc_base + entry * STRIDE + reg);
}

static word_t emulated_read(unsigned entry, uintc_register_t reg)
{
    word_t pending = emulated[entry].pending;
    switch (reg) {
    case UINTC_LOW: return emulated[entry].low;
    case UINTC_ACTIVE: return emulated[entry].low & UINTC_LOW_ACTIVE;
    case UINTC_HIGH: emulated[entry].pending = 0; return pending;
    default: return 0;
    }
}

/* An entry always has 64 vectors here. */
static void emulated_write(unsigned entry, uintc_register_t reg, word_t value)
{
    word_t *low = &emulated[entry].low;
    switch (reg) {
    case UINTC_SEND: emulated[entry].pending |= value < UINTC_VECTORS ? BIT(value) : 0; break;
    case UINTC_LOW: *low = value; break;
    case UINTC_HIGH: emulated[entry].pending |= value; break;
    case UINTC_ACTIVE:
        *low = (*low & ~(word_t)UINTC_LOW_ACTIVE) | (value ? UINTC_LOW_ACTIVE : 0);
        break;
    }
    if (!emulated[entry].pending)
        return;
    if (*low & UINTC_LOW_SUPERVISOR)
        receiver_wake(entry);
    else if (*low & UINTC_LOW_ACTIVE)
        receiver_interrupt(entry);
}

word_t uintc_read(unsigned entry, uintc_register_t reg)
{
    return uintc_emulated() ? emulated_read(entry, reg) : *hardware(entry, reg);
}

void uintc_write(unsigned entry, uintc_register_t reg, word_t value)
{
    if (uintc_emulated())
        emulated_write(entry, reg, value);
    else
        *hardware(entry, reg) = value;
}
