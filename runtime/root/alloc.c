/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/alloc.h>

static seL4_Word align_up(seL4_Word value, seL4_Word bits)
{
    seL4_Word mask = ((seL4_Word)1 << bits) - 1;

    return (value + mask) & ~mask;
}

void u4_alloc_init(u4_alloc_t *alloc, seL4_CNode cnode, seL4_CPtr next, seL4_CPtr end)
{
    alloc->cnode = cnode;
    alloc->next = next;
    alloc->end = end;
    alloc->count = 0;
}

bool u4_alloc_add(u4_alloc_t *alloc, seL4_Untyped cap, uint8_t bits)
{
    if (alloc->count == U4_ALLOC_UNTYPED)
        return false;
    alloc->untyped[alloc->count++] = (u4_untyped_t){cap, 0, 0, bits, false};
    return true;
}

void u4_alloc_boot(u4_alloc_t *alloc, const seL4_BootInfo *info)
{
    seL4_Word count = info->untyped.end - info->untyped.start;

    u4_alloc_init(alloc, seL4_CapInitThreadCNode, info->empty.start, info->empty.end);
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];

        if (!u4_alloc_add(alloc, info->untyped.start + i, desc->sizeBits))
            break;
        alloc->untyped[i].paddr = desc->paddr;
        alloc->untyped[i].device = desc->isDevice != 0;
    }
}

void u4_alloc_reset(u4_alloc_t *alloc, seL4_CPtr first)
{
    for (unsigned i = 0; i < alloc->count; i++) {
        (void)seL4_CNode_Revoke(alloc->cnode, alloc->untyped[i].cap, seL4_WordBits);
        alloc->untyped[i].used = 0;
    }
    while (alloc->next > first)
        (void)seL4_CNode_Delete(alloc->cnode, --alloc->next, seL4_WordBits);
}

seL4_CPtr u4_alloc_slots(u4_alloc_t *alloc, seL4_Word count)
{
    seL4_CPtr first = alloc->next;

    if (count > alloc->end - first)
        return 0;
    alloc->next += count;
    return first;
}

seL4_Word u4_object_bits(seL4_Word type, seL4_Word size_bits)
{
    switch (type) {
    case seL4_UntypedObject: return size_bits;
    case seL4_TCBObject: return seL4_TCBBits;
    case seL4_EndpointObject: return seL4_EndpointBits;
    case seL4_NotificationObject: return seL4_NotificationBits;
    case seL4_CapTableObject: return size_bits + seL4_SlotBits;
#if U4_MCS
    case seL4_SchedContextObject: return size_bits;
    case seL4_ReplyObject: return seL4_ReplyBits;
#endif
    case seL4_RISCV_4K_Page: return seL4_PageBits;
    case seL4_RISCV_Mega_Page: return seL4_LargePageBits;
    case seL4_RISCV_Giga_Page: return seL4_HugePageBits;
    case seL4_RISCV_PageTableObject: return seL4_PageTableBits;
    case u4_SenderTableObject: return size_bits;
    default: return seL4_WordBits; /* fits nowhere */
    }
}

/* The smallest Untyped with room for COUNT objects of 2^BITS bytes. */
static u4_untyped_t *find_room(u4_alloc_t *alloc, seL4_Word bits, seL4_Word count)
{
    u4_untyped_t *best = NULL;

    for (unsigned i = 0; i < alloc->count && bits < seL4_WordBits; i++) {
        u4_untyped_t *u = &alloc->untyped[i];
        seL4_Word start = align_up(u->used, bits);
        seL4_Word size = (seL4_Word)1 << u->bits;

        if (u->device || start > size || (size - start) >> bits < count)
            continue;
        if (!best || u->bits < best->bits)
            best = u;
    }
    return best;
}

static seL4_Error retype(u4_alloc_t *alloc, u4_untyped_t *u, seL4_Word type, seL4_Word size_bits,
                         seL4_Word count, seL4_CPtr *out)
{
    seL4_Word bits = u4_object_bits(type, size_bits);
    seL4_CPtr slot = u4_alloc_slots(alloc, count);
    seL4_Error error;

    if (!slot)
        return seL4_RangeError;
    error = seL4_Untyped_Retype(u->cap, type, size_bits, alloc->cnode, 0, 0, slot, count);
    if (error) {
        alloc->next -= count;
        return error;
    }
    u->used = align_up(u->used, bits) + (count << bits);
    *out = slot;
    return seL4_NoError;
}

seL4_Error u4_alloc_objects(u4_alloc_t *alloc, seL4_Word type, seL4_Word size_bits, seL4_Word count,
                            seL4_CPtr *out)
{
    u4_untyped_t *u = find_room(alloc, u4_object_bits(type, size_bits), count);

    return u ? retype(alloc, u, type, size_bits, count, out) : seL4_NotEnoughMemory;
}

/* Move the watermark of U up to OFFSET by making Untypeds that nobody will use. */
static seL4_Error skip_to(u4_alloc_t *alloc, u4_untyped_t *u, seL4_Word offset)
{
    while (u->used < offset) {
        seL4_Word bits = seL4_PageBits;
        seL4_Error error;
        seL4_CPtr unused;

        while (u->used + ((seL4_Word)2 << bits) <= offset &&
               (u->used & (((seL4_Word)2 << bits) - 1)) == 0)
            bits++;
        error = retype(alloc, u, seL4_UntypedObject, bits, 1, &unused);
        if (error)
            return error;
    }
    return seL4_NoError;
}

seL4_Error u4_alloc_device(u4_alloc_t *alloc, seL4_Word paddr, seL4_CPtr *out)
{
    for (unsigned i = 0; i < alloc->count; i++) {
        u4_untyped_t *u = &alloc->untyped[i];
        seL4_Error error;

        if (!u->device || paddr < u->paddr || (paddr - u->paddr) >> u->bits)
            continue;
        if (paddr - u->paddr < u->used)
            return seL4_NotEnoughMemory;
        error = skip_to(alloc, u, paddr - u->paddr);
        return error ? error : retype(alloc, u, seL4_RISCV_4K_Page, 0, 1, out);
    }
    return seL4_NotEnoughMemory;
}
