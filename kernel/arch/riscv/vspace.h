/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User address spaces: Sv39 page tables, frames, ASIDs (RISC-V Privileged 1.12, 4.4). The kernel's
 * own mappings are in the upper half of every root table.
 */
#ifndef KERNEL_ARCH_VSPACE_H
#define KERNEL_ARCH_VSPACE_H

#include "kernel/arch/riscv/csr.h"
#include "kernel/hart.h"

#define PHYS_WINDOW 0xffffffc000000000ull  /* kernel address of physical address 0 */
#define KERNEL_IMAGE 0xffffffff80000000ull /* kernel address of physical KERNEL_PHYS */
#define KERNEL_PHYS 0x80000000ull
#define PHYS_WINDOW_TOP 0xffffffff80000000ull

#define PT_ENTRIES 512
#define PT_LEVELS 3
#define USER_TOP seL4_UserTop
#define ASID_POOLS 128
#define ASIDS_PER_POOL 512
#define SATP_ASID_SHIFT 44

enum {
    PTE_V = 1,
    PTE_R = 2,
    PTE_W = 4,
    PTE_X = 8,
    PTE_U = 16,
    PTE_G = 32,
    PTE_A = 64,
    PTE_D = 128,
};

typedef struct page_table {
    word_t pte[PT_ENTRIES];
} page_table_t;

typedef struct asid_pool {
    page_table_t *root[ASIDS_PER_POOL];
} asid_pool_t;

extern asid_pool_t *asid_pools[ASID_POOLS];
extern page_table_t kernel_root; /* kernel mappings only */
/* The machine tells fewer than 2^16 ASIDs apart: each switch empties the TLB. */
extern bool asid_aliases;

ALWAYS_INLINE void *phys_to_virt(paddr_t p)
{
    return (void *)(p + PHYS_WINDOW);
}
/* Of an address in the physical window. */
ALWAYS_INLINE paddr_t virt_to_phys(const void *v)
{
    return (word_t)v - PHYS_WINDOW;
}
/* Of an address in the kernel's image. */
ALWAYS_INLINE paddr_t image_to_phys(const void *v)
{
    return (word_t)v - KERNEL_IMAGE + KERNEL_PHYS;
}
ALWAYS_INLINE word_t pte_leaf(paddr_t p, word_t flags)
{
    return (p >> 12) << 10 | flags | PTE_V;
}
ALWAYS_INLINE word_t pte_table(paddr_t p)
{
    return (p >> 12) << 10 | PTE_V;
}
ALWAYS_INLINE bool pte_valid(word_t e)
{
    return e & PTE_V;
}
ALWAYS_INLINE bool pte_is_table(word_t e)
{
    return (e & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}
ALWAYS_INLINE paddr_t pte_paddr(word_t e)
{
    return (e >> 10 & MASK(44)) << 12;
}

/* satp of a root table in the physical window. */
ALWAYS_INLINE word_t satp_make(const page_table_t *root, word_t asid)
{
    return SATP_SV39 | asid << SATP_ASID_SHIFT | virt_to_phys(root) >> seL4_PageBits;
}
/* satp of kernel_root, ASID 0. */
ALWAYS_INLINE word_t satp_kernel(void)
{
    return SATP_SV39 | image_to_phys(&kernel_root) >> seL4_PageBits;
}
ALWAYS_INLINE word_t satp_asid(word_t satp)
{
    return satp >> SATP_ASID_SHIFT & MASK(16);
}

/* A page table entry, and log2 of what it translates: 30, 21 or 12. */
typedef struct {
    word_t *entry;
    unsigned bits;
} pte_ref_t;

/* Where the walk for `va` ends: a leaf, an empty entry or the lowest level. */
pte_ref_t vspace_walk(page_table_t *root, vaddr_t va);

/* Why a thread may not access `va`, by its page tables: enum access_failure of events.def.
 * `cause`: CAUSE_FETCH_ACCESS, CAUSE_LOAD_ACCESS or CAUSE_STORE_ACCESS. */
unsigned vspace_explain(const tcb_t *t, vaddr_t va, word_t cause);

/* Checks of an invocation's address space argument, extra capability 0 (capability 1). In two
 * parts, because seL4 has other checks between them. `root`: mapped page table? */
ALWAYS_INLINE bool vspace_arg_mapped(cap_t root)
{
    return cap_is(root, CAP_PAGE_TABLE) && cap_pt_mapped(root);
}
/* Is its ASID assigned, and to this table? OK or ERROR. */
status_t vspace_arg_check(cap_t root);

/* Invocations. */
status_t page_table_invoke(slot_t *slot, cap_t cap, word_t label, word_t length);
status_t frame_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call);
status_t asid_control_invoke(word_t label, word_t length);
status_t asid_pool_invoke(cap_t cap, word_t label);

