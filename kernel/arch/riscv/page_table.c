/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables. One that is mapped is either the root of an address space, which is what having
 * an ASID assigned means, or an inner table that its capability's address leads to.
 */
#include "kernel/arch/riscv/vspace.h"

#include "abi/sel4/invocation.h"
#include "kernel/arch/riscv/tlb.h"
#include "kernel/object/slot.h"
#include "kernel/ipc/message.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

#define TABLE_SIZE_BITS seL4_PageTableIndexBits /* how the trace tells tables from pages */

static inline page_table_t *table_of(cap_t cap)
{
    return cap_ptr(cap);
}

static bool is_root(cap_t cap)
{
    return cap_pt_mapped(cap) && asid_lookup(cap_mapped_asid(cap)) == table_of(cap);
}

/* The entry that refers to an inner table, or NULL if nothing does any more. */
static word_t *find_reference(cap_t cap)
{
    page_table_t *table = asid_lookup(cap_mapped_asid(cap));
    unsigned bits = seL4_PageBits + PT_LEVELS * seL4_PageTableIndexBits;
    while (table && bits > seL4_LargePageBits) {
        bits -= seL4_PageTableIndexBits;
        word_t *entry = &table->pte[cap_mapped_vaddr(cap) >> bits & (PT_ENTRIES - 1)];
        if (!pte_is_table(*entry))
            return NULL;
        table = phys_to_virt(pte_paddr(*entry));
        if (table == table_of(cap))
            return entry;
    }
    return NULL;
}

static void unmap(cap_t cap)
{
    word_t *entry = find_reference(cap);
    if (!entry)
        return;
    *entry = 0;
    tlb_flush_asid(cap_mapped_asid(cap));
    TRACE(vspace_unmap, TABLE_SIZE_BITS, TRACE_REF(table_of(cap)), cap_mapped_asid(cap),
          cap_mapped_vaddr(cap));
}

static status_t invoke_unmap(slot_t *slot, cap_t cap)
{
    if (!slot_is_final(slot))
        return fail(seL4_RevokeFirst, REASON(NOT_FINAL));
    if (is_root(cap))
        return fail(seL4_RevokeFirst, REASON(VSPACE_ROOT));

    if (cap_pt_mapped(cap)) {
        unmap(cap);
        for (unsigned i = 0; i < PT_ENTRIES; i++)
            table_of(cap)->pte[i] = 0;
    }
    slot->cap = cap_pt_mapping(cap, 0, 0);
    return OK;
}

static status_t invoke_map(slot_t *slot, cap_t cap, word_t length)
{
    if (length < 2)
        return fail_truncated();
    if (!hart->extra[0])
        return fail(seL4_TruncatedMessage, REASON(MISSING_EXTRA_CAP));
    if (cap_pt_mapped(cap))
        return fail_cap(0, REASON(VSPACE_MAPPED));
    cap_t vspace = hart->extra[0]->cap;
    if (!vspace_arg_mapped(vspace))
        return fail_cap(1, REASON(VSPACE_INVALID));
    vaddr_t va = syscall_arg(0);
    if (va >= USER_TOP)
        return fail_argument(0, REASON(VSPACE_RANGE));
    status_t status = vspace_arg_check(vspace);
    if (status != OK)
        return status;
    pte_ref_t at = vspace_walk(table_of(vspace), va);
    if (at.bits == seL4_PageBits || pte_valid(*at.entry))
        return fail(seL4_DeleteFirst, REASON(VSPACE_OCCUPIED));

    word_t asid = cap_mapped_asid(vspace);
    va = ALIGN_DOWN(va, at.bits);
    slot->cap = cap_pt_mapping(cap, asid, va);
    *at.entry = pte_table(virt_to_phys(table_of(cap)));
    tlb_flush_asid(asid);
    TRACE(vspace_map, TABLE_SIZE_BITS, 0, TRACE_REF(table_of(cap)), asid, va);
    return OK;
}

status_t page_table_invoke(slot_t *slot, cap_t cap, word_t label, word_t length)
{
    switch (label) {
    case RISCVPageTableMap: return invoke_map(slot, cap, length);
    case RISCVPageTableUnmap: return invoke_unmap(slot, cap);
    default: return fail_illegal(REASON(UNKNOWN_LABEL));
    }
}

void page_table_finalise(cap_t cap, bool final)
{
    if (!final || !cap_pt_mapped(cap))
        return;
    if (is_root(cap))
        asid_release(cap_mapped_asid(cap));
    else
        unmap(cap);
}
