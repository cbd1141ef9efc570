/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source is something that holds a guest's physical memory: the RAM file of a running QEMU, a
 * raw image of RAM, an ELF core of dump-guest-memory, a GDB remote stub. All of them read
 * by physical address; those that lie in this process's memory can be looked at in place.
 */
#ifndef U4TRACE_SOURCE_H
#define U4TRACE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "u4trace/error.h"

#define SOURCE_RAM_BASE 0x80000000ull /* of QEMU's virt machine */

typedef struct source source_t;

typedef struct {
    const char *kind; /* "RAM file", "ELF core" ... */
    bool (*read)(source_t *source, uint64_t paddr, void *to, size_t length);
    bool (*write)(source_t *source, uint64_t paddr, const void *from, size_t length);
    /* Address of `length` bytes at `paddr`, for as long as the source is open; NULL if they are
     * not all there or the source cannot. */
    void *(*map)(source_t *source, uint64_t paddr, size_t length);
    /* The first piece of memory with contents at or after `from`; false if there is none. NULL:
     * not known, nothing can be searched. */
    bool (*extent)(source_t *source, uint64_t from, uint64_t *start, uint64_t *length);
    /* Stops the guest (true) or lets it go on, where the source itself can; NULL: it cannot. A
     * source that cannot be read while the guest runs stops it for each single read otherwise. */
    bool (*hold)(source_t *source, bool hold);
    void (*close)(source_t *source);
} source_ops_t;

/* Implementations put this first in their own structure. */
struct source {
    const source_ops_t *ops;
    char *name; /* file, for messages */
    bool live;  /* a guest may be changing it */
};

/* A file that is guest RAM from physical address `base` on: live RAM file or raw image.
 * `live` asks for write access, to set masks. */
source_t *source_open_ram(const char *path, uint64_t base, bool live, u4_error_t *err);

/* An ELF core file (its PT_LOAD segments' physical addresses), for instance from QEMU's
 * dump-guest-memory. Read-only. */
source_t *source_open_core(const char *path, u4_error_t *err);

/* A GDB server: "PORT", "HOST:PORT" or a unix socket's path. The guest runs on except while it is
 * read or held. `window`: the kernel's virtual address of physical address 0, for servers that
 * know virtual addresses only. */
source_t *source_open_gdb(const char *address, uint64_t window, u4_error_t *err);

/* Opens a file as a core if it is one, else as RAM. */
source_t *source_open_file(const char *path, uint64_t base, bool live, u4_error_t *err);

static inline bool source_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    return source->ops->read(source, paddr, to, length);
}

static inline bool source_write(source_t *source, uint64_t paddr, const void *from, size_t length)
{
    return source->ops->write && source->ops->write(source, paddr, from, length);
}

static inline void *source_map(source_t *source, uint64_t paddr, size_t length)
{
    return source->ops->map ? source->ops->map(source, paddr, length) : NULL;
}

/* See source_ops_t.hold; true if there is nothing to do. */
static inline bool source_hold(source_t *source, bool hold)
{
    return !source->ops->hold || source->ops->hold(source, hold);
}

void source_close(source_t *source);

#endif
