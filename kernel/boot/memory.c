/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/boot/memory.h"

#include "kernel/arch/riscv/vspace.h"

/* The kernel's devices are taken out in large pages, as seL4 does. */
#define DEVICE_GRANULE_BITS seL4_LargePageBits
#define WINDOW_SIZE (PHYS_WINDOW_TOP - PHYS_WINDOW)

extern char kernel_image_start[], kernel_image_end[], boot_start[], boot_end[];

regions_t free_memory, device_memory;

BOOT_TEXT static region_t kernel_region(void)
{
    return (region_t){image_to_phys(kernel_image_start), image_to_phys(kernel_image_end)};
}

BOOT_TEXT region_t memory_boot_code(void)
{
    return (region_t){image_to_phys(boot_start), image_to_phys(boot_end)};
}

BOOT_TEXT static void remove_aligned(regions_t *list, region_t r, unsigned bits)
{
    if (r.start < r.end)
        regions_remove(list, ALIGN_DOWN(r.start, bits), ALIGN_UP(r.end, bits));
}

/* Memory that is in use; device trees may call it reserved, too. */
BOOT_TEXT static void remove_used(region_t r, unsigned bits)
{
    remove_aligned(&free_memory, r, bits);
    remove_aligned(&device_memory, r, bits);
}

BOOT_TEXT static bool overlap(region_t a, region_t b)
{
    return a.start < b.end && b.start < a.end;
}

BOOT_TEXT static void check_apart(region_t a, const char *what_a, region_t b, const char *what_b)
{
    if (overlap(a, b))
        panic("%s at 0x%lx..0x%lx overlaps %s at 0x%lx..0x%lx", what_a, a.start, a.end, what_b,
              b.start, b.end);
}

BOOT_TEXT static void check_in_memory(region_t r, const char *what)
{
    for (unsigned i = 0; i < machine.memories; i++) {
        if (r.start < r.end && r.start >= machine.memory[i].start &&
            r.end <= MIN(machine.memory[i].end, WINDOW_SIZE))
            return;
    }
    panic("%s at 0x%lx..0x%lx is not in the memory that the device tree tells of", what, r.start,
          r.end);
}

BOOT_TEXT static void check_placement(const boot_args_t *args)
{
    region_t kernel = kernel_region();
    check_apart(args->image, "the root image", kernel, "the kernel");
    check_apart(args->dtb, "the device tree", kernel, "the kernel");
    check_apart(args->dtb, "the device tree", args->image, "the root image");
    check_in_memory(args->image, "the root image");
    check_in_memory(kernel, "the kernel");
}

/* RAM from the kernel's start on is the kernel's to give; what lies below is the firmware's and
 * counts as a device, as reserved memory does: only drivers have a use for it. */
BOOT_TEXT static void find_memory(paddr_t kernel_start)
{
    regions_add(&device_memory, 0, WINDOW_SIZE);
    for (unsigned i = 0; i < machine.memories; i++) {
        paddr_t start = MAX(machine.memory[i].start, kernel_start);
        paddr_t end = MIN(machine.memory[i].end, WINDOW_SIZE);
        start = ALIGN_UP(start, seL4_PageBits);
        end = ALIGN_DOWN(end, seL4_PageBits);
        regions_add(&free_memory, start, end);
        regions_remove(&device_memory, start, end);
    }
    for (unsigned i = 0; i < machine.reserves; i++) {
        paddr_t start = ALIGN_DOWN(machine.reserved[i].start, seL4_PageBits);
        paddr_t end = ALIGN_UP(machine.reserved[i].end, seL4_PageBits);
        regions_remove(&free_memory, start, end);
        regions_add(&device_memory, start, MIN(end, WINDOW_SIZE));
    }
}

BOOT_TEXT static void remove_device(paddr_t start, paddr_t size)
{
    remove_aligned(&device_memory, (region_t){start, start + size}, DEVICE_GRANULE_BITS);
}

BOOT_TEXT void memory_init(const boot_args_t *args)
{
    region_t kernel = kernel_region();

    check_placement(args);
    find_memory(kernel.start);
    remove_device(machine.clint, machine.clint_size);
    remove_device(machine.plic, machine.plic_size);
    remove_device(machine.uintc, machine.uintc_size);
    remove_used(kernel, seL4_PageBits);
    remove_used(args->dtb, seL4_MinUntypedBits);
    remove_used(args->image, seL4_PageBits);
}

BOOT_TEXT paddr_t memory_take(unsigned bits, const char *purpose)
{
    paddr_t p = regions_take_high(&free_memory, BIT(bits), bits);
    if (!p)
        panic("no %lu KiB of memory left for %s", (unsigned long)(BIT(bits) / 1024), purpose);
    return p;
}
