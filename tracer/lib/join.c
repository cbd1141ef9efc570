/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing in windows of time: each ring has its next piece in memory, the window ends where the
 * first of these pieces ends, and all records in it are a round. So whoever reads the file can put
 * them in order again with what two rounds hold.
 */
#include "u4trace/join.h"

#include <stdlib.h>
#include <string.h>

#include "join_private.h"
#include "memory.h"
#include "u4trace/images.h"
#include "u4trace/snapshot.h"

/* The part of a piece that is not written yet: none, if others had all of it. */
static bool take_piece(join_t *join, join_ring_t *ring, const join_piece_t *piece,
                       const u4t_item_t *item, u4_error_t *err)
{
    uint64_t skip = ring->position > piece->first ? ring->position - piece->first : 0;
    skip = skip < piece->count ? skip : piece->count;
    const join_file_t *file = &join->files[piece->file];
    for (uint64_t i = skip ? skip - 1 : 0; i < piece->count; i++) {
        trace_record_t record = item->records[i];
        record.event = record.event < SCHEMA_MAX_EVENTS ? file->ids[record.event] : 0;
        if (i >= skip) {
            ring->records[ring->end++] = record;
        } else if (piece->first + skip == ring->position && ring->written &&
                   memcmp(&record, &ring->last, sizeof(record)) != 0) {
            return u4_fail(err,
                           "%s: record %llu of a ring is another one than in the recordings before:"
                           " expected recordings of one run",
                           file->path, (unsigned long long)(ring->position - 1));
        }
    }
    join->totals->twice += skip;
    if (ring->end) {
        ring->position = piece->first + skip;
    }
    return true;
}

/* Makes sure that the ring has records to write, if there are any left. */
static bool load(join_t *join, join_ring_t *ring, u4_error_t *err)
{
    while (ring->at == ring->end && ring->next < ring->count) {
        const join_piece_t *piece = &ring->pieces[ring->next++];
        u4t_item_t item;
        if (!u4t_read_at(join->files[piece->file].reader, piece->offset, &item, err)) {
            return false;
        }
        if (piece->count > ring->room) {
            ring->room = piece->count;
            free(ring->records);
            ring->records = memory_new(ring->room, sizeof(trace_record_t));
        }
        ring->at = ring->end = 0;
        if (item.type != U4T_RECORDS || item.head.count != piece->count ||
            !take_piece(join, ring, piece, &item, err)) {
            return err->text[0]
                       ? false
                       : u4_fail(err, "%s: has changed meanwhile", join->files[piece->file].path);
        }
    }
    return true;
}

/* Writes the ring's records up to `until`, or, with `all`, whatever is loaded. */
static bool write_ring(join_t *join, uint32_t number, uint64_t until, bool all, u4_error_t *err)
{
    join_ring_t *ring = &join->rings[number];
    size_t count = all ? ring->end - ring->at : 0;
    while (ring->at + count < ring->end && ring->records[ring->at + count].time <= until) {
        count++;
    }
    if (count == 0) {
        return true;
    }
    if (!u4t_write_records(join->writer, number, ring->hart, ring->owner, ring->position,
                           ring->records + ring->at, count, err)) {
        return false;
    }
    join->totals->records += count;
    ring->at += count;
    ring->position += count;
    ring->last = ring->records[ring->at - 1];
    ring->written = true;
    return true;
}

/* The ring whose loaded piece ends first, and has another one behind it; none: NULL. */
static const join_ring_t *first_to_end(const join_t *join)
{
    const join_ring_t *first = NULL;
    for (size_t i = 0; i < join->ring_count; i++) {
        const join_ring_t *ring = &join->rings[i];
        if (ring->at < ring->end && ring->next < ring->count &&
            (!first || ring->records[ring->end - 1].time < first->records[first->end - 1].time)) {
            first = ring;
        }
    }
    return first;
}

/* One window. *more: there may be another. */
static bool write_window(join_t *join, uint64_t *until, bool *more, u4_error_t *err)
{
    *more = false;
    for (size_t i = 0; i < join->ring_count; i++) {
        if (!load(join, &join->rings[i], err)) {
            return false;
        }
        *more |= join->rings[i].at < join->rings[i].end;
    }
    const join_ring_t *first = first_to_end(join);
    *until = first ? first->records[first->end - 1].time : UINT64_MAX;
    for (uint32_t i = 0; i < join->ring_count; i++) {
        if (!write_ring(join, i, *until, &join->rings[i] == first || !first, err)) {
            return false;
        }
    }
    return u4t_write_round(join->writer, err);
}

static join_file_t *earliest(join_t *join)
{
    join_file_t *file = &join->files[0];
    for (size_t i = 1; i < join->file_count; i++) {
        file = join->files[i].first_time < file->first_time ? &join->files[i] : file;
    }
    return file;
}

/* The state at the beginning; one of a later moment still knows names. */
static bool write_snapshot(join_t *join, u4_error_t *err)
{
    const join_file_t *file = earliest(join);
    bool at_begin = file->snapshot;
    for (size_t i = 0; !file->snapshot && i < join->file_count; i++) {
        file = join->files[i].snapshot ? &join->files[i] : file;
    }
    snapshot_t *snapshot = file->snapshot ? snapshot_of_trace(file->path, err) : NULL;
    if (!snapshot) {
        return !file->snapshot;
    }
    snapshot->info.flags |= at_begin ? 0 : SNAPSHOT_AT_END;
    bool ok = u4t_write_snapshot(join->writer, snapshot, err);
    snapshot_free(snapshot);
    return ok;
}

