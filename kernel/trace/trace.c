/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/trace/trace.h"

#include "kernel/trace/trigger.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/smp/lock.h"

#if defined(U4_TRACE) && U4_TRACE

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
    .trigger_offset = ALIGN_UP(sizeof(trace_header_t), TRIGGERS_ALIGN_BITS),
    .triggers = TRACE_TRIGGERS,
    .trigger_size = sizeof(trace_trigger_t),
};

void trace_publish(trace_ring_t *ring)
{
    word_t next = ring->next + sizeof(trace_record_t);
    if (next == ring_end(ring)) {
        trace_next_lap(ring);
        if (ring->mode == TRACE_MODE_ONESHOT)
            trace_sync(false);
    } else {
        trace_store_fence();
        *(volatile word_t *)&ring->next = next;
    }
}

void trace_wrap(trace_ring_t *ring)
{
    const trace_record_t *record = (const trace_record_t *)ring->next;
    word_t position =
        ring->laps * ring->capacity + (ring->next - ring->base) / sizeof(trace_record_t);
    trace_publish(ring);
    trace_watch(ring, record, position);
    trace_set_end(ring);
}

#if U4_SMP
hart_t *trace_last = &harts[0];

/* Called by trace_follow_hart. */
void trace_follow(trace_ring_t *ring);

/* Where this hart's record could get a time that is not behind that of the last one: says whom it
 * follows. Under the kernel's lock, or answering its holder. */
void trace_follow(trace_ring_t *ring)
{
    const hart_t *before = trace_last;
    const trace_ring_t *r = &before->trace;
    word_t position = r->laps * r->capacity + (r->next - r->base) / sizeof(trace_record_t);
    const trace_record_t *last =
        (const trace_record_t *)(r->next == r->base ? ring_end(r) : r->next);

    trace_last = hart;
    if (position && trace_time() <= last[-1].time)
        trace_put_smp_order(ring, (uint32_t)TRACE_REF(hart->current), before->core,
                            kernel_lock.serving, position);
}
#endif

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

#endif
