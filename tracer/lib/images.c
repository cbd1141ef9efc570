/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/images.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum {
    MAX_SYMBOLS = 1 << 17, /* of all images together */
    SYMBOL_NAME_MAX = 63,
    CPIO_HEAD = 110, /* bytes of a newc header; the name follows it */
};

struct images_memory {
    arena_t arena;
    size_t symbols;
};

static images_t *new_images(void)
{
    images_t *images = memory_new(1, sizeof(*images));
    images->memory = memory_new(1, sizeof(*images->memory));
    return images;
}

void images_free(images_t *images)
{
    if (images) {
        for (size_t i = 0; i < images->count; i++) {
            free(images->images[i].symbols);
        }
        arena_free(&images->memory->arena);
        free(images->memory);
        free(images);
    }
}

static void add_symbol(images_t *images, image_t *image, uint64_t value, uint64_t size,
                       const char *name, size_t length)
{
    if (images->memory->symbols >= MAX_SYMBOLS || length == 0) {
        return;
    }
    if ((image->symbol_count & (image->symbol_count - 1)) == 0) { /* a power of two is full */
        size_t room = image->symbol_count ? 2 * image->symbol_count : 1;
        image->symbols = memory_grow(image->symbols, room, sizeof(*image->symbols));
    }
    length = length < SYMBOL_NAME_MAX ? length : SYMBOL_NAME_MAX;
    const char *copy = arena_text(&images->memory->arena, name, length);
    image->symbols[image->symbol_count++] = (image_symbol_t){value, size, copy};
    images->memory->symbols++;
}

