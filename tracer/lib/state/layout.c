/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the inspect table to offsets, and reading by them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reading.h"

static const struct {
    const char *structure, *field;
} field_names[] = {
#define FIELD(name, structure, field) {structure, field},
    STATE_FIELDS(FIELD)
#undef FIELD
};

static const struct {
    const char *cap, *bits;
} bit_names[] = {
#define BITS(name, cap, bits) {cap, bits},
    STATE_BITS(BITS)
#undef BITS
};

static const struct {
    const char *of, *value;
} value_names[] = {
#define VALUE(name, of, value) {of, value},
    STATE_VALUES(VALUE)
#undef VALUE
};

static const u4_inspect_entry_t *member(const inspect_t *inspect, enum u4_inspect_kind kind,
                                        const char *owner, const char *name)
{
    const u4_inspect_entry_t *o = inspect_find(inspect, kind, owner);
    return o ? inspect_member(inspect, o, name) : NULL;
}

/* A field that does not lie within its structure counts as missing. */
static void bind_fields(struct state_private *p)
{
    for (size_t i = 0; i < STATE_FIELD_COUNT; i++) {
        const u4_inspect_entry_t *of =
            inspect_find(&p->inspect, U4_INSPECT_STRUCT, field_names[i].structure);
        const u4_inspect_entry_t *e =
            of ? inspect_member(&p->inspect, of, field_names[i].field) : NULL;
        if (e && e->count && e->value <= of->size && e->size <= of->size - e->value) {
            p->fields[i] = (state_layout_t){(uint32_t)e->value, e->size / e->count, e->count};
        }
    }
}

static void bind_caps(struct state_private *p)
{
    for (size_t i = 0; i < STATE_BITS_COUNT; i++) {
        const u4_inspect_entry_t *e =
            member(&p->inspect, U4_INSPECT_CAP, bit_names[i].cap, bit_names[i].bits);
        if (e && e->value < 64 && e->size && e->size <= 64 && e->count < 2) {
            p->bits[i] = (state_bit_t){.mask = ~0ull >> (64 - e->size),
                                       .word = (uint8_t)e->count,
                                       .low = (uint8_t)e->value};
        }
    }
    for (size_t i = 0; i < STATE_VALUE_COUNT; i++) {
        const u4_inspect_entry_t *e =
            member(&p->inspect, U4_INSPECT_ENUM, value_names[i].of, value_names[i].value);
        p->values[i] = e ? e->value : UINT64_MAX;
    }
}

static uint64_t get_const(const struct state_private *p, const char *name, uint64_t otherwise)
{
    const u4_inspect_entry_t *e = inspect_find(&p->inspect, U4_INSPECT_CONST, name);
    return e ? e->value : otherwise;
}

/* A number of bits: below 64, whatever memory says. */
static unsigned get_bits(const struct state_private *p, const char *name, unsigned otherwise)
{
    uint64_t value = get_const(p, name, otherwise);
    return value < 64 ? (unsigned)value : otherwise;
}

static void bind_consts(struct state_private *p)
{
    p->window = get_const(p, "phys_window", 0);
    p->window_top = get_const(p, "phys_window_top", 0);
    p->image = get_const(p, "kernel_image", 0);
    p->image_phys = get_const(p, "kernel_phys", 0);
    p->image_start = get_const(p, "image_start", 0);
    p->image_end = get_const(p, "image_end", 0);
    p->user_top = get_const(p, "user_top", 0);
    p->zombie_tcb = get_const(p, "zombie_tcb", 63);
    p->slot_flags = get_const(p, "slot_flags", 3);
    p->slot_revocable = get_const(p, "slot_revocable", 0);
    p->slot_first_badged = get_const(p, "slot_first_badged", 0);
    p->slot_bits = get_bits(p, "slot_bits", 5);
    p->tcb_bits = get_bits(p, "tcb_bits", 11);
    p->endpoint_bits = get_bits(p, "endpoint_bits", 4);
    p->notification_bits = get_bits(p, "notification_bits", 5);
    p->page_table_bits = get_bits(p, "page_table_bits", 12);
    p->asid_pool_bits = get_bits(p, "asid_pool_bits", 12);
    p->min_untyped_bits = get_bits(p, "min_untyped_bits", 4);
    p->type_shift = get_bits(p, "cap_type_shift", 59);
    p->ptr_bits = get_bits(p, "cap_ptr_bits", 39);
}

