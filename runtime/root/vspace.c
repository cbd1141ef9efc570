/* SPDX-License-Identifier: BSD-2-Clause */
#include <u4/vspace.h>

void u4_vspace_init(u4_vspace_t *vspace, u4_alloc_t *alloc, seL4_RISCV_PageTable root)
{
    *vspace = (u4_vspace_t){root, alloc, U4_WINDOW_BASE};
}

seL4_Error u4_vspace_create(u4_vspace_t *vspace, u4_alloc_t *alloc, seL4_RISCV_ASIDPool pool)
{
    seL4_CPtr root;
    seL4_Error error = u4_alloc_object(alloc, seL4_RISCV_PageTableObject, 0, &root);

    if (error)
        return error;
    u4_vspace_init(vspace, alloc, root);
    return seL4_RISCV_ASIDPool_Assign(pool, root);
}

seL4_Error u4_vspace_map(u4_vspace_t *vspace, seL4_RISCV_Page frame, seL4_Word vaddr,
                         seL4_CapRights_t rights, seL4_RISCV_VMAttributes attributes)
{
    seL4_CPtr table;
    seL4_Error error;

    for (int level = 0;; level++) {
        error = seL4_RISCV_Page_Map(frame, vspace->root, vaddr, rights, attributes);
        if (error != seL4_FailedLookup || level == CONFIG_PT_LEVELS)
            return error;
        error = u4_alloc_object(vspace->alloc, seL4_RISCV_PageTableObject, 0, &table);
        if (!error)
            error = seL4_RISCV_PageTable_Map(table, vspace->root, vaddr,
                                             seL4_RISCV_Default_VMAttributes);
        if (error)
            return error;
    }
}

seL4_Word u4_vspace_window(u4_vspace_t *vspace, seL4_Word pages)
{
    seL4_Word vaddr = vspace->next;

    vspace->next += (pages + 1) << seL4_PageBits;
    return vaddr;
}

seL4_Error u4_vspace_map_anywhere(u4_vspace_t *vspace, seL4_RISCV_Page frame, void **out)
{
    seL4_Word vaddr = u4_vspace_window(vspace, 1);

    *out = (void *)vaddr;
    return u4_vspace_map(vspace, frame, vaddr, seL4_ReadWrite, seL4_RISCV_ExecuteNever);
}

seL4_Error u4_vspace_new_page(u4_vspace_t *vspace, seL4_RISCV_Page *frame, void **out)
{
    seL4_Error error = u4_alloc_object(vspace->alloc, seL4_RISCV_4K_Page, 0, frame);

    return error ? error : u4_vspace_map_anywhere(vspace, *frame, out);
}
