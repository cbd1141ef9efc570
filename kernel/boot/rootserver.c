/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The root task as seL4 makes it: the order of slots and the places of objects are those that
 * programs for seL4 have seen (see docs/kernel.md). All objects lie in one block, taken from the
 * end of the highest free region, largest first.
 */
#include "kernel/boot/rootserver.h"

#include "abi/sel4/bootinfo.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/boot/bootinfo.h"
#include "kernel/boot/own.h"
#include "kernel/lib/mem.h"
#include "kernel/object/object.h"
#include "kernel/sched/sched.h"

#define CNODE_BITS (CONFIG_ROOT_CNODE_SIZE_BITS + seL4_SlotBits)
#define ROOT_ASID 1
#define PAGE_SIZE BIT(seL4_PageBits)
#define USER_FLAGS (PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D)

/* The block of root objects while it is being cut up. */
typedef struct {
    paddr_t next;
    slot_t *cnode;
    word_t next_slot;
    page_table_t *vspace;
    seL4_BootInfo *info;
    vaddr_t buffer_vaddr, info_vaddr, extra_vaddr, end_vaddr;
    vaddr_t image_vaddr;
    char *extra;
    word_t extra_size;
    unsigned extra_bits;
} root_t;

BOOT_TEXT static void provide(root_t *root, word_t slot, cap_t cap)
{
    root->cnode[slot] = (slot_t){.cap = cap, .prev = 0, .next = SLOT_REVOCABLE | SLOT_FIRST_BADGED};
}

BOOT_TEXT static void *take(root_t *root, word_t size)
{
    void *object = phys_to_virt(root->next);
    root->next += size;
    return object;
}

/* ---- sizes and addresses ---- */

BOOT_TEXT static word_t tables_at(const root_t *root, unsigned bits)
{
    return ((root->end_vaddr - 1) >> bits) - (root->image_vaddr >> bits) + 1;
}

BOOT_TEXT static word_t table_count(const root_t *root)
{
    return tables_at(root, seL4_HugePageBits) + tables_at(root, seL4_LargePageBits);
}

BOOT_TEXT static void plan_addresses(root_t *root, const boot_args_t *args)
{
    if (!IS_ALIGNED(args->image.start, seL4_PageBits) ||
        !IS_ALIGNED(args->image_offset, seL4_PageBits))
        panic("the root image at 0x%lx, offset 0x%lx, does not start at a page", args->image.start,
              args->image_offset);
    root->image_vaddr = args->image.start - args->image_offset;
    root->buffer_vaddr = ALIGN_UP(args->image.end, seL4_PageBits) - args->image_offset;
    root->info_vaddr = root->buffer_vaddr + PAGE_SIZE;
    root->extra_vaddr = root->info_vaddr + PAGE_SIZE;
    root->extra_size = bootinfo_extra_size();
    root->extra_bits = seL4_PageBits;
    while (BIT(root->extra_bits) < root->extra_size)
        root->extra_bits++;
    root->end_vaddr = root->extra_vaddr + ALIGN_UP(root->extra_size, seL4_PageBits);
    if (root->image_vaddr >= root->end_vaddr || root->end_vaddr > USER_TOP)
        panic("the root image at virtual 0x%lx..0x%lx is not in user space (up to 0x%llx)",
              root->image_vaddr, root->buffer_vaddr, USER_TOP);
}

BOOT_TEXT static void take_block(root_t *root)
{
    /* VSpace, ASID pool, IPC buffer and BootInfo are a page each, like the tables. */
    word_t pages = 4 + table_count(root);
    word_t size = BIT(CNODE_BITS) + BIT(root->extra_bits) + pages * PAGE_SIZE + BIT(seL4_TCBBits) +
                  boot_own_size();
    unsigned align = MAX((unsigned)CNODE_BITS, root->extra_bits);
    root->next = regions_take_high(&free_memory, size, align);
    if (!root->next)
        panic("no %lu KiB of memory left for the root task's objects", size / 1024);
    memset(phys_to_virt(root->next), 0, size);
}

/* ---- objects, in the order of their places ---- */

