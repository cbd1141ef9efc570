/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/arch/riscv/csr.h"
#include "kernel/lib/mem.h"
#include "kernel/lib/print.h"
#include "kernel/loader/loader.h"

#define MAX_HARTS 8
#define MAX_HART_ID 63
#define FDT_MAGIC 0xd00dfeed
#define FDT_MAX_SIZE (1u << 20)

extern const uint8_t _kernel_elf_start[], _kernel_elf_end[];
extern const uint8_t _root_elf_start[], _root_elf_end[];

static launch_t launch[MAX_HARTS];

static uint32_t read_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static word_t dtb_size(const uint8_t *dtb)
{
    if (!dtb || read_be32(dtb) != FDT_MAGIC)
        panic("the firmware passed no device tree (address %p)", (const void *)dtb);
    uint32_t size = read_be32(dtb + 4);
    if (size > FDT_MAX_SIZE)
        panic("the device tree at %p says it has %u bytes, more than %u", (const void *)dtb, size,
              FDT_MAX_SIZE);
    return size;
}

/* What is to be filled must not hold what is still to be read. */
static void check_room(const elf_t *kernel, word_t end, const uint8_t *dtb, word_t size)
{
    word_t start = kernel->pstart, dtb_start = (word_t)dtb;
    if (end > (word_t)loader_start && start < (word_t)loader_end)
        panic("kernel, device tree and root image take 0x%lx..0x%lx, the loader lies at %p", start,
              end, (void *)loader_start);
    if (end > dtb_start && start < dtb_start + size)
        panic("kernel, device tree and root image take 0x%lx..0x%lx, the device tree lies at 0x%lx",
              start, end, dtb_start);
}

/* Places everything; fills what all harts enter the kernel with. */
static void place_all(const elf_t *kernel, const elf_t *root, const uint8_t *dtb, launch_t *l)
{
    word_t size = dtb_size(dtb);
    word_t dtb_at = ALIGN_UP(kernel->pend, seL4_PageBits);
    word_t root_at = ALIGN_UP(dtb_at + size, seL4_PageBits);
    word_t root_end = root_at + (root->vend - root->vstart);

    check_room(kernel, root_end, dtb, size);
    elf_place(kernel, kernel->pstart);
    memcpy((void *)dtb_at, dtb, size);
    elf_place(root, root_at);
    *l = (launch_t){
        .args = {root_at, root_end, root_at - root->vstart, root->entry, dtb_at, size},
        .satp = paging_build(kernel, kernel->pstart),
        .entry = kernel->entry,
    };
}

/* Starts as many more harts as the kernel can use; core numbers follow the hart ids. */
static void start_others(const launch_t *first, uint32_t max_harts)
{
    word_t cores = 1;
    for (word_t id = 0; id <= MAX_HART_ID && cores < MIN(max_harts, (uint32_t)MAX_HARTS); id++) {
        if (id == first->hart_id || !sbi_hart_exists(id))
            continue;
        launch_t *l = &launch[cores];
        *l = *first;
        l->hart_id = id;
        l->core = cores;
        long error = sbi_hart_start(id, (word_t)loader_secondary, (word_t)l);
        if (error)
            panic("hart %lu does not start: SBI error %ld", id, error);
        cores++;
    }
}

void loader_main(word_t hart_id, const uint8_t *dtb)
{
    elf_t kernel = {
        .name = "kernel",
        .file = _kernel_elf_start,
        .size = (uintptr_t)_kernel_elf_end - (uintptr_t)_kernel_elf_start,
    };
    elf_t root = {
        .name = "root program",
        .file = _root_elf_start,
        .size = (uintptr_t)_root_elf_end - (uintptr_t)_root_elf_start,
    };

    elf_open(&kernel);
    elf_open(&root);
    if (kernel.vend - kernel.vstart != kernel.pend - kernel.pstart)
        panic("kernel: its segments lie differently in virtual and in physical memory");
    place_all(&kernel, &root, dtb, &launch[0]);
    launch[0].hart_id = hart_id;
    launch[0].core = 0;
    start_others(&launch[0], kernel.max_harts);
    loader_launch(&launch[0]);
}
