/* SPDX-License-Identifier: BSD-2-Clause */
/* An address space: its root page table, page tables made on demand, and a window of free
 * addresses for whatever a program wants to map without caring where. */
#ifndef U4_VSPACE_H
#define U4_VSPACE_H

#include <u4/alloc.h>

#define U4_WINDOW_BASE 0x2000000000ull

typedef struct {
    seL4_RISCV_PageTable root;
    u4_alloc_t *alloc; /* where page tables come from */
    seL4_Word next;    /* next free address of the window */
} u4_vspace_t;

/* The address space whose root is ROOT (assigned to an ASID pool already). */
void u4_vspace_init(u4_vspace_t *vspace, u4_alloc_t *alloc, seL4_RISCV_PageTable root);

/* Make a new, empty address space and assign it to POOL. */
seL4_Error u4_vspace_create(u4_vspace_t *vspace, u4_alloc_t *alloc, seL4_RISCV_ASIDPool pool);

/* Map FRAME at VADDR, making the page tables that are missing. */
seL4_Error u4_vspace_map(u4_vspace_t *vspace, seL4_RISCV_Page frame, seL4_Word vaddr,
                         seL4_CapRights_t rights, seL4_RISCV_VMAttributes attributes);

/* PAGES fresh addresses of the window, with an unmapped page behind them. */
seL4_Word u4_vspace_window(u4_vspace_t *vspace, seL4_Word pages);

/* Map FRAME (4 KiB), readable and writable, somewhere in the window; *OUT: where. */
seL4_Error u4_vspace_map_anywhere(u4_vspace_t *vspace, seL4_RISCV_Page frame, void **out);

/* A new 4 KiB frame, mapped so. */
seL4_Error u4_vspace_new_page(u4_vspace_t *vspace, seL4_RISCV_Page *frame, void **out);

#endif
