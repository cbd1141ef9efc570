/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User address spaces: Sv39 page tables, frames, ASIDs (RISC-V Privileged 1.12, 4.4). The kernel's
 * own mappings are in the upper half of every root table.
 */
#ifndef KERNEL_ARCH_VSPACE_H
#define KERNEL_ARCH_VSPACE_H

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

/* Invocations. */
status_t page_table_invoke(slot_t *slot, cap_t cap, word_t label, word_t length);
status_t frame_invoke(slot_t *slot, cap_t cap, word_t label, word_t length, bool call);
status_t asid_control_invoke(word_t label, word_t length);
status_t asid_pool_invoke(cap_t cap, word_t label);

/* For object.c: what deleting the last (or any) capability of these types does. */
void page_table_finalise(cap_t cap, bool final);
void frame_finalise(cap_t cap);
void asid_pool_finalise(cap_t cap, bool final);
/* Copies the kernel's mappings into a fresh root table. */
void vspace_copy_kernel(page_table_t *root);

/* The root table that has this ASID, or NULL. */
page_table_t *asid_lookup(word_t asid);
/* Switches to the thread's address space, or to the kernel's if it has none that is valid. */
void vspace_activate(tcb_t *t);

/* Boot: maps a page of the initial thread; tables must be there (level: 0 leaf of 4 KiB). */
void vspace_boot_map(page_table_t *root, vaddr_t va, paddr_t pa, word_t flags);
void vspace_boot_map_table(page_table_t *root, vaddr_t va, page_table_t *table);

#endif
