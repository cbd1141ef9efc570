/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces, from the ASID pools down. The levels are functions of their own: the depth of a
 * page table is part of what is checked.
 */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/arch/riscv/vspace.h"

#define USER_ENTRIES (PT_ENTRIES / 2)

/* A table that the entry or pool at `from` refers to; only one may. */
static const page_table_t *enter_table(const page_table_t *table, const void *from)
{
    INVARIANT(check_pointer(table, seL4_PageTableBits, sizeof *table) &&
                  !check_in_image(virt_to_phys(table), sizeof *table),
              "page table %p, to which %p refers, is not in free RAM", (const void *)table, from);
    extent_t *e = index_expect(CAP_PAGE_TABLE, table, sizeof *table, "a page table in use");
    if (e) {
        INVARIANT(!e->seen, "page table %p, to which %p refers, is also used elsewhere",
                  (const void *)table, from);
        e->seen = 1;
    }
    return table;
}

/* A page of 2^bits bytes: of a frame, or of memory of which no capability was found. */
static void check_page(const word_t *entry, unsigned bits)
{
    word_t pte = *entry, flags = pte & MASK(10);
    paddr_t start = pte_paddr(pte), end = start + BIT(bits);
    const word_t must = PTE_V | PTE_U | PTE_A | PTE_D;
    INVARIANT((flags & ~(word_t)(PTE_R | PTE_W | PTE_X)) == must && pte >> 54 == 0 &&
                  (!(pte & PTE_W) || (pte & PTE_R)),
              "page table entry at %p: 0x%lx is no user page", (const void *)entry, pte);
    INVARIANT(IS_ALIGNED(start, bits), "page table entry at %p: 0x%lx is not aligned",
              (const void *)entry, start);
    INVARIANT(!check_in_image(start, BIT(bits)),
              "page table entry at %p maps the kernel's image, 0x%lx", (const void *)entry, start);
    const extent_t *e = index_find(start, end);
    INVARIANT(e ? e->type != CAP_UNTYPED : !index_is_known(start),
              "page table entry at %p maps 0x%lx, which is free memory", (const void *)entry,
              start);
    INVARIANT(!e || (e->type == CAP_FRAME && e->start == start && e->end == end),
              "page table entry at %p maps 0x%lx, which belongs to %s at 0x%lx..0x%lx",
              (const void *)entry, start, check_type_name((cap_type_t)e->type), (word_t)e->start,
              (word_t)e->end);
}

/* True for an entry that refers to a table. */
static bool check_entry(const word_t *entry, unsigned bits)
{
    if (!pte_valid(*entry)) {
        INVARIANT(*entry == 0, "page table entry at %p: 0x%lx is neither valid nor empty",
                  (const void *)entry, *entry);
        return false;
    }
    if (!pte_is_table(*entry)) {
        check_page(entry, bits);
        return false;
    }
    INVARIANT(bits > seL4_PageBits && (*entry & MASK(10)) == PTE_V && *entry >> 54 == 0,
              "page table entry at %p: 0x%lx cannot be a table here", (const void *)entry, *entry);
    return true;
}

static const page_table_t *table_at(const word_t *entry)
{
    return enter_table(phys_to_virt(pte_paddr(*entry)), entry);
}

static void check_middle(const page_table_t *table)
{
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        if (!check_entry(&table->pte[i], seL4_LargePageBits))
            continue;
        const page_table_t *last = table_at(&table->pte[i]);
        for (unsigned j = 0; j < PT_ENTRIES; j++)
            check_entry(&last->pte[j], seL4_PageBits);
    }
}

static void check_root(const page_table_t *root, word_t asid)
{
    for (unsigned i = 0; i < USER_ENTRIES; i++)
        if (check_entry(&root->pte[i], seL4_HugePageBits))
            check_middle(table_at(&root->pte[i]));
    for (unsigned i = USER_ENTRIES; i < SPACE_ENTRY; i++)
        INVARIANT(root->pte[i] == kernel_root.pte[i],
                  "root page table %p: the kernel's entry %u is 0x%lx", (const void *)root, i,
                  root->pte[i]);
    INVARIANT(root->pte[SPACE_ENTRY] == space_make(root, asid),
              "root page table %p of ASID %lu carries space 0x%lx", (const void *)root, asid,
              root->pte[SPACE_ENTRY]);
}

void check_spaces(void)
{
    for (word_t asid = 0; asid < ASID_POOLS * ASIDS_PER_POOL; asid++) {
        const asid_pool_t *pool = asid_pools[asid / ASIDS_PER_POOL];
        if (!pool) {
            asid += ASIDS_PER_POOL - 1;
            continue;
        }
        if (asid % ASIDS_PER_POOL == 0) {
            INVARIANT(check_pointer(pool, seL4_ASIDPoolBits, sizeof *pool),
                      "ASID pool %p is not in RAM", (const void *)pool);
            index_expect(CAP_ASID_POOL, pool, sizeof *pool, "an ASID pool in use");
        }
        page_table_t *const *root = &pool->root[asid % ASIDS_PER_POOL];
        if (!*root)
            continue;
        INVARIANT(asid != 0, "page table %p has ASID 0, the kernel's", (const void *)*root);
        check_root(enter_table(*root, root), asid);
    }
}

void check_hart_space(const hart_t *h)
{
    word_t satp = h->satp, asid = satp_asid(satp);
    if (satp != satp_kernel())
        INVARIANT(asid_lookup(asid) && satp == satp_make(asid_lookup(asid), asid),
                  "hart %u: satp 0x%lx is no address space's in force", h->core, satp);
    if (h != hart || asid_aliases)
        return;
    word_t in_force = csr_read(satp);
    INVARIANT(in_force == satp, "hart %u: satp is 0x%lx, not 0x%lx", h->core, in_force, satp);
}

#endif
