/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory out of an ELF core file. */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "u4trace/source.h"

typedef struct {
    uint64_t paddr, length, offset;
} segment_t;

typedef struct {
    source_t source;
    char *file;
    size_t file_size;
    segment_t *segments;
    size_t count;
} core_t;

static void *core_map(source_t *source, uint64_t paddr, size_t length)
{
    core_t *core = (core_t *)source;
    for (size_t i = 0; i < core->count; i++) {
        const segment_t *s = &core->segments[i];
        uint64_t offset = paddr - s->paddr;
        if (paddr >= s->paddr && offset <= s->length && length <= s->length - offset) {
            return core->file + s->offset + offset;
        }
    }
    return NULL;
}

static bool core_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    const void *from = core_map(source, paddr, length);
    if (from) {
        memcpy(to, from, length);
    }
    return from;
}

static bool core_extent(source_t *source, uint64_t from, uint64_t *start, uint64_t *length)
{
    const core_t *core = (const core_t *)source;
    bool found = false;
    for (size_t i = 0; i < core->count; i++) {
        const segment_t *s = &core->segments[i];
        if (from >= s->paddr + s->length || (found && s->paddr >= *start)) {
            continue;
        }
        *start = from > s->paddr ? from : s->paddr;
        *length = s->paddr + s->length - *start;
        found = true;
    }
    return found;
}

static void core_close(source_t *source)
{
    core_t *core = (core_t *)source;
    munmap(core->file, core->file_size);
    free(core->segments);
    free(source->name);
    free(core);
}

static const source_ops_t core_ops = {
    .kind = "ELF core",
    .read = core_read,
    .map = core_map,
    .extent = core_extent,
    .close = core_close,
};

/* Collects the PT_LOAD segments that are whole in the file. */
static bool core_segments(core_t *core, const char *path, u4_error_t *err)
{
    Elf64_Ehdr elf;
    memcpy(&elf, core->file, sizeof(elf));
    if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
        elf.e_ident[EI_DATA] != ELFDATA2LSB || elf.e_machine != EM_RISCV || elf.e_type != ET_CORE ||
        elf.e_phentsize != sizeof(Elf64_Phdr)) {
        return u4_fail(err, "%s: expected a 64-bit RISC-V core file, found another kind of file",
                       path);
    }
    size_t size = core->file_size;
    if (elf.e_phoff > size || (uint64_t)elf.e_phnum * sizeof(Elf64_Phdr) > size - elf.e_phoff) {
        return u4_fail(err, "%s: the core file's program headers lie outside it: cut short?", path);
    }
    core->segments = memory_new(elf.e_phnum, sizeof(segment_t));
    for (size_t i = 0; i < elf.e_phnum; i++) {
        Elf64_Phdr ph;
        memcpy(&ph, core->file + elf.e_phoff + i * sizeof(ph), sizeof(ph));
        if (ph.p_type != PT_LOAD || ph.p_filesz == 0) {
            continue;
        }
        if (ph.p_offset > size || ph.p_filesz > size - ph.p_offset ||
            ph.p_paddr + ph.p_filesz < ph.p_paddr) {
            return u4_fail(err, "%s: segment %zu lies outside the file: the core is cut short",
                           path, i);
        }
        core->segments[core->count++] =
            (segment_t){.paddr = ph.p_paddr, .length = ph.p_filesz, .offset = ph.p_offset};
    }
    return core->count > 0 || u4_fail(err, "%s: a core file without memory", path);
}

source_t *source_open_core(const char *path, u4_error_t *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        u4_fail_errno(err, "%s: cannot open core file", path);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    void *file =
        size < sizeof(Elf64_Ehdr) ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED) {
        u4_fail(err, "%s: expected a core file, cannot map it (%zu bytes)", path, size);
        return NULL;
    }
    core_t *core = memory_new(1, sizeof(*core));
    *core = (core_t){
        .source = {.ops = &core_ops, .name = memory_strdup(path)}, .file = file, .file_size = size};
    if (!core_segments(core, path, err)) {
        core_close(&core->source);
        return NULL;
    }
    return &core->source;
}
