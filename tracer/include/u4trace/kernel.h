/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's ELF file: where the trace header lies (symbol u4_trace_header), how the kernel's
 * virtual addresses map to physical ones, its build-id, its symbols. The file may also be a boot
 * image that has the kernel's ELF packed in: it is found by its symbol.
 */
#ifndef U4TRACE_KERNEL_H
#define U4TRACE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "u4trace/error.h"

enum { KERNEL_BUILD_ID_MAX = 64 };

typedef struct {
    char *path;
    uint64_t offset; /* of the kernel's ELF in the file; 0: the file itself */
    uint64_t header_vaddr;
    uint64_t header_paddr;
    uint8_t build_id[KERNEL_BUILD_ID_MAX];
    size_t build_id_length; /* 0: none */
    struct kernel_elf *elf; /* private */
} kernel_t;

/* Opens a kernel ELF, or an image with one in it. Fails, saying which, if the file is not an
 * ELF or if neither it nor any ELF inside has the symbol. */
kernel_t *kernel_open(const char *path, u4_error_t *err);
void kernel_close(kernel_t *kernel);

/* Value and size of a symbol; false if there is none of that name. */
bool kernel_symbol(const kernel_t *kernel, const char *name, uint64_t *value, uint64_t *size);

/* The symbol that covers a virtual address, NULL if none; *offset is the distance from it. */
const char *kernel_symbol_at(const kernel_t *kernel, uint64_t vaddr, uint64_t *offset);

/* Physical address by the program headers; false if no segment covers `vaddr`. */
bool kernel_paddr(const kernel_t *kernel, uint64_t vaddr, uint64_t *paddr);

/* The kernel's virtual address of physical address 0, as its trace header has it; 0: unknown. */
uint64_t kernel_window(const kernel_t *kernel);

/* A section's bytes ("u4_schema" and the like), valid until closed; NULL if there is none. */
const void *kernel_section(const kernel_t *kernel, const char *name, size_t *length);

#endif
