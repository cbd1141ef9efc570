/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address space identifiers: 128 pools, each a page made from an Untyped, of 512 root tables.
 * ASID 0 is the kernel's; whoever loses its ASID loses its address space with it.
 */
#include "kernel/arch/riscv/vspace.h"

#include "abi/sel4/invocation.h"
#include "kernel/arch/riscv/tlb.h"
#include "kernel/object/lookup.h"
#include "kernel/ipc/message.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

asid_pool_t *asid_pools[ASID_POOLS];

_Static_assert(sizeof(asid_pool_t) == BIT(seL4_ASIDPoolBits), "ASID pool size");

/* Every hart that uses an address space with one of `count` ASIDs from `first` on leaves it. */
ALWAYS_INLINE void leave_spaces(word_t first, word_t count)
{
    if (satp_asid(hart->satp) - first < count)
        vspace_switch_kernel();
    smp_leave_spaces(first, count);
}

void asid_release(word_t asid)
{
    asid_pool_t *pool = asid_pools[asid / ASIDS_PER_POOL];
    page_table_t *root = pool->root[asid % ASIDS_PER_POOL];
    pool->root[asid % ASIDS_PER_POOL] = NULL;
    root->pte[SPACE_ENTRY] = 0;
    leave_spaces(asid, 1);
    tlb_flush_asid(asid);
    TRACE(vspace_unmap, seL4_PageTableIndexBits, TRACE_REF(root), asid, 0);
}

void asid_pool_finalise(cap_t cap, bool final)
{
    word_t index = cap_asid_pool_first(cap) / ASIDS_PER_POOL;
    if (!final || asid_pools[index] != cap_ptr(cap))
        return;
    asid_pool_t *pool = asid_pools[index];
    asid_pools[index] = NULL;
    for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
        if (pool->root[i])
            pool->root[i]->pte[SPACE_ENTRY] = 0;
    leave_spaces(index * ASIDS_PER_POOL, ASIDS_PER_POOL);
    tlb_flush_all();
}

static void make_pool(slot_t *parent, slot_t *dest, word_t index)
{
    asid_pool_t *pool = cap_ptr(parent->cap);
    for (unsigned i = 0; i < ASIDS_PER_POOL; i++)
        pool->root[i] = NULL;
    /* All of the Untyped is in use now. */
    parent->cap =
        cap_untyped(pool, seL4_ASIDPoolBits, false, BIT(seL4_ASIDPoolBits) >> seL4_MinUntypedBits);
    word_t first = index * ASIDS_PER_POOL;
    slot_insert(parent, dest, cap_asid_pool(pool, first));
    asid_pools[index] = pool;
    TRACE(cap_make, TRACE_CAP_OP_ASID_POOL, CAP_ASID_POOL, TRACE_REF(dest), TRACE_REF(parent),
          TRACE_REF(pool), first);
    TRACE(vspace_asid_pool, TRACE_REF(pool), first);
}

status_t asid_control_invoke(word_t label, word_t length)
{
    if (label != RISCVASIDControlMakePool)
        return fail_illegal(REASON(UNKNOWN_LABEL));
    if (length < 2)
        return fail_truncated();
    if (!hart->extra[0] || !hart->extra[1])
        return fail(seL4_TruncatedMessage, REASON(MISSING_EXTRA_CAP));
    word_t index = 0;
    while (index < ASID_POOLS && asid_pools[index])
        index++;
    if (index == ASID_POOLS)
        return fail(seL4_DeleteFirst, REASON(ASID_NO_POOL));
    slot_t *parent = hart->extra[0];
    if (!cap_is(parent->cap, CAP_UNTYPED) || cap_untyped_device(parent->cap) ||
        cap_untyped_bits(parent->cap) != seL4_ASIDPoolBits)
        return fail_cap(1, REASON(ASID_UNTYPED));
    status_t status = slot_ensure_no_children(parent);
    if (status != OK)
        return status;
    slot_t *dest;
    status = cspace_lookup_op(false, hart->extra[1]->cap, syscall_arg(0), syscall_arg(1), &dest);
    if (status != OK)
        return status;
    status = slot_ensure_empty(dest);
    if (status != OK)
        return status;

    make_pool(parent, dest, index);
    return OK;
}

static void assign(slot_t *slot, word_t asid)
{
    page_table_t *root = cap_ptr(slot->cap);
    slot->cap = cap_pt_mapping(slot->cap, asid, 0);
    vspace_copy_kernel(root);
    asid_set_root(asid, root);
    TRACE(vspace_asid, TRACE_REF(root), asid);
}

status_t asid_pool_invoke(cap_t cap, word_t label)
{
    if (label != RISCVASIDPoolAssign)
        return fail_illegal(REASON(UNKNOWN_LABEL));
    slot_t *slot = hart->extra[0];
    if (!slot)
        return fail(seL4_TruncatedMessage, REASON(MISSING_EXTRA_CAP));
    if (!cap_is(slot->cap, CAP_PAGE_TABLE))
        return fail_cap(1, REASON(VSPACE_INVALID));
    if (cap_pt_mapped(slot->cap))
        return fail_cap(1, REASON(ASID_ASSIGNED));
    word_t first = cap_asid_pool_first(cap);
    asid_pool_t *pool = asid_pools[first / ASIDS_PER_POOL];
    if (!pool) {
        hart->lookup = (lookup_failure_t){.type = seL4_InvalidRoot};
        return fail_lookup(false, REASON(ASID_NO_POOL));
    }
    if (pool != cap_ptr(cap))
        return fail_cap(0, REASON(ASID_NO_POOL));
    word_t asid = MAX(first, 1);
    while (asid < first + ASIDS_PER_POOL && pool->root[asid % ASIDS_PER_POOL])
        asid++;
    if (asid == first + ASIDS_PER_POOL)
        return fail(seL4_DeleteFirst, REASON(ASID_POOL_FULL));

    assign(slot, asid);
    return OK;
}
