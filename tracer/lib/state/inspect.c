/* SPDX-License-Identifier: BSD-2-Clause */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { TABLE_MAX = 1 << 20 /* bytes */ };

bool inspect_header(source_t *source, uint64_t paddr, u4_inspect_header_t *header)
{
    return source_read(source, paddr, header, sizeof(*header)) &&
           header->magic == U4_INSPECT_MAGIC && header->size > sizeof(*header) &&
           header->size <= TABLE_MAX;
}

static bool check_layout(const u4_inspect_header_t *h)
{
    return h->entry_size == sizeof(u4_inspect_entry_t) && h->entries_offset % 8 == 0 &&
           h->entries_offset >= sizeof(*h) && h->strings_offset < h->size &&
           h->entries_offset < h->strings_offset &&
           h->entries <= (h->strings_offset - h->entries_offset) / sizeof(u4_inspect_entry_t);
}

static bool check_names(const inspect_t *inspect)
{
    const u4_inspect_header_t *h = &inspect->header;
    uint32_t strings = h->size - h->strings_offset;
    for (uint32_t i = 0; i < h->entries; i++) {
        if (inspect->entries[i].name >= strings || inspect->entries[i].target >= strings) {
            return false;
        }
    }
    return inspect->raw[h->size - 1] == 0;
}

bool inspect_read(inspect_t *inspect, source_t *source, uint64_t paddr, u4_error_t *err)
{
    *inspect = (inspect_t){0};
    u4_inspect_header_t *h = &inspect->header;
    if (!inspect_header(source, paddr, h)) {
        return u4_fail(err,
                       "%s: expected the kernel's inspect table at 0x%llx, found none: not a u4"
                       " kernel, another one than the ELF file given, or not booted yet",
                       source->name, (unsigned long long)paddr);
    }
    if (h->version != U4_INSPECT_VERSION) {
        return u4_fail(err, "%s: the kernel's inspect table has version %u, this tool reads %u",
                       source->name, h->version, U4_INSPECT_VERSION);
    }
    inspect->raw = memory_new(1, h->size);
    inspect->entries = (const u4_inspect_entry_t *)(inspect->raw + h->entries_offset);
    if (!check_layout(h) || !source_read(source, paddr, inspect->raw, h->size) ||
        !check_names(inspect)) {
        inspect_free(inspect);
        return u4_fail(err, "%s: the kernel's inspect table at 0x%llx is damaged", source->name,
                       (unsigned long long)paddr);
    }
    return true;
}

void inspect_free(inspect_t *inspect)
{
    free(inspect->raw);
    inspect->raw = NULL;
}

const char *inspect_name(const inspect_t *inspect, const u4_inspect_entry_t *entry)
{
    return (const char *)inspect->raw + inspect->header.strings_offset + entry->name;
}

const u4_inspect_entry_t *inspect_find(const inspect_t *inspect, enum u4_inspect_kind kind,
                                       const char *name)
{
    for (uint32_t i = 0; i < inspect->header.entries; i++) {
        const u4_inspect_entry_t *e = &inspect->entries[i];
        if (e->kind == kind && strcmp(inspect_name(inspect, e), name) == 0) {
            return e;
        }
    }
    return NULL;
}

static bool is_member(const u4_inspect_entry_t *e)
{
    return e->kind == U4_INSPECT_FIELD || e->kind == U4_INSPECT_VALUE || e->kind == U4_INSPECT_BITS;
}

const u4_inspect_entry_t *inspect_member(const inspect_t *inspect, const u4_inspect_entry_t *owner,
                                         const char *name)
{
    const u4_inspect_entry_t *end = inspect->entries + inspect->header.entries;
    for (const u4_inspect_entry_t *e = owner + 1; e < end && is_member(e); e++) {
        if (strcmp(inspect_name(inspect, e), name) == 0) {
            return e;
        }
    }
    return NULL;
}
