/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/trace/trace.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"

#define DEFAULT_CAPACITY_LOG2 13
#define MIN_CAPACITY_LOG2 4
#define MAX_CAPACITY_LOG2 24

#if defined(U4_TRACE) && U4_TRACE

extern const char build_id_start[];

/* Found by host tools through its symbol; boot_* may be patched in the image. */
__attribute__((section(".u4_trace_header"), aligned(64), used)) trace_header_t u4_trace_header = {
    .magic = TRACE_MAGIC,
    .version = TRACE_VERSION,
    .header_size = sizeof(trace_header_t),
    .schema_hash = TRACE_SCHEMA_HASH,
    .record_size = sizeof(trace_record_t),
    .abi = (U4_SMP ? TRACE_ABI_SMP : 0) | (U4_MCS ? TRACE_ABI_MCS : 0),
#ifdef U4_DEBUG
    .flags = TRACE_KERNEL_DEBUG,
#endif
    .phys_window = PHYS_WINDOW,
};

void trace_wrap(trace_ring_t *ring)
{
    volatile trace_ring_t *r = ring;
    if (r->mode == TRACE_MODE_ONESHOT)
        for (unsigned i = 0; i < TRACE_MASK_WORDS; i++)
            r->mask[i] = 0;
    r->lap_pending = r->laps + 1;
    trace_store_fence();
    r->next = r->base;
    trace_store_fence();
    r->laps = r->lap_pending;
    trace_store_fence();
}

static word_t parse_number(const char **s)
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

static bool starts_with(const char *s, const char *prefix)
{
    while (*prefix)
        if (*s++ != *prefix++)
            return false;
    return true;
}

void trace_parse_command_line(const char *line)
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

unsigned trace_boot_capacity_log2(void)
{
    word_t wanted = u4_trace_header.boot_capacity_log2;
    if (wanted == 0)
        return DEFAULT_CAPACITY_LOG2;
    return (unsigned)MIN(MAX(wanted, (word_t)MIN_CAPACITY_LOG2), (word_t)MAX_CAPACITY_LOG2);
}

void trace_init_hart(hart_t *h, void *memory, paddr_t memory_paddr, unsigned capacity_log2)
{
    trace_ring_t *r = &h->trace;
    r->base = r->next = (word_t)memory;
    r->end = r->base + (BIT(capacity_log2) * sizeof(trace_record_t));
    r->data_paddr = memory_paddr;
    r->capacity = BIT(capacity_log2);
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

static uint32_t name_word(const char *s)
{
    return (uint32_t)(uint8_t)s[0] | (uint32_t)(uint8_t)s[1] << 8 | (uint32_t)(uint8_t)s[2] << 16 |
           (uint32_t)(uint8_t)s[3] << 24;
}

void trace_thread_name(const tcb_t *t)
{
    /* The name is NUL-padded to its 64 bytes; a last piece of 4 bytes would only hold the NUL. */
    for (unsigned at = 0; at + 12 <= sizeof(t->name); at += 12) {
        TRACE(thread_name, at, TRACE_REF(t), name_word(t->name + at), name_word(t->name + at + 4),
              name_word(t->name + at + 8));
        if (!t->name[at + 11])
            break;
    }
}

void trace_note_state(unsigned state, const char *why)
{
    unsigned i = 0;
    for (; i < sizeof(u4_trace_header.panic) - 1 && why[i]; i++)
        u4_trace_header.panic[i] = why[i];
    u4_trace_header.panic[i] = 0;
    trace_store_fence();
    u4_trace_header.state = state;
}

#else

void trace_parse_command_line(const char *line)
{
    (void)line;
}
unsigned trace_boot_capacity_log2(void)
{
    return 0;
}
void trace_init_hart(hart_t *h, void *memory, paddr_t memory_paddr, unsigned capacity_log2)
{
    (void)h;
    (void)memory;
    (void)memory_paddr;
    (void)capacity_log2;
}
void trace_thread_name(const tcb_t *t)
{
    (void)t;
}
void trace_note_state(unsigned state, const char *why)
{
    (void)state;
    (void)why;
}

#endif
