/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking a snapshot, and its form in a file: pieces of at most SNAPSHOT_PIECE bytes, each
 *   piece_t, `pages` addresses (bit 0: the page is all zeros), the contents of the other pages.
 */
#include "u4trace/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pages.h"

typedef struct {
    uint64_t table, guest_time, paused_ns;
    uint32_t flags, part, parts, pages;
} piece_t;

_Static_assert(sizeof(piece_t) == 40, "snapshot piece");

enum {
    PAGES_A_PIECE = (SNAPSHOT_PIECE - sizeof(piece_t)) / (SNAPSHOT_PAGE + sizeof(uint64_t)),
    MAX_PARTS = SNAPSHOT_MAX_PAGES / PAGES_A_PIECE + 1,
};

snapshot_t *snapshot_take(source_t *source, uint64_t table, u4_error_t *err)
{
    snapshot_t *snapshot = memory_new(1, sizeof(*snapshot));
    snapshot->info.table = table;
    snapshot->pages = pages_new(source, source->name);
    snapshot->state = state_read(snapshot->pages, table, err);
    pages_seal(snapshot->pages);
    if (!snapshot->state) {
        snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}

bool snapshot_unchanged(const snapshot_t *snapshot, source_t *source)
{
    return pages_same(snapshot->pages, source);
}

void snapshot_free(snapshot_t *snapshot)
{
    if (snapshot) {
        state_free(snapshot->state);
        source_close(snapshot->pages);
        free(snapshot);
    }
}

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, SNAPSHOT_PAGE - 1) == 0;
}

uint8_t *snapshot_pack(const snapshot_t *snapshot, uint32_t part, size_t *length)
{
    uint32_t count = pages_count(snapshot->pages), first = part * PAGES_A_PIECE;
    uint32_t parts = count ? (count + PAGES_A_PIECE - 1) / PAGES_A_PIECE : 1;
    if (part >= parts) {
        return NULL;
    }
    const snapshot_info_t *info = &snapshot->info;
    piece_t piece = {.table = info->table,
                     .guest_time = info->guest_time,
                     .paused_ns = info->paused_ns,
                     .flags = info->flags,
                     .part = part,
                     .parts = parts,
                     .pages = count - first < PAGES_A_PIECE ? count - first : PAGES_A_PIECE};
    uint8_t *data = memory_new(1, SNAPSHOT_PIECE);
    uint8_t *address = data + sizeof(piece), *contents = address + 8 * (size_t)piece.pages;
    memcpy(data, &piece, sizeof(piece));
    for (uint32_t i = 0; i < piece.pages; i++) {
        uint64_t paddr;
        const uint8_t *page = pages_get(snapshot->pages, first + i, &paddr);
        bool zero = is_zero(page);
        paddr |= zero;
        memcpy(address + 8 * (size_t)i, &paddr, sizeof(paddr));
        if (!zero) {
            memcpy(contents, page, SNAPSHOT_PAGE);
            contents += SNAPSHOT_PAGE;
        }
    }
    *length = (size_t)(contents - data);
    return data;
}

struct snapshot_parts {
    source_t *pages;
    snapshot_info_t info;
    uint32_t next, parts;
};

snapshot_parts_t *snapshot_parts_new(void)
{
    return memory_new(1, sizeof(snapshot_parts_t));
}

void snapshot_parts_free(snapshot_parts_t *parts)
{
    if (parts) {
        if (parts->pages) {
            source_close(parts->pages);
        }
        free(parts);
    }
}

static void start_over(snapshot_parts_t *parts, const piece_t *piece)
{
    if (parts->pages) {
        source_close(parts->pages);
    }
    *parts = (snapshot_parts_t){.pages = pages_new(NULL, "snapshot"),
                                .parts = piece->parts,
                                .info = {.table = piece->table,
                                         .guest_time = piece->guest_time,
                                         .paused_ns = piece->paused_ns,
                                         .flags = piece->flags}};
}

static bool take_pages(snapshot_parts_t *parts, const piece_t *piece, const uint8_t *data,
                       size_t length)
{
    size_t at = 8 * (size_t)piece->pages;
    for (uint32_t i = 0; i < piece->pages; i++) {
        uint64_t paddr;
        memcpy(&paddr, data + 8 * (size_t)i, sizeof(paddr));
        bool zero = paddr & 1;
        if ((!zero && length - at < SNAPSHOT_PAGE) ||
            !pages_add(parts->pages, paddr & ~1ull, zero ? NULL : data + at)) {
            return false;
        }
        at += zero ? 0 : SNAPSHOT_PAGE;
    }
    return at == length;
}

/* What was promised, no more and no less. */
static bool take_piece(snapshot_parts_t *parts, const uint8_t *data, size_t length)
{
    piece_t piece;
    if (length < sizeof(piece)) {
        return false;
    }
    memcpy(&piece, data, sizeof(piece));
    if (piece.part == 0) {
        start_over(parts, &piece);
    }
    if (!parts->pages || piece.part != parts->next || piece.parts != parts->parts ||
        piece.part >= piece.parts || piece.parts > MAX_PARTS ||
        piece.pages > (length - sizeof(piece)) / 8) {
        return false;
    }
    parts->next++;
    return take_pages(parts, &piece, data + sizeof(piece), length - sizeof(piece));
}

snapshot_t *snapshot_unpack(snapshot_parts_t *parts, const uint8_t *data, size_t length,
                            u4_error_t *err)
{
    err->text[0] = 0;
    if (!take_piece(parts, data, length)) {
        u4_fail(err, "the snapshot of the kernel's state is damaged");
        return NULL;
    }
    if (parts->next < parts->parts) {
        return NULL;
    }
    snapshot_t *snapshot = memory_new(1, sizeof(*snapshot));
    snapshot->info = parts->info;
    snapshot->pages = parts->pages;
    parts->pages = NULL;
    snapshot->state = state_read(snapshot->pages, snapshot->info.table, err);
    if (!snapshot->state) {
        snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}
