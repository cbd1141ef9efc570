/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/trace/layout.h"
#include "memory.h"

#define HEADER_SYMBOL "u4_trace_header"

typedef struct {
    uint64_t value, size;
    const char *name;
} symbol_t;

struct kernel_elf {
    char *file; /* mapped */
    size_t file_size;
    char *copy; /* of an ELF inside the file that is not aligned */
    Elf *elf;
    symbol_t *symbols; /* sorted by value */
    size_t symbol_count;
};

static int compare_symbols(const void *a, const void *b)
{
    const symbol_t *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

static void load_symbols(struct kernel_elf *k)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(k->elf, section))) {
        GElf_Shdr header;
        Elf_Data *data;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB ||
            header.sh_entsize == 0 || !(data = elf_getdata(section, NULL))) {
            continue;
        }
        size_t count = data->d_size / header.sh_entsize;
        k->symbols = memory_grow(k->symbols, k->symbol_count + count + 1, sizeof(symbol_t));
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;
            const char *name = NULL;
            if (gelf_getsym(data, (int)i, &symbol)) {
                name = elf_strptr(k->elf, header.sh_link, symbol.st_name);
            }
            int type = name ? GELF_ST_TYPE(symbol.st_info) : STT_FILE;
            if (name && *name && *name != '$' && type != STT_FILE && type != STT_SECTION &&
                symbol.st_shndx != SHN_UNDEF) {
                k->symbols[k->symbol_count++] = (symbol_t){symbol.st_value, symbol.st_size, name};
            }
        }
    }
    if (k->symbol_count) {
        qsort(k->symbols, k->symbol_count, sizeof(symbol_t), compare_symbols);
    }
}

static void load_build_id(kernel_t *kernel)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(kernel->elf->elf, section))) {
        GElf_Shdr header;
        Elf_Data *data;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
            !(data = elf_getdata(section, NULL))) {
            continue;
        }
        GElf_Nhdr note;
        size_t name, desc, at = 0;
        while ((at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
                memcmp((char *)data->d_buf + name, "GNU", 4) == 0 &&
                note.n_descsz <= KERNEL_BUILD_ID_MAX) {
                memcpy(kernel->build_id, (char *)data->d_buf + desc, note.n_descsz);
                kernel->build_id_length = note.n_descsz;
                return;
            }
        }
    }
}

/* Takes the ELF at `offset` of the file, if it is one for this machine and has the symbol. */
static bool try_elf(kernel_t *kernel, size_t offset)
{
    struct kernel_elf *k = kernel->elf;
    char *image = k->file + offset;
    size_t size = k->file_size - offset;
    Elf64_Ehdr head;
    if (size < sizeof(head)) {
        return false;
    }
    memcpy(&head, image, sizeof(head));
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
        head.e_machine != EM_RISCV || head.e_shoff > size) {
        return false;
    }
    if ((uintptr_t)image % 8 != 0) {
        image = k->copy = memory_new(1, size);
        memcpy(image, k->file + offset, size);
    }
    k->elf = elf_memory(image, size);
    if (k->elf && elf_kind(k->elf) == ELF_K_ELF) {
        load_symbols(k);
        kernel->offset = offset;
        if (kernel_symbol(kernel, HEADER_SYMBOL, &kernel->header_vaddr, NULL) &&
            kernel_paddr(kernel, kernel->header_vaddr, &kernel->header_paddr)) {
            load_build_id(kernel);
            return true;
        }
    }
    elf_end(k->elf);
    free(k->symbols);
    free(k->copy);
    *k = (struct kernel_elf){.file = k->file, .file_size = k->file_size};
    return false;
}

static bool find_kernel(kernel_t *kernel, u4_error_t *err)
{
    const struct kernel_elf *k = kernel->elf;
    const char *at = k->file, *end = k->file + k->file_size;
    bool elf = memcmp(at, ELFMAG, SELFMAG) == 0, other = false;
    while ((at = memmem(at, (size_t)(end - at), ELFMAG, SELFMAG))) {
        if (try_elf(kernel, (size_t)(at - k->file))) {
            return true;
        }
        other |= at != k->file;
        at++;
    }
    if (!elf && !other) {
        return u4_fail(err, "%s: expected an ELF file, found something else", kernel->path);
    }
    return u4_fail(err,
                   "%s: no trace header in it (no symbol %s in the file or in an ELF packed in it):"
                   " not a u4 kernel, or one built without tracing",
                   kernel->path, HEADER_SYMBOL);
}

