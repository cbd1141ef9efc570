/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sites of events in the kernel's code follow the masks: a site is a nop while no hart's mask
 * has its event, else a jump to what emits it. Masks are words in memory that a host, a debugger
 * and the trace capability write; the code follows at once when the kernel itself changed them,
 * else at the next timer tick, and on the MCS kernel, which has none, on the way out of the next
 * entry behind the fast path once the header says that something has changed.
 *
 * With several harts a site jumps if any hart's mask has the event, and looks at its own hart's
 * there. Whoever changes sites holds the kernel lock, so no other hart is at one; before it goes
 * on, every hart has executed a fence.i.
 */
#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/trace/trace.h"
#include "kernel/trace/trigger.h"

#if defined(U4_TRACE) && U4_TRACE

typedef struct {
    int32_t site, emit, thread, object, both;
    uint32_t id;
} trace_site_t;

extern const trace_site_t trace_sites_start[], trace_sites_end[];
extern const char boot_start[], boot_end[];

#define NOP 0x00000013u

/* What the sites follow now. */
static struct {
    word_t mask[TRACE_MASK_WORDS];
    uint32_t thread, object;
} applied;

static uint32_t jump(int32_t by)
{
    uint32_t u = (uint32_t)by;
    return (u >> 20 & 1) << 31 | (u >> 1 & 0x3ff) << 21 | (u >> 11 & 1) << 20 |
           (u >> 12 & 0xff) << 12 | 0x6f; /* jal zero */
}

static uint32_t wanted(const trace_site_t *s)
{
    bool filtered = applied.thread || applied.object;
    bool on = s->id == TRACE_KEY_ANY      ? applied.mask[0] != 0
              : s->id == TRACE_KEY_FILTER ? filtered
                                          : trace_bit(applied.mask[s->id / 64], s->id);
    if (!on)
        return NOP;
    return jump(!filtered         ? s->emit
                : !applied.object ? s->thread
                : !applied.thread ? s->object
                                  : s->both);
}

/* Sites are aligned to two bytes only. */
static void patch(uint16_t *code, uint32_t instruction)
{
    code[0] = (uint16_t)instruction;
    code[1] = (uint16_t)(instruction >> 16);
}

static void patch_all(bool boot)
{
    for (const trace_site_t *s = trace_sites_start; s < trace_sites_end; s++) {
        char *code = (char *)&s->site + s->site;
        if (boot || code < boot_start || code >= boot_end)
            patch((uint16_t *)code, wanted(s));
    }
    __asm__ volatile("fence.i" ::: "memory");
#if U4_SMP
    if (!boot)
        sbi_fence_i();
#endif
}

/* Takes over what is wanted; false: nothing new. */
static bool changed(void)
{
    volatile trace_header_t *header = &u4_trace_header;
    bool change = false;
    header->changed = 0;
    __asm__ volatile("fence w,r" ::: "memory");
    for (unsigned w = 0; w < TRACE_MASK_WORDS; w++) {
        word_t mask = 0;
        for (word_t h = 0; h < num_harts; h++)
            mask |= *(volatile word_t *)&harts[h].trace.mask[w];
        change |= mask != applied.mask[w];
        applied.mask[w] = mask;
    }
    uint32_t thread = header->filter_thread, object = header->filter_object;
    change |= thread != applied.thread || object != applied.object;
    applied.thread = thread;
    applied.object = object;
    return change;
}

void trace_sync(bool boot)
{
    trace_watch_sync();
    if (!changed() && !boot)
        return;
    for (word_t h = 0; h < num_harts; h++) {
        harts[h].filter_thread = PHYS_WINDOW + applied.thread;
        harts[h].filter_object = PHYS_WINDOW + applied.object;
    }
    patch_all(boot);
}

void trace_tick(void)
{
    u4_trace_header.now = trace_time();
    trace_sync(false);
}

#endif
