/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities: two words to fields, and the relations by which the derivation tree is read. */
#include "reading.h"

static uint64_t bits(const state_t *state, enum state_bits field, const state_cap_t *cap)
{
    const state_bit_t *b = &state->private->bits[field];
    return cap->words[b->word] >> b->low & b->mask;
}

static uint64_t size_of(unsigned bits_of_size)
{
    return bits_of_size < 64 ? 1ull << bits_of_size : 0;
}

static unsigned frame_bits(uint64_t size)
{
    return size == 0 ? 12 : size == 1 ? 21 : 30;
}

static void decode_memory(const state_t *state, state_cap_t *cap)
{
    const struct state_private *p = state->private;
    if (cap->type == TRACE_CAPTYPE_UNTYPED) {
        cap->size = size_of((unsigned)bits(state, B_UNTYPED_SIZE, cap));
        cap->device = bits(state, B_UNTYPED_DEVICE, cap);
        uint64_t used = bits(state, B_UNTYPED_FREE, cap);
        cap->used =
            used <= cap->size >> p->min_untyped_bits ? used << p->min_untyped_bits : cap->size;
    } else if (cap->type == TRACE_CAPTYPE_FRAME) {
        cap->size = size_of(frame_bits(bits(state, B_FRAME_SIZE, cap)));
        cap->device = bits(state, B_FRAME_DEVICE, cap);
        uint64_t rights = bits(state, B_FRAME_RIGHTS, cap); /* as R and W of a table entry */
        cap->rights = (uint8_t)rights;
        cap->asid = (uint16_t)bits(state, B_FRAME_ASID, cap);
        cap->vaddr = bits(state, B_FRAME_VADDR, cap);
    } else if (cap->type == TRACE_CAPTYPE_PAGE_TABLE) {
        cap->size = size_of(p->page_table_bits);
        cap->asid = (uint16_t)bits(state, B_PAGE_TABLE_ASID, cap);
        cap->vaddr = bits(state, B_PAGE_TABLE_VADDR, cap);
    } else if (cap->type == TRACE_CAPTYPE_ASID_POOL) {
        cap->size = size_of(p->asid_pool_bits);
        cap->asid = (uint16_t)bits(state, B_ASID_POOL_FIRST, cap);
    }
}

static void decode_cnode(const state_t *state, state_cap_t *cap)
{
    const struct state_private *p = state->private;
    if (cap->type == TRACE_CAPTYPE_CNODE) {
        cap->radix = (uint8_t)bits(state, B_CNODE_RADIX, cap);
        cap->guard_size = (uint8_t)bits(state, B_CNODE_GUARD_SIZE, cap);
        cap->badge = bits(state, B_CNODE_GUARD, cap);
        cap->size = size_of(cap->radix + p->slot_bits);
        return;
    }
    uint64_t kind = bits(state, B_ZOMBIE_KIND, cap);
    cap->used = bits(state, B_ZOMBIE_LEFT, cap);
    if (kind == p->zombie_tcb) {
        cap->object -= p->fields[S_TCB_SLOTS].offset;
        cap->size = size_of(p->tcb_bits);
    } else {
        cap->radix = (uint8_t)kind;
        cap->size = size_of((unsigned)kind + p->slot_bits);
    }
}

static bool has_object(uint8_t type)
{
    switch (type) {
    case TRACE_CAPTYPE_NULL:
    case TRACE_CAPTYPE_IRQ_CONTROL:
    case TRACE_CAPTYPE_IRQ_HANDLER:
    case TRACE_CAPTYPE_DOMAIN:
    case TRACE_CAPTYPE_ASID_CONTROL:
    case TRACE_CAPTYPE_SCHED_CONTROL: return false;
    default: return true;
    }
}

void state_decode_cap(const state_t *state, uint64_t w0, uint64_t w1, state_cap_t *cap)
{
    const struct state_private *p = state->private;
    *cap = (state_cap_t){.words = {w0, w1}, .type = (uint8_t)(w0 >> p->type_shift)};
    uint64_t vaddr = (uint64_t)((int64_t)(w0 << (64 - p->ptr_bits)) >> (64 - p->ptr_bits));
    if (has_object(cap->type) && !state_phys(state, vaddr, &cap->object)) {
        cap->object = 0;
    }
    switch (cap->type) {
    case TRACE_CAPTYPE_ENDPOINT:
        cap->rights = (uint8_t)bits(state, B_ENDPOINT_RIGHTS, cap);
        cap->badge = bits(state, B_ENDPOINT_BADGE, cap);
        cap->size = size_of(p->endpoint_bits);
        break;
    case TRACE_CAPTYPE_NOTIFICATION:
        cap->rights = (uint8_t)bits(state, B_NOTIFICATION_RIGHTS, cap);
        cap->badge = bits(state, B_NOTIFICATION_BADGE, cap);
        cap->size = size_of(p->notification_bits);
        break;
    case TRACE_CAPTYPE_REPLY:
        cap->master = bits(state, B_REPLY_MASTER, cap);
        cap->grant = bits(state, B_REPLY_GRANT, cap);
        break;
    case TRACE_CAPTYPE_TCB: cap->size = size_of(p->tcb_bits); break;
    case TRACE_CAPTYPE_IRQ_HANDLER: cap->object = bits(state, B_IRQ_HANDLER_IRQ, cap); break;
    case TRACE_CAPTYPE_CNODE:
    case TRACE_CAPTYPE_ZOMBIE: decode_cnode(state, cap); break;
    default: decode_memory(state, cap); break;
    }
}

static bool contains(const state_cap_t *a, const state_cap_t *b)
{
    return a->object <= b->object && b->size <= a->size &&
           b->object - a->object <= a->size - b->size;
}

/* As the kernel's cap_same_region(): may `b` be derived from `a`? */
bool state_same_region(const state_cap_t *a, const state_cap_t *b)
{
    switch (a->type) {
    case TRACE_CAPTYPE_UNTYPED: return b->size && has_object(b->type) && contains(a, b);
    case TRACE_CAPTYPE_FRAME: return b->type == a->type && contains(a, b);
    case TRACE_CAPTYPE_CNODE:
        return b->type == a->type && a->object == b->object && a->radix == b->radix;
    case TRACE_CAPTYPE_DOMAIN: return b->type == a->type;
    case TRACE_CAPTYPE_IRQ_CONTROL:
        return b->type == a->type || b->type == TRACE_CAPTYPE_IRQ_HANDLER;
    case TRACE_CAPTYPE_ASID_CONTROL:
        return b->type == a->type || b->type == TRACE_CAPTYPE_ASID_POOL;
    default: return a->type == b->type && a->object == b->object;
    }
}
