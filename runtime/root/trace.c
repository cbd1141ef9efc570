/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations of the trace capability. */
#include <u4/trace.h>

seL4_Error u4_trace_get_mask(seL4_CPtr trace, seL4_Word target, uint64_t mask[TRACE_MASK_WORDS])
{
    seL4_Word mr[TRACE_MASK_WORDS] = {target};
    seL4_Error error = u4_invoke(trace, U4TraceGetMask, 0, 1, mr);

    for (int i = 0; !error && i < TRACE_MASK_WORDS; i++)
        mask[i] = mr[i];
    return error;
}

seL4_Error u4_trace_set_mask(seL4_CPtr trace, seL4_Word target, const uint64_t *clear,
                             const uint64_t *set)
{
    enum { WORDS = 1 + 2 * TRACE_MASK_WORDS, REGISTERS = 4 };
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
