/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loader between the firmware and the kernel. It does for u4's own images what seL4's
 * elfloader does for seL4's: kernel, device tree and root image are placed one after the other
 * from the kernel's physical address on, and the kernel is entered with translation on.
 */
#ifndef KERNEL_LOADER_LOADER_H
#define KERNEL_LOADER_LOADER_H

/* Offsets in launch_t, for start.S. */
#define LAUNCH_ARGS 0
#define LAUNCH_HART 48
#define LAUNCH_CORE 56
#define LAUNCH_SATP 64
#define LAUNCH_ENTRY 72

#ifndef __ASSEMBLER__

#include "kernel/types.h"

/* What a hart enters the kernel with. */
typedef struct {
    word_t args[6]; /* a0..a5 */
    word_t hart_id, core;
    word_t satp, entry;
} launch_t;

_Static_assert(offsetof(launch_t, hart_id) == LAUNCH_HART, "start.S");
_Static_assert(offsetof(launch_t, core) == LAUNCH_CORE, "start.S");
_Static_assert(offsetof(launch_t, satp) == LAUNCH_SATP, "start.S");
_Static_assert(offsetof(launch_t, entry) == LAUNCH_ENTRY, "start.S");

extern char loader_start[], loader_end[];

/* start.S */
NORETURN void loader_main(word_t hart_id, const uint8_t *dtb);
NORETURN void loader_trap(word_t cause, word_t pc, word_t value);
NORETURN void loader_launch(const launch_t *launch);
void loader_secondary(void);

/* An ELF file in memory; `name` is for messages. */
typedef struct {
    const char *name;
    const uint8_t *file;
    size_t size;
    word_t entry;        /* virtual */
    word_t vstart, vend; /* what its load segments span, in whole pages */
    word_t pstart, pend; /* the same, physical */
    uint32_t max_harts;  /* of u4's note in the kernel; 1 if there is none */
} elf_t;

/* Checks the file and fills the rest of `elf`. Panics if it is not what this loader can load. */
void elf_open(elf_t *elf);
/* Copies its segments so that vstart comes to be at physical address `to`; clears the rest. */
void elf_place(const elf_t *elf, word_t to);

/* Builds the tables: the kernel's addresses, and the loader one to one. Returns satp's value. */
word_t paging_build(const elf_t *kernel, word_t kernel_at);

#endif
#endif
