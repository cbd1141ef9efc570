/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader of static RV64 ELF programs in memory; every offset is checked against the file's size. */
#ifndef U4_ELF_H
#define U4_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data;
    size_t size;
    uint64_t entry;
    uint64_t table; /* offset of the program headers */
    unsigned count;
} u4_elf_t;

enum { U4_ELF_EXECUTE = 1, U4_ELF_WRITE = 2, U4_ELF_READ = 4 };

typedef struct {
    uint64_t vaddr;
    uint64_t memory_size;
    const uint8_t *content; /* FILE_SIZE bytes; the rest is zero */
    uint64_t file_size;
    unsigned flags; /* U4_ELF_* */
} u4_elf_segment_t;

/* Null if DATA is a static RV64 program, else what is wrong with it. */
const char *u4_elf_open(u4_elf_t *elf, const void *data, size_t size);

/* The INDEX-th program header (0..count-1): true if it is to be loaded. */
bool u4_elf_segment(const u4_elf_t *elf, unsigned index, u4_elf_segment_t *out);

#endif