bool state_bind(state_t *state, u4_error_t *err)
{
    struct state_private *p = state->private;
    static const enum state_field needed[] = {S_CAP_W0,    S_CAP_W1,    S_SLOT_PREV,    S_SLOT_NEXT,
                                              S_TCB_STATE, S_TCB_SLOTS, S_TCB_ALL_NEXT, S_TCB_REGS};
    bind_fields(p);
    bind_caps(p);
    bind_consts(p);
    const u4_inspect_entry_t *tcb = inspect_find(&p->inspect, U4_INSPECT_STRUCT, "tcb");
    const u4_inspect_entry_t *slot = inspect_find(&p->inspect, U4_INSPECT_STRUCT, "slot");
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (p->fields[needed[i]].count == 0) {
            return u4_fail(err, "%s: the kernel's inspect table has no %s.%s", p->source->name,
                           field_names[needed[i]].structure, field_names[needed[i]].field);
        }
    }
    p->tcb_size = tcb->size;
    p->slot_size = slot->size;
    bool sane = p->tcb_size <= 16384 && p->slot_size == 1u << p->slot_bits && p->slot_bits < 12 &&
                p->ptr_bits > 12 && p->fields[S_TCB_SLOTS].element == p->slot_size &&
                state_symbol(state, "tcb_all_head");
    state->debug = get_const(p, "debug", 0);
    state->mcs = get_const(p, "mcs", 0);
    state->smp = get_const(p, "smp", 0);
    return sane ||
           u4_fail(err, "%s: the kernel's inspect table contradicts itself", p->source->name);
}

const u4_inspect_entry_t *state_symbol(const state_t *state, const char *name)
{
    return inspect_find(&state->private->inspect, U4_INSPECT_SYMBOL, name);
}

uint64_t state_get(const state_t *state, enum state_field field, const uint8_t *raw, uint32_t index)
{
    const state_layout_t *f = &state->private->fields[field];
    uint64_t value = 0;
    if (index < f->count && f->element <= sizeof(value)) {
        memcpy(&value, raw + f->offset + index * f->element, f->element);
    }
    return value;
}

bool state_phys(const state_t *state, uint64_t vaddr, uint64_t *paddr)
{
    const struct state_private *p = state->private;
    if (vaddr >= p->window && vaddr < p->window_top) {
        *paddr = vaddr - p->window;
        return true;
    }
    if (vaddr >= p->image_start && vaddr < p->image_end) {
        *paddr = vaddr - p->image + p->image_phys;
        return true;
    }
    return false;
}

uint64_t state_pointer(state_t *state, enum state_field field, const uint8_t *raw)
{
    uint64_t vaddr = state_get(state, field, raw, 0) & ~(uint64_t)3, paddr = 0;
    if (vaddr && !state_phys(state, vaddr, &paddr)) {
        state_problem(state, "%s.%s: 0x%llx is not a kernel address", field_names[field].structure,
                      field_names[field].field, (unsigned long long)vaddr);
    }
    return paddr;
}

bool state_read_bytes(state_t *state, uint64_t paddr, void *to, size_t length)
{
    if (!source_read(state->private->source, paddr, to, length)) {
        return false;
    }
    state->bytes_read += length;
    return true;
}

void state_problem(state_t *state, const char *format, ...)
{
    char text[256];
    if (state->problem_count++ < STATE_MAX_PROBLEMS) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        state->problems[state->problem_count - 1] = memory_strdup(text);
    }
}

void *state_append(void **items, uint32_t *count, uint32_t *room, size_t size)
{
    if (*count == *room) {
        *room = *room ? 2 * *room : 64;
        *items = memory_grow(*items, *room, size);
    }
    char *item = (char *)*items + (size_t)(*count)++ * size;
    return memset(item, 0, size);
}
