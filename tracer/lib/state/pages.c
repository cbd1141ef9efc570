/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"

#include <stdlib.h>
#include <string.h>

#include "addrmap.h"
#include "memory.h"
#include "u4trace/snapshot.h"

typedef struct {
    uint64_t paddr;
    uint8_t *data;
} page_t;

typedef struct {
    source_t source;
    source_t *inner;
    addrmap_t at; /* page number + 1 -> index */
    page_t *pages;
    uint32_t count, room;
} pages_t;

static uint64_t key_of(uint64_t paddr)
{
    return paddr / SNAPSHOT_PAGE + 1;
}

bool pages_add(source_t *source, uint64_t paddr, const uint8_t *data)
{
    pages_t *p = (pages_t *)source;
    if (paddr % SNAPSHOT_PAGE || p->count == SNAPSHOT_MAX_PAGES ||
        addrmap_get(&p->at, key_of(paddr)) != UINT32_MAX) {
        return false;
    }
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->pages = memory_grow(p->pages, p->room, sizeof(*p->pages));
    }
    uint8_t *copy = memory_new(1, SNAPSHOT_PAGE);
    if (data) {
        memcpy(copy, data, SNAPSHOT_PAGE);
    }
    addrmap_put(&p->at, key_of(paddr), p->count);
    p->pages[p->count++] = (page_t){paddr, copy};
    return true;
}

/* The page's bytes, read from the inner source the first time. */
static const uint8_t *page_at(pages_t *p, uint64_t paddr)
{
    uint8_t fresh[SNAPSHOT_PAGE];
    uint32_t index = addrmap_get(&p->at, key_of(paddr));
    if (index == UINT32_MAX) {
        if (!p->inner || !source_read(p->inner, paddr, fresh, sizeof(fresh)) ||
            !pages_add(&p->source, paddr, fresh)) {
            return NULL;
        }
        index = p->count - 1;
    }
    return p->pages[index].data;
}

static bool pages_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    uint8_t *at = to;
    while (length) {
        size_t offset = paddr % SNAPSHOT_PAGE;
        size_t part = SNAPSHOT_PAGE - offset < length ? SNAPSHOT_PAGE - offset : length;
        const uint8_t *page = page_at((pages_t *)source, paddr - offset);
        if (!page || paddr + part < paddr) {
            return false;
        }
        memcpy(at, page + offset, part);
        at += part;
        paddr += part;
        length -= part;
    }
    return true;
}

static void pages_close(source_t *source)
{
    pages_t *p = (pages_t *)source;
    for (uint32_t i = 0; i < p->count; i++) {
        free(p->pages[i].data);
    }
    free(p->pages);
    addrmap_free(&p->at);
    free(source->name);
    free(p);
}

static const source_ops_t pages_ops = {
    .kind = "snapshot",
    .read = pages_read,
    .close = pages_close,
};

source_t *pages_new(source_t *inner, const char *name)
{
    pages_t *p = memory_new(1, sizeof(*p));
    p->source.ops = &pages_ops;
    p->source.name = memory_strdup(name);
    p->inner = inner;
    return &p->source;
}

void pages_seal(source_t *pages)
{
    ((pages_t *)pages)->inner = NULL;
}

uint32_t pages_count(const source_t *pages)
{
    return ((const pages_t *)pages)->count;
}

const uint8_t *pages_get(const source_t *pages, uint32_t index, uint64_t *paddr)
{
    const page_t *page = &((const pages_t *)pages)->pages[index];
    *paddr = page->paddr;
    return page->data;
}

bool pages_same(const source_t *pages, source_t *source)
{
    const pages_t *p = (const pages_t *)pages;
    uint8_t now[SNAPSHOT_PAGE];
    for (uint32_t i = 0; i < p->count; i++) {
        if (!source_read(source, p->pages[i].paddr, now, sizeof(now)) ||
            memcmp(now, p->pages[i].data, sizeof(now)) != 0) {
            return false;
        }
    }
    return true;
}