static int by_address(const void *a, const void *b)
{
    const image_symbol_t *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* An ELF file that lies somewhere in memory, unaligned; [at, end) is all there is. */
typedef struct {
    const char *at, *end;
    Elf64_Ehdr head;
} elf_t;

static bool take(const elf_t *elf, uint64_t offset, void *to, size_t length)
{
    uint64_t size = (uint64_t)(elf->end - elf->at);
    if (offset > size || length > size - offset) {
        return false;
    }
    memcpy(to, elf->at + offset, length);
    return true;
}

static void load_symbols(images_t *images, image_t *image, const elf_t *elf,
                         const Elf64_Shdr *section)
{
    Elf64_Shdr strings;
    if (section->sh_link >= elf->head.e_shnum ||
        !take(elf, elf->head.e_shoff + section->sh_link * sizeof(strings), &strings,
              sizeof(strings)) ||
        strings.sh_offset > (uint64_t)(elf->end - elf->at)) {
        return;
    }
    for (uint64_t i = 0; i < section->sh_size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol;
        if (!take(elf, section->sh_offset + i * sizeof(symbol), &symbol, sizeof(symbol))) {
            return;
        }
        const char *name = elf->at + strings.sh_offset + symbol.st_name;
        bool function = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF;
        if (function && symbol.st_name < strings.sh_size && name < elf->end) {
            add_symbol(images, image, symbol.st_value, symbol.st_size, name,
                       strnlen(name, (size_t)(elf->end - name)));
        }
    }
}

static void load_extent(image_t *image, const elf_t *elf)
{
    image->start = UINT64_MAX;
    for (unsigned i = 0; i < elf->head.e_phnum; i++) {
        Elf64_Phdr ph;
        if (take(elf, elf->head.e_phoff + i * sizeof(ph), &ph, sizeof(ph)) &&
            ph.p_type == PT_LOAD && ph.p_vaddr + ph.p_memsz >= ph.p_vaddr) {
            image->start = ph.p_vaddr < image->start ? ph.p_vaddr : image->start;
            uint64_t end = ph.p_vaddr + ph.p_memsz;
            image->end = end > image->end ? end : image->end;
        }
    }
}

/* The name in the cpio header right before the file, if there is one. */
static void name_image(image_t *image, const char *file, const char *at)
{
    const char *from = at - file > CPIO_HEAD + 256 ? at - CPIO_HEAD - 256 : file;
    const char *head = NULL, *found = from;
    while ((found = memmem(found, (size_t)(at - found), "070701", 6))) {
        head = found++;
    }
    if (head && at - head > CPIO_HEAD) {
        const char *name = head + CPIO_HEAD;
        const char *slash = memrchr(name, '/', strnlen(name, (size_t)(at - name)));
        name = slash ? slash + 1 : name;
        snprintf(image->name, sizeof(image->name), "%.*s", (int)strnlen(name, (size_t)(at - name)),
                 name);
    }
    for (char *c = image->name; *c; c++) { /* a file's name must not steer the terminal */
        *c = *c > 0x20 && *c < 0x7f ? *c : '?';
    }
}

/* User programs only: the kernel and its loader run elsewhere. */
static bool take_elf(images_t *images, const char *file, const char *at, const char *end)
{
    elf_t elf = {.at = at, .end = end};
    if (!take(&elf, 0, &elf.head, sizeof(elf.head)) || elf.head.e_ident[EI_CLASS] != ELFCLASS64 ||
        elf.head.e_machine != EM_RISCV || elf.head.e_type != ET_EXEC ||
        elf.head.e_phentsize != sizeof(Elf64_Phdr) || elf.head.e_entry >> 63 ||
        images->count == IMAGES_MAX) {
        return false;
    }
    image_t *image = &images->images[images->count];
    *image = (image_t){.entry = elf.head.e_entry};
    load_extent(image, &elf);
    name_image(image, file, at);
    if (!image->name[0] || image->end <= image->start) {
        return false;
    }
    for (unsigned i = 0; elf.head.e_shentsize == sizeof(Elf64_Shdr) && i < elf.head.e_shnum; i++) {
        Elf64_Shdr section;
        if (take(&elf, elf.head.e_shoff + i * sizeof(section), &section, sizeof(section)) &&
            section.sh_type == SHT_SYMTAB) {
            load_symbols(images, image, &elf, &section);
        }
    }
    if (image->symbol_count) {
        qsort(image->symbols, image->symbol_count, sizeof(image_symbol_t), by_address);
    }
    images->count++;
    return true;
}

images_t *images_open(const char *path, u4_error_t *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    char *file = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > SELFMAG) {
        file = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (file == MAP_FAILED) {
        u4_fail_errno(err, "%s: cannot read the image", path);
        return NULL;
    }
    images_t *images = new_images();
    const char *end = file + status.st_size, *at = file;
    while ((at = memmem(at, (size_t)(end - at), ELFMAG, SELFMAG))) {
        take_elf(images, file, at, end);
        at++;
    }
    munmap(file, (size_t)status.st_size);
    return images;
}

const image_symbol_t *image_symbol(const image_t *image, uint64_t address)
{
    size_t low = 0, high = image->symbol_count;
    while (low < high) { /* the first behind the address */
        size_t middle = (low + high) / 2;
        if (image->symbols[middle].value <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const image_symbol_t *found = low ? &image->symbols[low - 1] : NULL;
    return found && address - found->value < (found->size ? found->size : 1) ? found : NULL;
}

char *images_text(const images_t *images, size_t *length)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, length);
    for (size_t i = 0; to && i < images->count; i++) {
        const image_t *image = &images->images[i];
        fprintf(to, "image %s %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", image->name, image->entry,
                image->start, image->end);
        for (size_t s = 0; s < image->symbol_count; s++) {
            fprintf(to, "%" PRIx64 " %" PRIx64 " %s\n", image->symbols[s].value,
                    image->symbols[s].size, image->symbols[s].name);
        }
    }
    if (to) {
        fclose(to);
    }
    return text;
}

static void parse_line(images_t *images, const char *line)
{
    char name[SYMBOL_NAME_MAX + 1];
    image_t image = {.entry = 0};
    uint64_t value, size;
    if (sscanf(line, "image %31s %" SCNx64 " %" SCNx64 " %" SCNx64, image.name, &image.entry,
               &image.start, &image.end) == 4) {
        if (images->count < IMAGES_MAX) {
            images->images[images->count++] = image;
        }
    } else if (images->count &&
               sscanf(line, "%" SCNx64 " %" SCNx64 " %63s", &value, &size, name) == 3) {
        add_symbol(images, &images->images[images->count - 1], value, size, name, strlen(name));
    }
}

images_t *images_parse(const char *text, size_t length)
{
    images_t *images = new_images();
    const char *end = text + length;
    while (text < end) {
        char line[256];
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        snprintf(line, sizeof(line), "%.*s", (int)(stop - text < 255 ? stop - text : 255), text);
        for (char *c = line; *c; c++) {
            *c = (unsigned char)*c >= 0x20 && *c != 0x7f ? *c : '?';
        }
        parse_line(images, line);
        text = stop + 1;
    }
    for (size_t i = 0; i < images->count; i++) {
        if (images->images[i].symbol_count) {
            qsort(images->images[i].symbols, images->images[i].symbol_count, sizeof(image_symbol_t),
                  by_address);
        }
    }
    return images;
}
