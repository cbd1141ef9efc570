/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/arch/riscv/vspace.h"
#include "kernel/object/irq.h"
#include "kernel/object/object.h"
#include "kernel/uintr/table.h"

static void check_cnode(const slot_t *s, cap_t cap)
{
    unsigned radix = cap_cnode_radix(cap), guard_size = cap_cnode_guard_size(cap);
    INVARIANT(radix > 0 && radix + guard_size <= WORD_BITS,
              "CNode in slot %p: radix %u, guard of %u bits", (const void *)s, radix, guard_size);
    INVARIANT(guard_size == WORD_BITS || cap_cnode_guard(cap) <= MASK(guard_size),
              "CNode in slot %p: guard 0x%lx is longer than %u bits", (const void *)s,
              cap_cnode_guard(cap), guard_size);
}

word_t check_zombie_slots(cap_t zombie)
{
    unsigned kind = cap_zombie_kind(zombie);
    word_t count = BIT(kind);
    if (kind == CAP_ZOMBIE_TCB)
        count = TCB_SLOTS;
    else if (kind >= CAP_ZOMBIE_SENDERS)
        sender_table_slots(zombie, &count);
    return count;
}

/* Slots are emptied from the end. */
static void check_zombie(const slot_t *s, cap_t cap)
{
    word_t count = check_zombie_slots(cap);
    const slot_t *slots = cap_ptr(cap);
    INVARIANT(cap.w1 <= count, "zombie in slot %p has %lu of %lu slots left", (const void *)s,
              cap.w1, count);
    INVARIANT(check_pointer(slots, SLOT_ALIGN_BITS, count * sizeof *slots),
              "zombie in slot %p: slots at %p", (const void *)s, (const void *)slots);
    for (word_t i = cap.w1; i < count; i++)
        INVARIANT(slot_empty(&slots[i]), "zombie in slot %p: slot %lu is in use, only %lu may be",
                  (const void *)s, i, cap.w1);
}

static void check_frame(const slot_t *s, cap_t cap)
{
    paddr_t start = virt_to_phys(cap_ptr(cap));
    word_t size = BIT(cap_frame_bits(cap));
    INVARIANT(cap_frame_size(cap) <= FRAME_GIGA && cap_frame_rights(cap) != 2,
              "frame in slot %p: size %u, rights %u", (const void *)s, cap_frame_size(cap),
              cap_frame_rights(cap));
    INVARIANT(!check_in_image(start, size), "frame in slot %p is the kernel's image, 0x%lx",
              (const void *)s, start);
    INVARIANT(cap_frame_device(cap) || check_is_ram(start, size),
              "frame in slot %p at physical 0x%lx is not RAM", (const void *)s, start);
}

static void check_page_table(const slot_t *s, cap_t cap)
{
    const page_table_t *table = cap_ptr(cap);
    INVARIANT(check_pointer(table, seL4_PageTableBits, sizeof *table),
              "page table %p in slot %p is not in RAM", (const void *)table, (const void *)s);
    INVARIANT(cap_pt_mapped(cap) == (cap_mapped_asid(cap) != 0),
              "page table in slot %p: %s, but its ASID is %lu", (const void *)s,
              cap_pt_mapped(cap) ? "mapped" : "not mapped", cap_mapped_asid(cap));
    word_t space = vspace_space(cap);
    INVARIANT(space == 0 || asid_lookup(satp_asid(space >> 1)) == table,
              "page table %p in slot %p carries space 0x%lx, which is not in force",
              (const void *)table, (const void *)s, space);
}

static void check_asid_pool(const slot_t *s, cap_t cap)
{
    word_t first = cap_asid_pool_first(cap);
    INVARIANT(first % ASIDS_PER_POOL == 0 && first / ASIDS_PER_POOL < ASID_POOLS,
              "ASID pool in slot %p: first ASID %lu", (const void *)s, first);
    INVARIANT(asid_pools[first / ASIDS_PER_POOL] == cap_ptr(cap),
              "ASID pool in slot %p is %p; ASID %lu's is %p", (const void *)s, cap_ptr(cap), first,
              (const void *)asid_pools[first / ASIDS_PER_POOL]);
}

void check_cap(const slot_t *s)
{
    cap_t cap = s->cap;
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: check_endpoint(cap_ptr(cap)); break;
    case CAP_NOTIFICATION: check_notification(cap_ptr(cap)); break;
    case CAP_CNODE: check_cnode(s, cap); break;
    case CAP_TCB:
        INVARIANT(check_is_thread(cap_ptr(cap)),
                  "TCB %p in slot %p is not in the list of all threads", cap_ptr(cap),
                  (const void *)s);
        break;
    case CAP_ZOMBIE: check_zombie(s, cap); break;
    case CAP_REGISTRATION: check_registration(s); break;
    case CAP_IRQ_HANDLER:
        INVARIANT(cap.w1 >= 1 && cap.w1 <= IRQ_MAX && irq_states[cap.w1] == IRQ_SIGNAL,
                  "handler in slot %p for interrupt %lu, which is not handed out", (const void *)s,
                  cap.w1);
        break;
    case CAP_FRAME: check_frame(s, cap); break;
    case CAP_PAGE_TABLE: check_page_table(s, cap); break;
    case CAP_ASID_POOL: check_asid_pool(s, cap); break;
    default: check_own_cap(s); break;
    }
}

#endif
