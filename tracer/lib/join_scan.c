/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "join_private.h"
#include "memory.h"

/* The rings of one file while it is looked through, by its own numbers. */
typedef struct {
    join_ring_t rings[U4T_MAX_RINGS];
    bool seen[U4T_MAX_RINGS];
} scan_t;

static join_ring_t *ring_of(scan_t *scan, uint32_t number, uint32_t hart, uint32_t owner,
                            uint64_t first)
{
    join_ring_t *ring = &scan->rings[number];
    if (!scan->seen[number]) {
        scan->seen[number] = true;
        *ring = (join_ring_t){.hart = hart, .owner = owner, .start = first};
    }
    return ring;
}

static void add_piece(join_ring_t *ring, const join_piece_t *piece)
{
    if (ring->count == 0 || (ring->count & (ring->count - 1)) == 0) {
        ring->pieces = memory_grow(ring->pieces, ring->count ? 2 * ring->count : 1, sizeof(*piece));
    }
    ring->pieces[ring->count++] = *piece;
    ring->emitted =
        piece->first + piece->count > ring->emitted ? piece->first + piece->count : ring->emitted;
}

static void scan_records(join_file_t *file, scan_t *scan, uint16_t number, const u4t_item_t *item)
{
    const u4t_records_t *head = &item->head;
    join_piece_t piece = {.offset = item->offset,
                          .first = head->first,
                          .count = head->count,
                          .first_time = item->records[0].time,
                          .last_time = item->records[head->count - 1].time,
                          .file = number};
    add_piece(ring_of(scan, head->ring, head->hart, head->owner, head->first), &piece);
    file->first_time = piece.first_time < file->first_time ? piece.first_time : file->first_time;
}

static void scan_loss(scan_t *scan, const u4t_item_t *item)
{
    u4t_loss_t loss;
    memcpy(&loss, item->data, sizeof(loss));
    uint32_t hart = loss.owner ? UINT32_MAX : loss.ring;
    join_ring_t *ring = ring_of(scan, loss.ring, hart, loss.owner, loss.first);
    uint64_t until = loss.first + loss.count;
    ring->emitted = until > ring->emitted ? until : ring->emitted;
}

static bool scan_file(join_t *join, uint16_t number, scan_t *scan, u4_error_t *err)
{
    join_file_t *file = &join->files[number];
    u4t_item_t item;
    u4t_status_t status;
    while ((status = u4t_next(file->reader, &item, err)) == U4T_ITEM) {
        switch (item.type) {
        case U4T_RECORDS: scan_records(file, scan, number, &item); break;
        case U4T_LOSS: scan_loss(scan, &item); break;
        case U4T_SNAPSHOT: file->snapshot = true; break;
        case U4T_CONSOLE: file->console = true; break;
        case U4T_IMAGES: file->images = true; break;
        case U4T_SCHEMA:
            if (!join->base) {
                join->base = schema_parse((const char *)item.data, item.length, err);
                join->schema = schema_parse((const char *)item.data, item.length, err);
            }
            break;
        default: break;
        }
    }
    return status != U4T_DAMAGED && join->schema;
}

/* Of those that begin together, the shorter one first: the longer one is then held against it. */
static int by_position(const void *a, const void *b)
{
    const join_piece_t *x = a, *y = b;
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return x->count < y->count ? -1 : x->count > y->count;
}

static void sort_pieces(join_ring_t *ring)
{
    if (ring->count > 1) {
        qsort(ring->pieces, ring->count, sizeof(ring->pieces[0]), by_position);
    }
}

/* Could both be parts of one ring? Then time goes with position in all of it. */
static bool fits(const join_ring_t *a, const join_ring_t *b)
{
    size_t i = 0, k = 0;
    uint64_t time = 0;
    while (i < a->count || k < b->count) {
        bool first = k == b->count || (i < a->count && a->pieces[i].first <= b->pieces[k].first);
        const join_piece_t *piece = first ? &a->pieces[i++] : &b->pieces[k++];
        if (piece->first_time < time) {
            return false;
        }
        time = piece->first_time;
    }
    return true;
}

static void unite(join_ring_t *into, join_ring_t *from)
{
    for (size_t i = 0; i < from->count; i++) {
        add_piece(into, &from->pieces[i]);
    }
    into->start = from->start < into->start ? from->start : into->start;
    into->emitted = from->emitted > into->emitted ? from->emitted : into->emitted;
    sort_pieces(into);
    free(from->pieces);
}

static bool place_ring(join_t *join, const join_file_t *file, join_ring_t *ring, u4_error_t *err)
{
    sort_pieces(ring);
    for (size_t i = 0; i < join->ring_count; i++) {
        join_ring_t *there = &join->rings[i];
        if (there->hart == ring->hart && there->owner == ring->owner) {
            if (fits(there, ring)) {
                unite(there, ring);
                return true;
            }
            if (ring->hart != UINT32_MAX) {
                return u4_fail(err,
                               "%s: its records of hart %u do not go with those of the other"
                               " recordings: expected recordings of one run",
                               file->path, ring->hart);
            }
        }
    }
    if (join->ring_count == U4T_MAX_RINGS) {
        return u4_fail(err, "%s: more than %d rings in all recordings", file->path, U4T_MAX_RINGS);
    }
    join->rings[join->ring_count++] = *ring;
    return true;
}

static bool place_rings(join_t *join, const join_file_t *file, scan_t *scan, u4_error_t *err)
{
    bool ok = true;
    for (uint32_t i = 0; i < U4T_MAX_RINGS; i++) {
        join_ring_t *ring = &scan->rings[i];
        if (!scan->seen[i]) {
            continue;
        }
        uint64_t emitted = u4t_emitted(file->reader, i);
        ring->emitted = emitted > ring->emitted ? emitted : ring->emitted;
        ok = ok && place_ring(join, file, ring, err);
        if (ok) {
            ring->pieces = NULL; /* not this file's any more */
        }
    }
    return ok;
}

static bool same_kernel(const join_file_t *first, const join_file_t *file, u4_error_t *err)
{
    const trace_info_t *a = u4t_info(first->reader), *b = u4t_info(file->reader);
    if (a->schema_hash == b->schema_hash && a->timebase_hz == b->timebase_hz &&
        strcmp(a->build_id, b->build_id) == 0) {
        return true;
    }
    return u4_fail(err,
                   "%s: recorded from another kernel (build-id %.16s, event table %016llx) than %s"
                   " (%.16s, %016llx): expected recordings of one run",
                   file->path, b->build_id, (unsigned long long)b->schema_hash, first->path,
                   a->build_id, (unsigned long long)a->schema_hash);
}

bool join_scan(join_t *join, char *const *paths, size_t count, u4_error_t *err)
{
    for (size_t i = 0; i < count; i++) {
        join_file_t *file = &join->files[i];
        *file = (join_file_t){.path = paths[i], .first_time = UINT64_MAX};
        file->reader = u4t_open(paths[i], err);
        if (!file->reader) {
            return false;
        }
        join->file_count = i + 1;
        if (i && !same_kernel(&join->files[0], file, err)) {
            return false;
        }
        scan_t *scan = memory_new(1, sizeof(*scan));
        bool ok = scan_file(join, (uint16_t)i, scan, err) && place_rings(join, file, scan, err);
        for (uint32_t k = 0; k < U4T_MAX_RINGS; k++) {
            free(scan->rings[k].pieces);
        }
        free(scan);
        if (!ok) {
            return false;
        }
        schema_join(join->schema, u4t_schema(file->reader), file->ids);
    }
    return true;
}