kernel_t *kernel_open(const char *path, u4_error_t *err)
{
    elf_version(EV_CURRENT);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        u4_fail_errno(err, "%s: cannot open", path);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    void *file = S_ISREG(status.st_mode) && size > SELFMAG
                     ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0)
                     : MAP_FAILED;
    close(fd);
    if (file == MAP_FAILED) {
        u4_fail(err, "%s: expected an ELF file, found %s", path,
                S_ISREG(status.st_mode) ? "an empty one" : "something that is no file");
        return NULL;
    }
    kernel_t *kernel = memory_new(1, sizeof(*kernel));
    kernel->path = memory_strdup(path);
    kernel->elf = memory_new(1, sizeof(*kernel->elf));
    kernel->elf->file = file;
    kernel->elf->file_size = size;
    if (!find_kernel(kernel, err)) {
        kernel_close(kernel);
        return NULL;
    }
    return kernel;
}

void kernel_close(kernel_t *kernel)
{
    if (kernel) {
        struct kernel_elf *k = kernel->elf;
        elf_end(k->elf);
        munmap(k->file, k->file_size);
        free(k->copy);
        free(k->symbols);
        free(k);
        free(kernel->path);
        free(kernel);
    }
}

bool kernel_symbol(const kernel_t *kernel, const char *name, uint64_t *value, uint64_t *size)
{
    const struct kernel_elf *k = kernel->elf;
    for (size_t i = 0; i < k->symbol_count; i++) {
        if (strcmp(k->symbols[i].name, name) == 0) {
            *value = k->symbols[i].value;
            if (size) {
                *size = k->symbols[i].size;
            }
            return true;
        }
    }
    return false;
}

const char *kernel_symbol_at(const kernel_t *kernel, uint64_t vaddr, uint64_t *offset)
{
    const struct kernel_elf *k = kernel->elf;
    size_t low = 0, high = k->symbol_count;
    while (low < high) { /* the first symbol behind vaddr */
        size_t middle = (low + high) / 2;
        if (k->symbols[middle].value <= vaddr) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low > 0; low--) { /* sized symbols win over labels at the same place */
        const symbol_t *s = &k->symbols[low - 1];
        if (vaddr - s->value < s->size) {
            *offset = vaddr - s->value;
            return s->name;
        }
        if (vaddr - s->value > (1 << 20)) {
            break;
        }
    }
    return NULL;
}

bool kernel_paddr(const kernel_t *kernel, uint64_t vaddr, uint64_t *paddr)
{
    size_t count = 0;
    if (elf_getphdrnum(kernel->elf->elf, &count) != 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr ph;
        if (gelf_getphdr(kernel->elf->elf, (int)i, &ph) && ph.p_type == PT_LOAD &&
            vaddr >= ph.p_vaddr && vaddr - ph.p_vaddr < ph.p_memsz) {
            *paddr = vaddr - ph.p_vaddr + ph.p_paddr;
            return true;
        }
    }
    return false;
}

uint64_t kernel_window(const kernel_t *kernel)
{
    const struct kernel_elf *k = kernel->elf;
    const uint64_t vaddr = kernel->header_vaddr + offsetof(trace_header_t, phys_window);
    size_t count = 0, size = 0;
    const char *image = elf_rawfile(k->elf, &size);
    uint64_t window = 0;
    if (!image || elf_getphdrnum(k->elf, &count) != 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr ph;
        if (gelf_getphdr(k->elf, (int)i, &ph) && ph.p_type == PT_LOAD && vaddr >= ph.p_vaddr &&
            vaddr + sizeof(window) - ph.p_vaddr <= ph.p_filesz && ph.p_offset < size &&
            vaddr - ph.p_vaddr + sizeof(window) <= size - ph.p_offset) {
            memcpy(&window, image + ph.p_offset + (vaddr - ph.p_vaddr), sizeof(window));
        }
    }
    return window;
}

const void *kernel_section(const kernel_t *kernel, const char *name, size_t *length)
{
    size_t names;
    if (elf_getshdrstrndx(kernel->elf->elf, &names) != 0) {
        return NULL;
    }
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(kernel->elf->elf, section))) {
        GElf_Shdr header;
        const char *found = gelf_getshdr(section, &header)
                                ? elf_strptr(kernel->elf->elf, names, header.sh_name)
                                : NULL;
        if (found && strcmp(found, name) == 0) {
            const Elf_Data *data = elf_getdata(section, NULL);
            *length = data ? data->d_size : 0;
            return data ? data->d_buf : NULL;
        }
    }
    return NULL;
}
