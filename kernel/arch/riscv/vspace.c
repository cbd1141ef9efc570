/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/arch/riscv/vspace.h"

#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

page_table_t kernel_root __attribute__((aligned(4096)));
bool asid_aliases;

#define LEVEL_BITS seL4_PageTableIndexBits
#define ROOT_ENTRY_BITS (seL4_PageBits + (PT_LEVELS - 1) * LEVEL_BITS)
#define KERNEL_FIRST_ENTRY (PT_ENTRIES / 2)

static inline word_t *table_entry(page_table_t *table, vaddr_t va, unsigned bits)
{
    return &table->pte[va >> bits & MASK(LEVEL_BITS)];
}

pte_ref_t vspace_walk(page_table_t *root, vaddr_t va)
{
    unsigned bits = ROOT_ENTRY_BITS;
    word_t *entry = table_entry(root, va, bits);
    while (bits > seL4_PageBits && pte_is_table(*entry)) {
        bits -= LEVEL_BITS;
        entry = table_entry(phys_to_virt(pte_paddr(*entry)), va, bits);
    }
    return (pte_ref_t){entry, bits};
}

unsigned vspace_explain(const tcb_t *t, vaddr_t va, word_t cause)
{
    cap_t vspace = t->slots[TCB_SLOT_VSPACE].cap;
    if (!vspace_space(vspace))
        return TRACE_ACCESS_FAILURE_NO_SPACE;
    word_t pte = *vspace_walk(cap_ptr(vspace), va).entry;
    if (va >= USER_TOP || !pte_valid(pte) || pte_is_table(pte))
        return TRACE_ACCESS_FAILURE_UNMAPPED;
    if (!(pte & PTE_U))
        return TRACE_ACCESS_FAILURE_NOT_USER;
    if (cause == CAUSE_LOAD_ACCESS && !(pte & PTE_R))
        return TRACE_ACCESS_FAILURE_NOT_READABLE;
    if (cause == CAUSE_STORE_ACCESS && !(pte & PTE_W))
        return TRACE_ACCESS_FAILURE_NOT_WRITABLE;
    if (cause == CAUSE_FETCH_ACCESS && !(pte & PTE_X))
        return TRACE_ACCESS_FAILURE_NOT_EXECUTABLE;
    return TRACE_ACCESS_FAILURE_NO_MEMORY;
}

status_t vspace_arg_check(cap_t root)
{
    const page_table_t *assigned = asid_lookup(cap_mapped_asid(root));
    if (!assigned) {
        hart->lookup = (lookup_failure_t){.type = seL4_InvalidRoot};
        return fail_lookup(false, REASON(VSPACE_INVALID));
    }
    if (assigned != cap_ptr(root))
        return fail_cap(1, REASON(VSPACE_INVALID));
    return OK;
}

void vspace_copy_kernel(page_table_t *root)
{
    for (unsigned i = KERNEL_FIRST_ENTRY; i < PT_ENTRIES; i++)
        root->pte[i] = kernel_root.pte[i];
}

/* The kernel's own mappings are the same everywhere, never change and are global. The window is
 * for data only; code runs from the image's addresses. */
BOOT_TEXT void vspace_init(void)
{
    const word_t flags = PTE_G | PTE_A | PTE_D | PTE_R | PTE_W;
    for (vaddr_t va = PHYS_WINDOW; va < PHYS_WINDOW_TOP; va += BIT(ROOT_ENTRY_BITS))
        *table_entry(&kernel_root, va, ROOT_ENTRY_BITS) = pte_leaf(va - PHYS_WINDOW, flags);
    *table_entry(&kernel_root, KERNEL_IMAGE, ROOT_ENTRY_BITS) =
        pte_leaf(KERNEL_PHYS, flags | PTE_X);
}

BOOT_TEXT void vspace_init_hart(void)
{
    /* ASID bits that the hart does not have read as zero (4.1.11). */
    csr_write(satp, satp_kernel() | MASK(16) << SATP_ASID_SHIFT);
    if (satp_asid(csr_read(satp)) != MASK(16))
        asid_aliases = true;
    csr_write(satp, satp_kernel());
    hart->satp = satp_kernel();
    sfence_all();
}

BOOT_TEXT void vspace_boot_map(page_table_t *root, vaddr_t va, paddr_t pa, word_t flags)
{
    pte_ref_t at = vspace_walk(root, va);
    if (at.bits != seL4_PageBits || pte_valid(*at.entry))
        panic("boot: cannot map the initial thread's page at %#llx: %s", (unsigned long long)va,
              at.bits != seL4_PageBits ? "page table missing" : "occupied");
    *at.entry = pte_leaf(pa, flags | PTE_U | PTE_A | PTE_D);
}

BOOT_TEXT void vspace_boot_map_table(page_table_t *root, vaddr_t va, page_table_t *table)
{
    pte_ref_t at = vspace_walk(root, va);
    if (at.bits == seL4_PageBits || pte_valid(*at.entry))
        panic("boot: there is a page table for %#llx already", (unsigned long long)va);
    *at.entry = pte_table(virt_to_phys(table));
}
