/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames. Each capability to a frame can have one mapping, which it remembers. The entry there
 * may since have gone with its page table, or be another frame's: unmapping looks first.
 */
#include "kernel/arch/riscv/vspace.h"

#include "abi/sel4/invocation.h"
#include "kernel/arch/riscv/tlb.h"
#include "kernel/object/object.h"
#include "kernel/ipc/message.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/control.h"
#include "kernel/trace/trace.h"

static inline paddr_t frame_paddr(cap_t cap)
{
    return virt_to_phys(cap_ptr(cap));
}

/* A page that may not even be read or executed has no entry at all. */
static word_t make_entry(cap_t cap, word_t rights, bool executable)
{
    _Static_assert(FRAME_READ * PTE_R == PTE_R && FRAME_READ_WRITE * PTE_R == (PTE_R | PTE_W),
                   "frame rights are the entry's bits");
    word_t access = cap_frame_rights(cap_mask_rights(cap, rights)) * PTE_R;
    if (executable)
        access |= PTE_X;
    return access ? pte_leaf(frame_paddr(cap), access | PTE_U | PTE_A | PTE_D) : 0;
}

static void unmap(cap_t cap)
{
    word_t asid = cap_mapped_asid(cap);
    vaddr_t va = cap_mapped_vaddr(cap);
    page_table_t *root = asid ? asid_lookup(asid) : NULL;
    if (!root)
        return;
    pte_ref_t at = vspace_walk(root, va);
    if (at.bits != cap_frame_bits(cap) || !pte_valid(*at.entry) || pte_is_table(*at.entry) ||
        pte_paddr(*at.entry) != frame_paddr(cap))
        return;
    *at.entry = 0;
    tlb_flush_page(asid, va);
    TRACE(vspace_unmap, cap_frame_bits(cap), TRACE_REF(cap_ptr(cap)), asid, va);
}

/* May `cap`, at this place of the address space `asid`, be mapped or mapped again? */
static status_t check_mapping(cap_t cap, word_t asid, vaddr_t va, pte_ref_t at)
{
    if (at.bits != cap_frame_bits(cap))
        return fail_missing(false, at.bits, REASON(VSPACE_NO_TABLE));
    word_t mapped_asid = cap_mapped_asid(cap);
    if (mapped_asid == 0)
        return pte_valid(*at.entry) ? fail(seL4_DeleteFirst, REASON(VSPACE_OCCUPIED)) : OK;
    if (mapped_asid != asid)
        return fail_cap(1, REASON(VSPACE_OTHER_ASID));
    if (cap_mapped_vaddr(cap) != va)
        return fail_argument(0, REASON(VSPACE_OTHER_ADDR));
    return OK;
}

static status_t invoke_map(slot_t *slot, cap_t cap, word_t length)
{
    if (length < 3)
        return fail_truncated();
    if (!hart->extra[0])
        return fail(seL4_TruncatedMessage, REASON(MISSING_EXTRA_CAP));
    cap_t vspace = hart->extra[0]->cap;
    if (!vspace_arg_mapped(vspace))
        return fail_cap(1, REASON(VSPACE_INVALID));
    status_t status = vspace_arg_check(vspace);
    if (status != OK)
        return status;
    vaddr_t va = syscall_arg(0);
    /* The sum can only wrap for an address that is not aligned. */
    if (va + MASK(cap_frame_bits(cap)) >= USER_TOP)
        return fail_argument(0, REASON(VSPACE_RANGE));
    if (!IS_ALIGNED(va, cap_frame_bits(cap)))
        return fail(seL4_AlignmentError, REASON(VSPACE_ALIGN));
    word_t asid = cap_mapped_asid(vspace);
    pte_ref_t at = vspace_walk(cap_ptr(vspace), va);
    status = check_mapping(cap, asid, va, at);
    if (status != OK)
        return status;

    word_t entry = make_entry(cap, syscall_arg(1), !(syscall_arg(2) & seL4_RISCV_ExecuteNever));
    slot->cap = cap_frame_mapping(cap, asid, va);
    *at.entry = entry;
    tlb_flush_page(asid, va);
    TRACE(vspace_map, cap_frame_bits(cap), entry / PTE_R & 7, TRACE_REF(cap_ptr(cap)), asid, va);
    return OK;
}

static status_t invoke_unmap(slot_t *slot, cap_t cap)
{
    unmap(cap);
    slot->cap = cap_frame_mapping(cap, 0, 0);
    return OK;
}

status_t frame_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call)
{
    switch (label) {
    case RISCVPageMap: return invoke_map(slot, cap, length);
    case RISCVPageUnmap: return invoke_unmap(slot, cap);
    case RISCVPageGetAddress:
        if (call) {
            word_t address = frame_paddr(cap);
            invoke_answer(&address, 1);
        }
        return OK;
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

void frame_finalise(cap_t cap)
{
    if (cap_mapped_asid(cap) == 0 && cap_mapped_vaddr(cap) != 0)
        trace_ring_end(cap_mapped_vaddr(cap));
    unmap(cap);
}