/* asid.c: takes the ASID from the root table that has it, and every hart away from there. */
void asid_release(word_t asid);

/* For object.c: what deleting the last (or any) capability of these types does. */
void page_table_finalise(cap_t cap, bool final);
void frame_finalise(cap_t cap);
void asid_pool_finalise(cap_t cap, bool final);
/* Copies the kernel's mappings into a fresh root table. */
void vspace_copy_kernel(page_table_t *root);

/* The root table that has this ASID, or NULL. */
ALWAYS_INLINE page_table_t *asid_lookup(word_t asid)
{
    const asid_pool_t *pool = asid_pools[asid / ASIDS_PER_POOL];
    return LIKELY(pool != NULL) ? pool->root[asid % ASIDS_PER_POOL] : NULL;
}

/*
 * Switching. A root table that has an ASID carries, in an entry that no translation uses, the
 * satp to switch to, shifted up by one so that the entry reads as invalid: entry SPACE_ENTRY is 0
 * in a root without ASID. (In an inner table it may be a real entry; that is valid, or 0.) So
 * a TCB's VSpace capability, even one whose ASID is long gone, tells with one load what is in
 * force. Invariant: every hart's satp is the kernel's or that of a root which has its ASID now;
 * whoever takes a root from an ASID moves harts away from it.
 */
#define SPACE_ENTRY (PT_ENTRIES - 1)

ALWAYS_INLINE word_t space_make(const page_table_t *root, word_t asid)
{
    return satp_make(root, asid) << 1;
}
/* Gives the ASID to a root table that holds the kernel's mappings. */
ALWAYS_INLINE void asid_set_root(word_t asid, page_table_t *root)
{
    asid_pools[asid / ASIDS_PER_POOL]->root[asid % ASIDS_PER_POOL] = root;
    root->pte[SPACE_ENTRY] = space_make(root, asid);
}
/* The space of a TCB's VSpace slot (null or a page table); 0 if it has none. */
ALWAYS_INLINE word_t vspace_space(cap_t vspace)
{
    if (UNLIKELY(vspace.w0 == 0))
        return 0;
    word_t space = ((const page_table_t *)cap_ptr(vspace))->pte[SPACE_ENTRY];
    return LIKELY(!(space & PTE_V)) ? space : 0;
}
/* Makes this hart use a space that is not 0. */
ALWAYS_INLINE void vspace_switch(word_t space)
{
    if (hart->satp << 1 == space)
        return;
    word_t satp = space >> 1 | SATP_SV39;
    hart->satp = satp;
    csr_write(satp, satp);
    if (UNLIKELY(asid_aliases))
        sfence_all();
}
ALWAYS_INLINE void vspace_switch_kernel(void)
{
    vspace_switch(satp_kernel() << 1);
}
/* Switches to the thread's address space, or to the kernel's if it has none that is valid. */
ALWAYS_INLINE void vspace_activate(const tcb_t *t)
{
    word_t space = vspace_space(t->slots[TCB_SLOT_VSPACE].cap);
    vspace_switch(LIKELY(space) ? space : satp_kernel() << 1);
}

/* Boot, once: fills kernel_root with the physical window and the kernel's image. */
void vspace_init(void);
/* Boot, on each hart: leaves the loader's tables for kernel_root. */
void vspace_init_hart(void);
/* Boot: maps a page of the initial thread; tables must be there (level: 0 leaf of 4 KiB). */
void vspace_boot_map(page_table_t *root, vaddr_t va, paddr_t pa, word_t flags);
void vspace_boot_map_table(page_table_t *root, vaddr_t va, page_table_t *table);

#endif
