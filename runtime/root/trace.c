/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of the trace capability. */
#include <string.h>

#include <u4/trace.h>

seL4_Error u4_trace_get_mask(seL4_CPtr trace, seL4_Word target, uint64_t mask[TRACE_MASK_WORDS])
{
    seL4_Word mr[TRACE_MASK_WORDS] = {target};
    seL4_Error error = u4_invoke(trace, U4TraceGetMask, 0, 1, mr);

    for (int i = 0; !error && i < TRACE_MASK_WORDS; i++)
        mask[i] = mr[i];
    return error;
}

enum { REGISTERS = 4 }; /* words of a message that are in registers, and given as such */

seL4_Error u4_trace_set_mask(seL4_CPtr trace, seL4_Word target, const uint64_t *clear,
                             const uint64_t *set)
{
    enum { WORDS = 1 + 2 * TRACE_MASK_WORDS };
    seL4_Word words[WORDS] = {target};

    for (int i = 0; i < TRACE_MASK_WORDS; i++) {
        words[1 + i] = clear ? clear[i] : 0;
        words[1 + TRACE_MASK_WORDS + i] = set ? set[i] : 0;
    }
    for (int i = REGISTERS; i < WORDS; i++)
        seL4_SetMR(i, words[i]);
    return u4_invoke(trace, U4TraceSetMask, 0, WORDS, words);
}

seL4_Error u4_trace_grant_ring(seL4_CPtr trace, seL4_TCB tcb, seL4_RISCV_Page frame,
                               seL4_Word address)
{
    seL4_Word mr[4] = {address};

    seL4_SetCap(0, tcb);
    seL4_SetCap(1, frame);
    return u4_invoke(trace, U4TraceGrantRing, 2, 1, mr);
}

seL4_Error u4_trace_end_ring(seL4_CPtr trace, seL4_TCB tcb)
{
    seL4_Word mr[4] = {0};

    seL4_SetCap(0, tcb);
    return u4_invoke(trace, U4TraceEndRing, 1, 0, mr);
}

seL4_Error u4_trace_set_filter(seL4_CPtr trace, uint32_t thread, uint32_t object)
{
    seL4_Word mr[REGISTERS] = {thread, object};

    return u4_invoke(trace, U4TraceSetFilter, 0, 2, mr);
}

seL4_Error u4_trace_set_trigger(seL4_CPtr trace, seL4_Word index, const trace_trigger_t *trigger)
{
    seL4_Word words[1 + TRACE_TRIGGER_WORDS] = {index};

    memcpy(words + 1, trigger, sizeof words - sizeof *words);
    for (unsigned i = REGISTERS; i < 1 + TRACE_TRIGGER_WORDS; i++)
        seL4_SetMR((int)i, words[i]);
    return u4_invoke(trace, U4TraceSetTrigger, 0, 1 + TRACE_TRIGGER_WORDS, words);
}

seL4_Error u4_trace_get_trigger(seL4_CPtr trace, seL4_Word index, trace_trigger_t *trigger)
{
    enum { WORDS = sizeof(trace_trigger_t) / sizeof(seL4_Word) };
    seL4_Word words[WORDS] = {index};
    seL4_Error error = u4_invoke(trace, U4TraceGetTrigger, 0, 1, words);

    for (int i = REGISTERS; !error && i < WORDS; i++)
        words[i] = seL4_GetMR(i);
    if (!error)
        memcpy(trigger, words, sizeof words);
    return error;
}

/* An address of the window that is aligned to 2^BITS bytes. */
static seL4_Word aligned_window(u4_vspace_t *vspace, seL4_Word bits)
{
    seL4_Word size = (seL4_Word)1 << bits;
    seL4_Word at = u4_vspace_window(vspace, 2 * (size >> seL4_PageBits));

    return (at + size - 1) & ~(size - 1);
}

seL4_Error u4_trace_new_ring(u4_vspace_t *vspace, seL4_CPtr trace, seL4_TCB tcb, seL4_Word bits,
                             trace_ring_t **ring)
{
    seL4_CPtr frame;
    seL4_Word type = bits == seL4_PageBits ? seL4_RISCV_4K_Page : seL4_RISCV_Mega_Page;
    seL4_Word at = aligned_window(vspace, bits);
    seL4_Error error = u4_alloc_object(vspace->alloc, type, 0, &frame);

    if (!error)
        error = u4_vspace_map(vspace, frame, at, seL4_ReadWrite, seL4_RISCV_ExecuteNever);
    if (!error)
        error = u4_trace_grant_ring(trace, tcb, frame, at);
    *ring = error ? NULL : (trace_ring_t *)at;
    return error;
}
