/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations of the trace capability, see abi/u4/extensions.h. */
#include "kernel/trace/control.h"

#include "abi/u4/extensions.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/ipc/message.h"
#include "kernel/object/object.h"
#include "kernel/trace/trace.h"
#include "kernel/trace/trigger.h"

#if defined(U4_TRACE) && U4_TRACE

static status_t get_mask(word_t length)
{
    if (length < 1)
        return fail_truncated();
    word_t target = syscall_arg(0);
    if (target == U4_TRACE_USER_RINGS) {
        invoke_answer(u4_trace_header.user_mask, TRACE_MASK_WORDS);
        return OK;
    }
    if (target >= num_harts)
        return fail_range(0, num_harts - 1, REASON(TRACE_TARGET));
    invoke_answer(harts[target].trace.mask, TRACE_MASK_WORDS);
    return OK;
}

void trace_harts_mask(word_t target, const word_t clear[TRACE_MASK_WORDS],
                      const word_t set[TRACE_MASK_WORDS])
{
    for (word_t h = 0; h < num_harts; h++)
        for (word_t i = 0; i < TRACE_MASK_WORDS && (target == h || target >= num_harts); i++)
            harts[h].trace.mask[i] = (harts[h].trace.mask[i] & ~clear[i]) | set[i];
}

static status_t set_mask(word_t length)
{
    word_t clear[TRACE_MASK_WORDS], set[TRACE_MASK_WORDS];
    if (length < 1 + 2 * TRACE_MASK_WORDS)
        return fail_truncated();
    word_t target = syscall_arg(0);
    if (target >= num_harts && target != U4_TRACE_ALL_HARTS && target != U4_TRACE_USER_RINGS)
        return fail_range(0, num_harts - 1, REASON(TRACE_TARGET));
    for (word_t i = 0; i < TRACE_MASK_WORDS; i++) {
        clear[i] = syscall_arg(1 + i);
        set[i] = syscall_arg(1 + TRACE_MASK_WORDS + i);
    }
    if (target == U4_TRACE_USER_RINGS) {
        trace_rings_mask(clear, set);
        return OK;
    }
    trace_harts_mask(target, clear, set);
    trace_sync(false);
    return OK;
}

static status_t check_frame(slot_t *from, vaddr_t address, cap_t *cap)
{
    if (!cap_is(from->cap, CAP_FRAME) || cap_frame_device(from->cap) ||
        cap_frame_rights(from->cap) != FRAME_READ_WRITE || cap_frame_size(from->cap) == FRAME_GIGA)
        return fail_cap(2, REASON(TRACE_FRAME));
    if (address + MASK(cap_frame_bits(from->cap)) >= USER_TOP ||
        !IS_ALIGNED(address, cap_frame_bits(from->cap)))
        return fail_argument(0, REASON(TRACE_ADDRESS));
    return cap_derive(from, from->cap, cap);
}

static status_t grant_ring(word_t length)
{
    if (length < 1 || !hart->extra[0] || !hart->extra[1])
        return fail_truncated();
    if (!cap_is(hart->extra[0]->cap, CAP_TCB))
        return fail_cap(1, REASON(TRACE_TCB));
    vaddr_t address = syscall_arg(0);
    tcb_t *t = cap_ptr(hart->extra[0]->cap);
    slot_t *from = hart->extra[1], *slot = &t->slots[TCB_SLOT_RING];
    cap_t cap;
    status_t status = check_frame(from, address, &cap);
    if (status != OK)
        return status;
    if (slot_empty(slot) && !trace_ring_free()) {
        hart->error.memory_left = 0;
        return fail(seL4_NotEnoughMemory, REASON(TRACE_RINGS));
    }
    slot_delete_simple(slot);
    slot_insert(from, slot, cap_frame_mapping(cap, 0, trace_ring_begin(t, cap, address)));
    TRACE(cap_make, TRACE_CAP_OP_COPY, CAP_FRAME, TRACE_REF(slot), TRACE_REF(from),
          TRACE_REF(cap_ptr(cap)), 0);
    return OK;
}

static status_t end_ring(void)
{
    if (!hart->extra[0])
        return fail_truncated();
    if (!cap_is(hart->extra[0]->cap, CAP_TCB))
        return fail_cap(1, REASON(TRACE_TCB));
    slot_t *slot = &((tcb_t *)cap_ptr(hart->extra[0]->cap))->slots[TCB_SLOT_RING];
    if (slot_empty(slot))
        return fail_illegal(REASON(TRACE_NO_RING));
    slot_delete_simple(slot);
    return OK;
}

static status_t set_filter(word_t length)
{
    if (length < 2)
        return fail_truncated();
    u4_trace_header.filter_thread = (uint32_t)syscall_arg(0);
    u4_trace_header.filter_object = (uint32_t)syscall_arg(1);
    trace_sync(false);
    return OK;
}

/* Programs may not have the kernel wait for somebody. */
static status_t set_trigger(word_t length)
{
    union {
        trace_trigger_t trigger;
        word_t words[sizeof(trace_trigger_t) / sizeof(word_t)];
    } wanted = {0};
    if (length < 1 + TRACE_TRIGGER_WORDS)
        return fail_truncated();
    word_t index = syscall_arg(0);
    if (index >= TRACE_TRIGGERS)
        return fail_range(0, TRACE_TRIGGERS - 1, REASON(TRACE_TRIGGER));
    for (word_t i = 0; i < TRACE_TRIGGER_WORDS; i++)
        wanted.words[i] = syscall_arg(1 + i);
    if (wanted.trigger.conditions > TRACE_CONDITIONS)
        return fail_range(0, TRACE_CONDITIONS, REASON(TRACE_TRIGGER));
    if (wanted.trigger.actions & TRACE_TRIGGER_HOLD)
        return fail_illegal(REASON(TRACE_TRIGGER_HOLD));
    u4_trace_triggers[index] = wanted.trigger;
    trace_sync(false);
    return OK;
}

static status_t get_trigger(word_t length)
{
    if (length < 1)
        return fail_truncated();
    word_t index = syscall_arg(0);
    if (index >= TRACE_TRIGGERS)
        return fail_range(0, TRACE_TRIGGERS - 1, REASON(TRACE_TRIGGER));
    invoke_answer((const word_t *)&u4_trace_triggers[index],
                  sizeof(trace_trigger_t) / sizeof(word_t));
    return OK;
}

status_t trace_invoke(word_t label, word_t length)
{
    switch (label) {
    case U4TraceGetMask: return get_mask(length);
    case U4TraceSetMask: return set_mask(length);
    case U4TraceGrantRing: return grant_ring(length);
    case U4TraceEndRing: return end_ring();
    case U4TraceSetFilter: return set_filter(length);
    case U4TraceSetTrigger: return set_trigger(length);
    case U4TraceGetTrigger: return get_trigger(length);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

#endif
