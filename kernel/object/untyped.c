/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Untyped memory: retyping it into objects, and clearing it when nothing is left of them. The
 * free index counts units of 16 bytes from the start; all below it is in use or not yet cleared.
 */
#include "abi/sel4/invocation.h"
#include "abi/u4/extensions.h"
#include "kernel/ipc/message.h"
#include "kernel/lib/mem.h"
#include "kernel/object/lookup.h"
#include "kernel/object/own.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

#define RETYPE_MAX 256
#define RESET_CHUNK_BITS 8

typedef struct {
    word_t type, user_size, size_bits;
    slot_t *slots; /* first of the window */
    word_t count;
} retype_t;

static status_t check_type(retype_t *r)
{
    r->type = syscall_arg(0);
    r->user_size = syscall_arg(1);
    if (r->type >= seL4_ObjectTypeCount && r->type != u4_SenderTableObject)
        return fail_argument(0, REASON(UNTYPED_TYPE));
    r->size_bits = object_size_bits(r->type, r->user_size);
    if (r->user_size >= WORD_BITS || r->size_bits > seL4_MaxUntypedBits)
        return fail_range(0, seL4_MaxUntypedBits, REASON(UNTYPED_SIZE));
    if (r->type == u4_SenderTableObject &&
        (r->user_size < u4_MinSenderTableBits || r->user_size > u4_MaxSenderTableBits))
        return fail_argument(1, REASON(UNTYPED_SIZE));
    if (r->type == seL4_CapTableObject && r->user_size == 0)
        return fail_argument(1, REASON(UNTYPED_SIZE));
    if (r->type == seL4_UntypedObject && r->user_size < seL4_MinUntypedBits)
        return fail_argument(1, REASON(UNTYPED_SIZE));
    return own_check_size(r->type, r->user_size);
}

static status_t check_window(retype_t *r)
{
    word_t index = syscall_arg(2), depth = syscall_arg(3);
    word_t offset = syscall_arg(4), count = syscall_arg(5);
    cap_t node = hart->extra[0]->cap;
    if (depth != 0) {
        slot_t *slot;
        status_t status = cspace_lookup_op(false, node, index, depth, &slot);
        if (status != OK)
            return status;
        node = slot->cap;
    }
    if (!cap_is(node, CAP_CNODE))
        return fail_missing(false, depth, REASON(UNTYPED_NODE));
    word_t size = BIT(cap_cnode_radix(node));
    if (offset > size - 1)
        return fail_range(0, size - 1, REASON(UNTYPED_SLOTS));
    if (count < 1 || count > RETYPE_MAX)
        return fail_range(1, RETYPE_MAX, REASON(UNTYPED_WINDOW));
    if (count > size - offset)
        return fail_range(1, size - offset, REASON(UNTYPED_SLOTS));
    r->slots = (slot_t *)cap_ptr(node) + offset;
    r->count = count;
    for (word_t i = 0; i < count; i++) {
        status_t status = slot_ensure_empty(&r->slots[i]);
        if (status != OK)
            return status;
    }
    return OK;
}

/* Clears the used part of an Untyped without children, from its end, a chunk at a time. */
static status_t reset(slot_t *slot)
{
    cap_t cap = slot->cap;
    word_t used = cap.w1 << seL4_MinUntypedBits;
    unsigned bits = cap_untyped_bits(cap);
    char *base = cap_ptr(cap);
    if (used == 0)
        return OK;
    TRACE(cap_untyped_reset, TRACE_REF(base), bits);
    if (cap_untyped_device(cap) || bits < RESET_CHUNK_BITS) {
        if (!cap_untyped_device(cap))
            memset(base, 0, BIT(bits));
        slot->cap.w1 = 0;
        return OK;
    }
    for (word_t at = ALIGN_UP(used, RESET_CHUNK_BITS); at > 0;) {
        at -= BIT(RESET_CHUNK_BITS);
        memset(base + at, 0, BIT(RESET_CHUNK_BITS));
        slot->cap.w1 = at >> seL4_MinUntypedBits;
        status_t status = preemption_point();
        if (status != OK) {
            TRACE(kernel_preempt, TRACE_LONG_OP_UNTYPED_RESET);
            return status;
        }
    }
    return OK;
}

static status_t retype(slot_t *slot, const retype_t *r, bool was_reset)
{
    if (was_reset) {
        status_t status = reset(slot);
        if (status != OK)
            return status;
    }
    cap_t cap = slot->cap;
    char *memory = cap_ptr(cap);
    word_t start = ALIGN_UP(cap.w1 << seL4_MinUntypedBits, r->size_bits);
    word_t end = start + (r->count << r->size_bits);
    slot->cap.w1 = ALIGN_UP(end, seL4_MinUntypedBits) >> seL4_MinUntypedBits;
    TRACE(cap_retype, r->type & 0xff, r->size_bits, TRACE_REF(memory), r->count,
          TRACE_REF(memory + start), (BIT(cap_untyped_bits(cap)) - end) >> 10);
    object_create(r->type, slot, r->slots, r->count, memory + start, r->user_size,
                  cap_untyped_device(cap));
    return OK;
}

status_t untyped_invoke(slot_t *slot, cap_t cap, word_t label, word_t length)
{
    if (label != UntypedRetype)
        return fail_illegal(REASON(UNKNOWN_LABEL));
    if (length < 6 || !hart->extra[0])
        return fail_truncated();
    retype_t r;
    status_t status = check_type(&r);
    if (status == OK)
        status = check_window(&r);
    if (status != OK)
        return status;
    bool childless = !slot_has_child(slot);
    word_t free_index = childless ? 0 : cap.w1;
    word_t size = BIT(cap_untyped_bits(cap));
    word_t left = size - (free_index << seL4_MinUntypedBits);
    if (left >> r.size_bits < r.count) {
        hart->error.memory_left = left;
        return fail(seL4_NotEnoughMemory, REASON(UNTYPED_SPACE));
    }
    bool frame = r.type == seL4_RISCV_4K_Page || r.type == seL4_RISCV_Mega_Page ||
                 r.type == seL4_RISCV_Giga_Page;
    if (cap_untyped_device(cap) && !frame && r.type != seL4_UntypedObject)
        return fail_argument(1, REASON(UNTYPED_DEVICE));
    return retype(slot, &r, childless);
}
