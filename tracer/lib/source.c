/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory as a file: RAM, live or an image. Cores are in source_core.c. */
#include "u4trace/source.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

typedef struct {
    source_t source;
    uint64_t base, size;
    char *memory;
    int fd;
    bool writable;
} ram_t;

static void *ram_map(source_t *source, uint64_t paddr, size_t length)
{
    ram_t *ram = (ram_t *)source;
    uint64_t offset = paddr - ram->base;
    bool inside = paddr >= ram->base && offset <= ram->size && length <= ram->size - offset;
    return inside ? ram->memory + offset : NULL;
}

static bool ram_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    const void *from = ram_map(source, paddr, length);
    if (from) {
        memcpy(to, from, length);
    }
    return from;
}

static bool ram_write(source_t *source, uint64_t paddr, const void *from, size_t length)
{
    void *to = ((ram_t *)source)->writable ? ram_map(source, paddr, length) : NULL;
    if (to) {
        memcpy(to, from, length);
    }
    return to;
}

/* A RAM file is mostly hole: reading it would make the holes real. */
static bool ram_extent(source_t *source, uint64_t from, uint64_t *start, uint64_t *length)
{
    const ram_t *ram = (const ram_t *)source;
    uint64_t offset = from > ram->base ? from - ram->base : 0;
    if (offset >= ram->size) {
        return false;
    }
    off_t data = lseek(ram->fd, (off_t)offset, SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        return false;
    }
    off_t hole = data < 0 ? -1 : lseek(ram->fd, data, SEEK_HOLE);
    if (data < 0 || hole < data) { /* a file system that knows no holes */
        data = (off_t)offset;
        hole = (off_t)ram->size;
    }
    *start = ram->base + (uint64_t)data;
    *length = (uint64_t)(hole - data);
    return true;
}

static void ram_close(source_t *source)
{
    ram_t *ram = (ram_t *)source;
    munmap(ram->memory, ram->size);
    close(ram->fd);
    free(source->name);
    free(ram);
}

static const source_ops_t ram_ops = {
    .kind = "RAM file",
    .read = ram_read,
    .write = ram_write,
    .map = ram_map,
    .extent = ram_extent,
    .close = ram_close,
};

static bool file_size(int fd, const char *path, uint64_t *size, u4_error_t *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return u4_fail_errno(err, "%s", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return u4_fail(err, "%s: expected a file with guest memory, found something else", path);
    }
    if (status.st_size < 4096) {
        return u4_fail(err, "%s: expected guest memory, found a file of %lld bytes", path,
                       (long long)status.st_size);
    }
    *size = (uint64_t)status.st_size;
    return true;
}

source_t *source_open_ram(const char *path, uint64_t base, bool live, u4_error_t *err)
{
    int fd = open(path, (live ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot open guest memory", path);
        return NULL;
    }
    uint64_t size = 0;
    if (!file_size(fd, path, &size, err)) {
        close(fd);
        return NULL;
    }
    void *memory = mmap(NULL, size, live ? PROT_READ | PROT_WRITE : PROT_READ,
                        live ? MAP_SHARED : MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED) {
        u4_fail_errno(err, "%s: cannot map %llu bytes", path, (unsigned long long)size);
        close(fd);
        return NULL;
    }
    ram_t *ram = memory_new(1, sizeof(*ram));
    *ram = (ram_t){.source = {.ops = &ram_ops, .name = memory_strdup(path), .live = live},
                   .base = base,
                   .size = size,
                   .memory = memory,
                   .fd = fd,
                   .writable = live};
    return &ram->source;
}

source_t *source_open_file(const char *path, uint64_t base, bool live, u4_error_t *err)
{
    unsigned char ident[EI_NIDENT + 2] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot open guest memory", path);
        return NULL;
    }
    ssize_t got = read(fd, ident, sizeof(ident));
    close(fd);
    bool core = got == (ssize_t)sizeof(ident) && memcmp(ident, ELFMAG, SELFMAG) == 0 &&
                ident[EI_NIDENT] == ET_CORE;
    return core ? source_open_core(path, err) : source_open_ram(path, base, live, err);
}

void source_close(source_t *source)
{
    if (source) {
        source->ops->close(source);
    }
}
