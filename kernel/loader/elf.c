/* SPDX-License-Identifier: GPL-2.0-only */
/* The little of ELF (System V ABI, 64-bit, RISC-V) that loading a static program takes. */
#include "kernel/lib/mem.h"
#include "kernel/loader/loader.h"

enum { ELF_CLASS_64 = 2, ELF_LITTLE_ENDIAN = 1, ELF_EXECUTABLE = 2, ELF_RISCV = 243 };
enum { PT_LOAD = 1, PT_NOTE = 4 };
enum { NOTE_U4_HARTS = 1 };

typedef struct {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} elf_header_t;

typedef struct {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
} elf_segment_t;

typedef struct {
    uint32_t name_size, size, type;
} elf_note_t;

static elf_header_t header_of(const elf_t *elf)
{
    elf_header_t h;
    memcpy(&h, elf->file, sizeof h);
    return h;
}

static elf_segment_t segment(const elf_t *elf, const elf_header_t *h, unsigned i)
{
    elf_segment_t s;
    memcpy(&s, elf->file + h->phoff + (size_t)i * sizeof s, sizeof s);
    return s;
}

static void check_header(const elf_t *elf)
{
    if (elf->size < sizeof(elf_header_t))
        panic("%s: an ELF file has at least %lu bytes, this has %lu", elf->name,
              (unsigned long)sizeof(elf_header_t), (unsigned long)elf->size);
    elf_header_t h = header_of(elf);
    if (memcmp(h.ident, "\177ELF", 4) != 0)
        panic("%s: no ELF file", elf->name);
    if (h.ident[4] != ELF_CLASS_64 || h.ident[5] != ELF_LITTLE_ENDIAN || h.machine != ELF_RISCV)
        panic("%s: expected a 64-bit RISC-V ELF file, found class %u, machine %u", elf->name,
              h.ident[4], h.machine);
    if (h.type != ELF_EXECUTABLE)
        panic("%s: expected a statically linked executable (type 2), found type %u", elf->name,
              h.type);
    if (h.phentsize != sizeof(elf_segment_t) || h.phoff > elf->size ||
        (size_t)h.phnum * sizeof(elf_segment_t) > elf->size - h.phoff)
        panic("%s: its program headers are not inside the file", elf->name);
}

static void check_segment(const elf_t *elf, const elf_segment_t *s)
{
    if (s->offset > elf->size || s->filesz > elf->size - s->offset || s->filesz > s->memsz)
        panic("%s: the segment at 0x%lx is not inside the file", elf->name, s->vaddr);
    if (s->vaddr + s->memsz < s->vaddr || s->paddr + s->memsz < s->paddr)
        panic("%s: the segment at 0x%lx goes beyond the end of memory", elf->name, s->vaddr);
}

/* Notes are {name size, size, type}, name, content, each padded to 4 bytes. */
static void read_notes(elf_t *elf, const elf_segment_t *s)
{
    const uint8_t *notes = elf->file + s->offset;
    for (uint64_t at = 0; at + sizeof(elf_note_t) <= s->filesz;) {
        elf_note_t note;
        memcpy(&note, notes + at, sizeof note);
        at += sizeof note;
        uint64_t content = at + ALIGN_UP((uint64_t)note.name_size, 2);
        uint64_t end = content + ALIGN_UP((uint64_t)note.size, 2);
        if (end > s->filesz)
            return;
        if (note.type == NOTE_U4_HARTS && note.name_size == sizeof "u4" && note.size == 4 &&
            memcmp(notes + at, "u4", sizeof "u4") == 0)
            memcpy(&elf->max_harts, notes + content, sizeof elf->max_harts);
        at = end;
    }
}

void elf_open(elf_t *elf)
{
    check_header(elf);
    elf_header_t h = header_of(elf);
    elf->entry = h.entry;
    elf->vstart = elf->pstart = ~0ull;
    elf->vend = elf->pend = 0;
    elf->max_harts = 1;
    for (unsigned i = 0; i < h.phnum; i++) {
        elf_segment_t s = segment(elf, &h, i);
        if (s.type == PT_NOTE || (s.type == PT_LOAD && s.memsz))
            check_segment(elf, &s);
        if (s.type == PT_NOTE)
            read_notes(elf, &s);
        if (s.type != PT_LOAD || !s.memsz)
            continue;
        elf->vstart = MIN(elf->vstart, ALIGN_DOWN(s.vaddr, seL4_PageBits));
        elf->vend = MAX(elf->vend, ALIGN_UP(s.vaddr + s.memsz, seL4_PageBits));
        elf->pstart = MIN(elf->pstart, ALIGN_DOWN(s.paddr, seL4_PageBits));
        elf->pend = MAX(elf->pend, ALIGN_UP(s.paddr + s.memsz, seL4_PageBits));
    }
    if (elf->vstart >= elf->vend)
        panic("%s: nothing in it to load", elf->name);
    if (elf->entry < elf->vstart || elf->entry >= elf->vend)
        panic("%s: its entry 0x%lx is outside its segments 0x%lx..0x%lx", elf->name, elf->entry,
              elf->vstart, elf->vend);
}

void elf_place(const elf_t *elf, word_t to)
{
    elf_header_t h = header_of(elf);
    memset((void *)to, 0, elf->vend - elf->vstart);
    for (unsigned i = 0; i < h.phnum; i++) {
        elf_segment_t s = segment(elf, &h, i);
        if (s.type == PT_LOAD && s.memsz)
            memcpy((void *)(to + (s.vaddr - elf->vstart)), elf->file + s.offset, s.filesz);
    }
}
