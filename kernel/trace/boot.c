/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracing from the first moment on: rings out of free memory, masks from the command line. */
#include "kernel/trace/trace.h"

#if defined(U4_TRACE) && U4_TRACE

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/boot/memory.h"
#include "kernel/trace/control.h"
#include "kernel/trace/trigger.h"

#define DEFAULT_CAPACITY_LOG2 13
#define MIN_CAPACITY_LOG2 5
#define MAX_CAPACITY_LOG2 24
#define RECORD_BITS 5

_Static_assert(sizeof(trace_record_t) == BIT(RECORD_BITS), "record size");
_Static_assert(BIT(MIN_CAPACITY_LOG2) >= 2 * TRACE_UNPUBLISHED_MAX, "some of a ring can be read");

extern const char build_id_start[];

BOOT_TEXT static word_t parse_number(const char **s)
{
    word_t value = 0;
    unsigned base = 10;
    if ((*s)[0] == '0' && ((*s)[1] | 32) == 'x') {
        base = 16;
        *s += 2;
    }
    for (;; (*s)++) {
        unsigned c = (unsigned char)**s, digit = c >= '0' && c <= '9' ? c - '0'
                                                 : (c | 32) >= 'a'    ? (c | 32) - 'a' + 10
                                                                      : 99;
        if (digit >= base)
            return value;
        value = value * base + digit;
    }
}

BOOT_TEXT static bool starts_with(const char *s, const char *prefix)
{
    while (*prefix)
        if (*s++ != *prefix++)
            return false;
    return true;
}

BOOT_TEXT static void parse_command_line(const char *line)
{
    for (const char *s = line; s && *s;) {
        if (starts_with(s, "u4.trace=")) {
            s += sizeof("u4.trace=") - 1;
            for (unsigned i = 0; i < TRACE_MASK_WORDS; i++) {
                u4_trace_header.boot_mask[i] = parse_number(&s);
                if (*s != ',')
                    break;
                s++;
            }
        } else if (starts_with(s, "u4.ring=")) {
            s += sizeof("u4.ring=") - 1;
            u4_trace_header.boot_capacity_log2 = (uint32_t)parse_number(&s);
        } else if (starts_with(s, "u4.mode=")) {
            s += sizeof("u4.mode=") - 1;
            u4_trace_header.boot_mode = (uint32_t)parse_number(&s);
        }
        while (*s && *s != ' ')
            s++;
        while (*s == ' ')
            s++;
    }
}

BOOT_TEXT static unsigned capacity_log2(void)
{
    word_t wanted = u4_trace_header.boot_capacity_log2;
    if (wanted == 0)
        return DEFAULT_CAPACITY_LOG2;
    return (unsigned)MIN(MAX(wanted, (word_t)MIN_CAPACITY_LOG2), (word_t)MAX_CAPACITY_LOG2);
}

BOOT_TEXT static void init_hart(hart_t *h, void *memory, paddr_t memory_paddr, unsigned log2)
{
    trace_ring_t *r = &h->trace;
    r->base = r->next = (word_t)memory;
    r->end = r->base + (BIT(log2) * sizeof(trace_record_t));
    r->data_paddr = memory_paddr;
    r->capacity = BIT(log2);
    r->hart = h->core;
    r->mode = u4_trace_header.boot_mode;
    trace_store_fence();
    r->magic = TRACE_RING_MAGIC;
    u4_trace_header.ring_paddr[h->core] = image_to_phys(r);
    if (u4_trace_header.harts < h->core + 1)
        u4_trace_header.harts = h->core + 1;
    u4_trace_header.timebase_hz = timebase_hz;
    u4_trace_header.build_id_paddr = image_to_phys(build_id_start);
    trace_store_fence();
    u4_trace_header.state = TRACE_STATE_RUNNING;
    for (unsigned i = 0; i < TRACE_MASK_WORDS; i++)
        r->mask[i] = u4_trace_header.boot_mask[i];
}

BOOT_TEXT void trace_boot(const char *command_line)
{
    KASSERT((word_t)u4_trace_triggers == (word_t)&u4_trace_header + u4_trace_header.trigger_offset);
    parse_command_line(command_line);
    trace_rings_init();
    unsigned log2 = capacity_log2();
    for (word_t i = 0; i < num_harts; i++) {
        paddr_t ring = memory_take(log2 + RECORD_BITS, "a trace ring");
        init_hart(&harts[i], phys_to_virt(ring), ring, log2);
    }
    trace_sync(true);
    trace_boot_hart();
}

BOOT_TEXT void trace_boot_hart(void)
{
    TRACE(kernel_boot, hart->core, num_harts, timebase_hz);
    TRACE(thread_create, TRACE_REF(hart->idle));
    trace_thread_name(hart->idle);
}

#endif
