/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of user rings. Places are taken in turn, so that the host has time to see an end. */
#include "kernel/arch/riscv/vspace.h"
#include "kernel/lib/mem.h"
#include "kernel/trace/control.h"
#include "kernel/trace/trace.h"

#if defined(U4_TRACE) && U4_TRACE

static trace_user_ring_t rings[TRACE_MAX_USER_RINGS];
static word_t next_place;

BOOT_TEXT void trace_rings_init(void)
{
    word_t own = trace_bit(u4_trace_header.boot_mask[TRACE_WORD_user_mark], TRACE_ID_user_mark)
                     ? ~(word_t)0
                     : 0;
    for (word_t i = 0; i < TRACE_MASK_WORDS; i++)
        u4_trace_header.user_mask[i] =
            i < TRACE_OWN_MAX / WORD_BITS ? own : u4_trace_header.boot_mask[i];
    u4_trace_header.user_ring_paddr = image_to_phys(rings);
    u4_trace_header.user_rings = TRACE_MAX_USER_RINGS;
}

static bool in_use(const trace_user_ring_t *ring)
{
    return ring->generation & 1;
}

bool trace_ring_free(void)
{
    for (word_t i = 0; i < TRACE_MAX_USER_RINGS; i++)
        if (!in_use(&rings[i]))
            return true;
    return false;
}

/* The fields before the generation, by which the host knows that they hold together. */
static void publish(trace_user_ring_t *ring)
{
    trace_store_fence();
    *(volatile uint64_t *)&ring->generation = ring->generation + 1;
    u4_trace_header.user_ring_changes++;
}

static void fill_control(const trace_user_ring_t *ring, trace_ring_t *control)
{
    word_t half = BIT(ring->size_bits - 1);
    memset(control, 0, sizeof *control + sizeof(trace_user_schema_t));
    for (word_t i = 0; i < TRACE_MASK_WORDS; i++)
        control->mask[i] = u4_trace_header.user_mask[i];
    control->base = control->next = ring->address + half;
    control->end = ring->address + 2 * half;
    control->data_paddr = ring->paddr + half;
    control->capacity = half / sizeof(trace_record_t);
    control->hart = UINT32_MAX;
    control->owner = ring->owner;
    trace_store_fence();
    control->magic = TRACE_RING_MAGIC;
}

word_t trace_ring_begin(const tcb_t *t, cap_t frame, vaddr_t address)
{
    while (in_use(&rings[next_place % TRACE_MAX_USER_RINGS]))
        next_place++;
    word_t place = next_place++ % TRACE_MAX_USER_RINGS;
    trace_user_ring_t *ring = &rings[place];
    ring->paddr = virt_to_phys(cap_ptr(frame));
    ring->address = address;
    ring->size_bits = cap_frame_bits(frame);
    ring->owner = (uint32_t)TRACE_REF(t);
    ring->published = 0;
    fill_control(ring, cap_ptr(frame));
    publish(ring);
    TRACE(thread_ring, 1, ring->owner, TRACE_REF(cap_ptr(frame)), 0);
    return place + 1;
}

/* Records written, by the writer's word; layout.h has the formula. */
static word_t published(const trace_user_ring_t *ring)
{
    const volatile trace_ring_t *control = phys_to_virt(ring->paddr);
    word_t half = BIT(ring->size_bits - 1), base = ring->address + half;
    word_t laps = control->laps, pending = control->lap_pending, next = control->next;
    if (next - base >= half)
        next = base;
    return (pending != laps && next == base ? pending : laps) * (half / sizeof(trace_record_t)) +
           (next - base) / sizeof(trace_record_t);
}

void trace_ring_end(word_t place)
{
    trace_user_ring_t *ring = &rings[place - 1];
    ring->published = published(ring);
    publish(ring);
    TRACE(thread_ring, 0, ring->owner, TRACE_REF(phys_to_virt(ring->paddr)), ring->published);
}

void trace_rings_mask(const word_t clear[TRACE_MASK_WORDS], const word_t set[TRACE_MASK_WORDS])
{
    for (word_t w = 0; w < TRACE_MASK_WORDS; w++) {
        word_t *future = &u4_trace_header.user_mask[w];
        *future = (*future & ~clear[w]) | set[w];
        for (word_t i = 0; i < TRACE_MAX_USER_RINGS; i++) {
            if (!in_use(&rings[i]))
                continue;
            trace_ring_t *control = phys_to_virt(rings[i].paddr);
            control->mask[w] = (control->mask[w] & ~clear[w]) | set[w];
        }
    }
}

#endif
