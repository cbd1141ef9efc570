/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <u4/elf.h>

enum { ELF_EXEC = 2, ELF_RISCV = 243, PT_LOAD = 1 };

typedef struct {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} header_t;

typedef struct {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
} program_t;

_Static_assert(sizeof(header_t) == 64 && sizeof(program_t) == 56, "ELF64");

static program_t program_header(const u4_elf_t *elf, unsigned index)
{
    program_t p;

    memcpy(&p, elf->data + elf->table + index * sizeof p, sizeof p);
    return p;
}

const char *u4_elf_open(u4_elf_t *elf, const void *data, size_t size)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */};
    header_t h;

    if (size < sizeof h)
        return "too short for an ELF header";
    memcpy(&h, data, sizeof h);
    if (memcmp(h.ident, magic, sizeof magic) != 0)
        return "no 64-bit little-endian ELF";
    if (h.type != ELF_EXEC || h.machine != ELF_RISCV)
        return "no static RISC-V program";
    if (h.phentsize != sizeof(program_t) || h.phoff > size ||
        h.phnum > (size - h.phoff) / sizeof(program_t))
        return "program headers outside the file";
    *elf = (u4_elf_t){data, size, h.entry, h.phoff, h.phnum};
    for (unsigned i = 0; i < h.phnum; i++) {
        program_t p = program_header(elf, i);

        if (p.type != PT_LOAD)
            continue;
        if (p.offset > size || p.filesz > size - p.offset || p.filesz > p.memsz)
            return "a segment outside the file";
        if (p.vaddr + p.memsz < p.vaddr)
            return "a segment that wraps around";
    }
    return NULL;
}

bool u4_elf_segment(const u4_elf_t *elf, unsigned index, u4_elf_segment_t *out)
{
    program_t p = program_header(elf, index);

    *out = (u4_elf_segment_t){p.vaddr, p.memsz, elf->data + p.offset, p.filesz, p.flags & 7};
    return p.type == PT_LOAD && p.memsz > 0;
}
