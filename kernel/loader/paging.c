/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables that the kernel is entered on (RISC-V Privileged 1.12, 4.4): as seL4's loader
 * makes them, nothing more, so that a kernel which needs more is found out here. The kernel's
 * addresses from its first one to the end of their gigabyte, and the loader one to one.
 */
#include "kernel/arch/riscv/csr.h"
#include "kernel/loader/loader.h"

#define ENTRIES 512
#define VALID_RWXAD 0xcf
#define VALID 1
#define MEGA seL4_LargePageBits
#define GIGA seL4_HugePageBits

typedef struct {
    word_t entry[ENTRIES];
} table_t;

static table_t root __attribute__((aligned(4096)));
static table_t identity __attribute__((aligned(4096)));
static table_t high __attribute__((aligned(4096)));

static word_t index(word_t address, unsigned bits)
{
    return address >> bits & (ENTRIES - 1);
}

/* Maps from `va` to the end of its gigabyte by large pages. */
static void map_to_end(table_t *table, word_t va, word_t pa)
{
    root.entry[index(va, GIGA)] = (word_t)table >> seL4_PageBits << 10 | VALID;
    for (word_t i = index(va, MEGA); i < ENTRIES; i++, pa += BIT(MEGA))
        table->entry[i] = pa >> seL4_PageBits << 10 | VALID_RWXAD;
}

word_t paging_build(const elf_t *kernel, word_t kernel_at)
{
    word_t first = (word_t)loader_start;
    if (kernel->vstart % BIT(MEGA) != kernel_at % BIT(MEGA))
        panic("%s: virtual 0x%lx and physical 0x%lx differ within 2 MiB", kernel->name,
              kernel->vstart, kernel_at);
    if (index(kernel->vstart, GIGA) != index(kernel->vend - 1, GIGA) ||
        index(kernel->vstart, GIGA) == index(first, GIGA))
        panic("%s: virtual 0x%lx..0x%lx is not within one GiB apart from the loader's",
              kernel->name, kernel->vstart, kernel->vend);
    map_to_end(&identity, ALIGN_DOWN(first, MEGA), ALIGN_DOWN(first, MEGA));
    map_to_end(&high, ALIGN_DOWN(kernel->vstart, MEGA), ALIGN_DOWN(kernel_at, MEGA));
    return SATP_SV39 | (word_t)&root >> seL4_PageBits;
}
