/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device-tree node of the UINTC. It is the one that software for the U-interrupt
 * project's QEMU looks for, and one property more for what only this model does.
 */
#include "qemu/osdep.h"
#include "hw/intc/riscv_uintc.h"
#include "sysemu/device_tree.h"
#include "target/riscv/cpu.h"

void riscv_uintc_create_fdt(void *fdt, hwaddr base, const uint32_t *intc_phandles,
                            uint32_t num_harts)
{
    g_autofree char *node = g_strdup_printf("/soc/uintc@%" HWADDR_PRIx, base);
    g_autofree uint32_t *lines = g_new0(uint32_t, num_harts * 2);

    for (uint32_t i = 0; i < num_harts; i++) {
        lines[i * 2] = cpu_to_be32(intc_phandles[i]);
        lines[i * 2 + 1] = cpu_to_be32(IRQ_U_SOFT);
    }
    qemu_fdt_add_subnode(fdt, node);
    qemu_fdt_setprop_string(fdt, node, "compatible", "riscv,uintc0");
    qemu_fdt_setprop(fdt, node, "interrupt-controller", NULL, 0);
    qemu_fdt_setprop_sized_cells(fdt, node, "reg", 2, base, 2, RISCV_UINTC_SIZE);
    qemu_fdt_setprop(fdt, node, "interrupts-extended", lines, num_harts * 2 * sizeof(uint32_t));
    /* LOW has the flag by which a blocked receiver interrupts the supervisor. */
    qemu_fdt_setprop(fdt, node, "u4,supervisor-notify", NULL, 0);
}