BOOT_TEXT static cap_t page_table_cap(const void *table, vaddr_t vaddr)
{
    cap_t cap = cap_set_bits(cap_page_table((void *)table), 58, 58, 1);
    cap.w1 = CAP_MAP(ROOT_ASID, vaddr);
    return cap;
}

BOOT_TEXT static cap_t map_page(const root_t *root, vaddr_t vaddr, void *page)
{
    vspace_boot_map(root->vspace, vaddr, virt_to_phys(page), USER_FLAGS);
    cap_t cap = cap_frame(page, FRAME_4K, FRAME_READ_WRITE, false);
    cap.w1 = CAP_MAP(ROOT_ASID, vaddr);
    return cap;
}

BOOT_TEXT static void make_spaces(root_t *root)
{
    root->vspace = take(root, PAGE_SIZE);
    vspace_copy_kernel(root->vspace);
    provide(root, seL4_CapInitThreadVSpace, page_table_cap(root->vspace, 0));

    asid_pool_t *pool = take(root, PAGE_SIZE);
    asid_pools[0] = pool;
    asid_set_root(ROOT_ASID, root->vspace);
    provide(root, seL4_CapInitThreadASIDPool, cap_make(CAP_ASID_POOL, 0, pool, 0));
    provide(root, seL4_CapASIDControl, cap_make(CAP_ASID_CONTROL, 0, NULL, 0));
}

BOOT_TEXT static void make_tables(root_t *root)
{
    static const unsigned levels[] = {seL4_HugePageBits, seL4_LargePageBits};
    root->info->userImagePaging.start = root->next_slot;
    for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
        vaddr_t vaddr = ALIGN_DOWN(root->image_vaddr, levels[i]);
        for (; vaddr < root->end_vaddr; vaddr += BIT(levels[i])) {
            page_table_t *table = take(root, PAGE_SIZE);
            vspace_boot_map_table(root->vspace, vaddr, table);
            provide(root, root->next_slot++, page_table_cap(table, vaddr));
        }
    }
    root->info->userImagePaging.end = root->next_slot;
}

BOOT_TEXT static void map_range(root_t *root, seL4_SlotRegion *slots, vaddr_t vaddr, char *page,
                                word_t size)
{
    slots->start = root->next_slot;
    for (word_t done = 0; done < size; done += PAGE_SIZE)
        provide(root, root->next_slot++, map_page(root, vaddr + done, page + done));
    slots->end = root->next_slot;
}

BOOT_TEXT static tcb_t *make_thread(root_t *root, const boot_args_t *args)
{
    tcb_t *t = take(root, BIT(seL4_TCBBits));
    tcb_init(t, NULL);
    provide(root, seL4_CapInitThreadTCB, cap_make(CAP_TCB, 0, t, 0));

    slot_t *cnode = &root->cnode[seL4_CapInitThreadCNode];
    slot_t *vspace = &root->cnode[seL4_CapInitThreadVSpace];
    slot_t *buffer = &root->cnode[seL4_CapInitThreadIPCBuffer];
    cap_t buffer_cap;
    cap_derive(buffer, buffer->cap, &buffer_cap);
    slot_insert(cnode, &t->slots[TCB_SLOT_CSPACE], cnode->cap);
    slot_insert(vspace, &t->slots[TCB_SLOT_VSPACE], vspace->cap);
    slot_insert(buffer, &t->slots[TCB_SLOT_BUFFER], buffer_cap);

    t->hart = &harts[0];
    t->priority = seL4_MaxPrio;
    t->mcp = seL4_MaxPrio;
    t->buffer = root->buffer_vaddr;
    t->regs[REG_PC] = t->fault_pc = args->entry;
    t->regs[REG_A0] = root->info_vaddr;
    memcpy(t->name, "rootserver", sizeof "rootserver");
    return t;
}

/* ---- Untypeds ---- */

BOOT_TEXT static void give_region(root_t *root, region_t r, bool device, unsigned *left_out)
{
    while (r.start < r.end && r.end - r.start >= BIT(seL4_MinUntypedBits)) {
        unsigned bits = region_first_block_bits(r, seL4_MaxUntypedBits);
        word_t i = root->next_slot - root->info->untyped.start;
        if (i < CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS) {
            /* All of it counts as used, so that the first retype clears it. */
            word_t used = BIT(bits - seL4_MinUntypedBits);
            provide(root, root->next_slot++,
                    cap_untyped(phys_to_virt(r.start), bits, device, used));
            root->info->untypedList[i] = (seL4_UntypedDesc){r.start, (uint8_t)bits, device, {0}};
        } else {
            ++*left_out;
        }
        r.start += BIT(bits);
    }
}