static bool write_images(join_t *join, u4_error_t *err)
{
    const join_file_t *file = NULL;
    for (size_t i = 0; i < join->file_count; i++) {
        file = join->files[i].images ? &join->files[i] : file;
    }
    u4t_reader_t *reader = file ? u4t_open(file->path, err) : NULL;
    u4t_item_t item;
    bool ok = reader || !file;
    while (reader && ok && u4t_next(reader, &item, err) == U4T_ITEM) {
        if (item.type == U4T_IMAGES) {
            images_t *images = images_parse((const char *)item.data, item.length);
            ok = !images || u4t_write_images(join->writer, images, err);
            images_free(images);
            break;
        }
    }
    u4t_close(reader);
    return ok;
}

/* The console of the one recording that has it. */
typedef struct {
    u4t_reader_t *reader; /* NULL: at its end */
    bool waits;           /* `item` is not written yet */
    u4t_item_t item;
    u4t_console_t head;
} console_reader_t;

static bool open_console(const join_t *join, console_reader_t *console, u4_error_t *err)
{
    for (size_t i = 0; i < join->file_count && !console->reader; i++) {
        if (join->files[i].console) {
            console->reader = u4t_open(join->files[i].path, err);
            return console->reader != NULL;
        }
    }
    return true;
}

/* What was printed up to that time. */
static bool write_console(join_t *join, console_reader_t *c, uint64_t until, u4_error_t *err)
{
    while (c->reader) {
        if (!c->waits && u4t_next(c->reader, &c->item, err) != U4T_ITEM) {
            u4t_close(c->reader);
            c->reader = NULL;
            return true;
        }
        c->waits = c->item.type == U4T_CONSOLE;
        if (!c->waits) {
            continue;
        }
        memcpy(&c->head, c->item.data, sizeof(c->head));
        if (c->head.guest_time > until) {
            return true;
        }
        console_t text = {.text = (const char *)c->item.data + sizeof(c->head),
                          .length = c->item.length - sizeof(c->head),
                          .host_ns = c->head.host_ns,
                          .guest_time = c->head.guest_time};
        c->waits = false;
        if (!u4t_write_console(join->writer, &text, err)) {
            return false;
        }
    }
    return true;
}

static bool write_beginning(join_t *join, const trace_info_t *info, const char *output, int level,
                            u4_error_t *err)
{
    join->writer = u4t_create(output, info, join->base, level, err);
    if (!join->writer) {
        return false;
    }
    bool grown = join->schema->text_length != join->base->text_length;
    for (uint32_t i = 0; i < join->ring_count; i++) {
        join_ring_t *ring = &join->rings[i];
        ring->position = ring->start;
        u4t_write_start(join->writer, i, ring->owner, ring->start);
    }
    return (!grown ||
            u4t_write_schema(join->writer, join->schema->text, join->schema->text_length, err)) &&
           write_images(join, err) && write_snapshot(join, err);
}

static bool write_all(join_t *join, u4_error_t *err)
{
    console_reader_t console = {0};
    bool more = true, ok = open_console(join, &console, err);
    while (ok && more) {
        uint64_t until;
        ok = write_window(join, &until, &more, err) &&
             write_console(join, &console, more ? until : UINT64_MAX, err);
    }
    u4t_close(console.reader);
    return ok;
}

/* How the guest ended is known to whoever was there then. */
static trace_info_t info_of(const join_t *join, const join_file_t *first)
{
    trace_info_t info = *u4t_info(first->reader);
    for (size_t i = 0; i < join->file_count; i++) {
        const trace_info_t *one = u4t_info(join->files[i].reader);
        info.status = info.status == -1 ? one->status : info.status;
        if (!info.panic[0]) {
            memcpy(info.panic, one->panic, sizeof(info.panic));
        }
    }
    return info;
}

static bool finish(join_t *join, const trace_info_t *info, u4_error_t *err)
{
    uint64_t emitted[U4T_MAX_RINGS], sum = 0;
    for (size_t i = 0; i < join->ring_count; i++) {
        emitted[i] = join->rings[i].emitted;
        sum += emitted[i] - join->rings[i].start;
    }
    join->totals->lost = sum - join->totals->records;
    join->totals->bytes = u4t_written(join->writer);
    bool ok = u4t_finish(join->writer, info, emitted, join->ring_count, err);
    join->writer = NULL;
    return ok;
}

static void clean_up(join_t *join, const trace_info_t *info)
{
    u4_error_t ignored;
    if (join->writer) {
        u4t_finish(join->writer, info, NULL, 0, &ignored);
    }
    for (size_t i = 0; i < join->ring_count; i++) {
        free(join->rings[i].pieces);
        free(join->rings[i].records);
    }
    for (size_t i = 0; i < join->file_count; i++) {
        u4t_close(join->files[i].reader);
    }
    schema_free(join->base);
    schema_free(join->schema);
    free(join);
}

bool join_files(char *const *paths, size_t count, const char *output, int level,
                join_totals_t *totals, u4_error_t *err)
{
    join_t *join = memory_new(1, sizeof(*join));
    trace_info_t info = {.status = -1};
    err->text[0] = 0;
    *totals = (join_totals_t){0};
    join->totals = totals;
    bool ok = join_scan(join, paths, count, err);
    if (ok) {
        info = info_of(join, earliest(join));
        ok = write_beginning(join, &info, output, level, err) && write_all(join, err) &&
             finish(join, &info, err);
    }
    clean_up(join, &info);
    return ok;
}