BOOT_TEXT static void give_untypeds(root_t *root)
{
    unsigned left_out = 0;
    root->info->untyped.start = root->next_slot;
    for (unsigned i = 0; i < device_memory.count; i++)
        give_region(root, device_memory.region[i], true, &left_out);
    give_region(root, memory_boot_code(), false, &left_out);
    for (unsigned i = 0; i < free_memory.count; i++)
        give_region(root, free_memory.region[i], false, &left_out);
    root->info->untyped.end = root->next_slot;
    if (left_out)
        bootinfo_warn_untypeds(left_out);
}

BOOT_TEXT static void provide_controls(root_t *root)
{
    word_t guard = WORD_BITS - CONFIG_ROOT_CNODE_SIZE_BITS;
    provide(root, seL4_CapInitThreadCNode,
            cap_cnode(root->cnode, CONFIG_ROOT_CNODE_SIZE_BITS, (unsigned)guard, 0));
    provide(root, seL4_CapIRQControl, cap_make(CAP_IRQ_CONTROL, 0, NULL, 0));
    provide(root, seL4_CapDomain, cap_make(CAP_DOMAIN, 0, NULL, 0));
    if (FIRST_OWN_SLOT == TRACE_ROOT_SLOT)
        provide(root, TRACE_ROOT_SLOT, cap_make(CAP_TRACE, 0, NULL, 0));
}

BOOT_TEXT static void check_slots(const root_t *root, const boot_args_t *args)
{
    word_t image_pages = (root->buffer_vaddr - root->image_vaddr) / PAGE_SIZE;
    word_t extra_pages = (root->end_vaddr - root->extra_vaddr) / PAGE_SIZE;
    word_t slots = seL4_NumInitialCaps + table_count(root) + extra_pages + image_pages +
                   CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS;
    if (slots > FIRST_OWN_SLOT)
        panic("the root image at 0x%lx..0x%lx has %lu pages: with them the root CNode of %llu "
              "slots would need %lu",
              args->image.start, args->image.end, image_pages, BIT(CONFIG_ROOT_CNODE_SIZE_BITS),
              slots);
}

BOOT_TEXT tcb_t *rootserver_create(const boot_args_t *args)
{
    static root_t root;
    plan_addresses(&root, args);
    check_slots(&root, args);
    take_block(&root);

    if (root.extra_bits > CNODE_BITS) {
        char *extra = take(&root, BIT(root.extra_bits));
        root.cnode = take(&root, BIT(CNODE_BITS));
        root.extra = extra;
    } else {
        root.cnode = take(&root, BIT(CNODE_BITS));
        root.extra = take(&root, BIT(root.extra_bits));
    }
    root.next_slot = seL4_NumInitialCaps;
    provide_controls(&root);
    make_spaces(&root);
    void *buffer = take(&root, PAGE_SIZE);
    root.info = take(&root, PAGE_SIZE);
    make_tables(&root);
    provide(&root, seL4_CapInitThreadIPCBuffer, map_page(&root, root.buffer_vaddr, buffer));
    provide(&root, seL4_CapBootInfoFrame, map_page(&root, root.info_vaddr, root.info));
    map_range(&root, &root.info->extraBIPages, root.extra_vaddr, root.extra, root.extra_size);
    root.next_slot += boot_own_controls(root.cnode, root.next_slot, root.info);
    map_range(&root, &root.info->userImageFrames, root.image_vaddr, phys_to_virt(args->image.start),
              args->image.end - args->image.start);
    tcb_t *t = make_thread(&root, args);
    boot_own_thread(t, take(&root, boot_own_size()), root.cnode);
    give_untypeds(&root);
    bootinfo_fill(root.info, root.buffer_vaddr, root.next_slot, root.extra, &args->dtb);
    return t;
}
