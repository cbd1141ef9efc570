/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading .u4t files. Nothing in the file is believed before its checksum and its bounds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "memory.h"
#include "u4t_reader.h"

bool u4t_read_bytes(u4t_reader_t *reader, uint64_t offset, void *to, size_t length)
{
    uint8_t *at = to;
    while (length) {
        ssize_t got = pread(reader->fd, at, length, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        at += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

static void look_at_size(u4t_reader_t *reader)
{
    struct stat status;
    reader->size = fstat(reader->fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static uint8_t *room_for(uint8_t **buffer, size_t *room, size_t length)
{
    if (*room < length) {
        free(*buffer);
        *buffer = memory_new(1, length);
        *room = length;
    }
    return *buffer;
}

static bool unpack(u4t_reader_t *reader, const u4t_chunk_t *chunk, u4t_item_t *item)
{
    item->data = reader->stored;
    item->length = chunk->length;
    if (!(chunk->flags & U4T_ZSTD)) {
        return chunk->raw_length == chunk->length;
    }
    uint8_t *raw = room_for(&reader->raw, &reader->raw_room, chunk->raw_length);
    size_t length = ZSTD_decompress(raw, chunk->raw_length, reader->stored, chunk->length);
    item->data = raw;
    item->length = chunk->raw_length;
    return !ZSTD_isError(length) && length == chunk->raw_length;
}

/* Payloads that have a fixed beginning must have it. */
static bool check_payload(u4t_item_t *item)
{
    switch (item->type) {
    case U4T_RECORDS:
        if (item->length < sizeof(item->head)) {
            return false;
        }
        memcpy(&item->head, item->data, sizeof(item->head));
        item->records = (const trace_record_t *)(item->data + sizeof(item->head));
        return item->head.ring < U4T_MAX_RINGS && item->head.count > 0 &&
               item->head.first + item->head.count > item->head.first &&
               item->length ==
                   sizeof(item->head) + (uint64_t)item->head.count * sizeof(trace_record_t);
    case U4T_LOSS: {
        const u4t_loss_t *loss = (const u4t_loss_t *)item->data;
        return item->length == sizeof(*loss) && loss->ring < U4T_MAX_RINGS &&
               loss->first + loss->count >= loss->first;
    }
    case U4T_CONSOLE: return item->length >= sizeof(u4t_console_t);
    case U4T_INDEX: {
        const u4t_index_t *index = (const u4t_index_t *)item->data;
        return item->length >= sizeof(*index) &&
               item->length == sizeof(*index) + (uint64_t)index->count * sizeof(u4t_index_entry_t);
    }
    default: return true;
    }
}

static u4t_status_t damaged(const u4t_reader_t *reader, uint64_t offset, const char *what,
                            u4_error_t *err)
{
    u4_fail(err, "%s: damaged at byte %llu: %s", reader->path, (unsigned long long)offset, what);
    return U4T_DAMAGED;
}

u4t_status_t u4t_read_chunk(u4t_reader_t *reader, uint64_t offset, u4t_item_t *item, uint64_t *next,
                            u4_error_t *err)
{
    u4t_chunk_t chunk;
    if (offset > reader->size || reader->size - offset < sizeof(chunk) ||
        !u4t_read_bytes(reader, offset, &chunk, sizeof(chunk))) {
        return U4T_CUT;
    }
    if (chunk.magic != U4T_CHUNK_MAGIC || chunk.header_crc != u4t_head_crc(&chunk, sizeof(chunk))) {
        return damaged(reader, offset, "no chunk begins here", err);
    }
    if (chunk.length > U4T_MAX_PAYLOAD || chunk.raw_length > U4T_MAX_PAYLOAD) {
        return damaged(reader, offset, "a chunk of impossible size", err);
    }
    uint64_t padded = ((uint64_t)chunk.length + 7) & ~7ull;
    if (reader->size - offset - sizeof(chunk) < padded) {
        return U4T_CUT;
    }
    uint8_t *stored = room_for(&reader->stored, &reader->stored_room, chunk.length);
    if (!u4t_read_bytes(reader, offset + sizeof(chunk), stored, chunk.length)) {
        return U4T_CUT;
    }
    *item = (u4t_item_t){.type = (u4t_type_t)chunk.type, .offset = offset, .number = chunk.number};
    *next = offset + sizeof(chunk) + padded;
    if (u4t_crc(stored, chunk.length) != chunk.crc) {
        return damaged(reader, offset, "a chunk's contents do not match its checksum", err);
    }
    if (!unpack(reader, &chunk, item) || !check_payload(item)) {
        return damaged(reader, offset, "a chunk's contents make no sense", err);
    }
    return U4T_ITEM;
}

/* From `offset` on, where is the next place that looks like a chunk? The file's end if none. */
static uint64_t find_chunk(u4t_reader_t *reader, uint64_t offset)
{
    enum { PIECE = 64 * 1024 };
    uint8_t *piece = memory_new(1, PIECE);
    offset = (offset + 8) & ~7ull;
    uint64_t found = reader->size;
    while (offset + sizeof(u4t_chunk_t) <= reader->size && found == reader->size) {
        size_t length = reader->size - offset < PIECE ? (size_t)(reader->size - offset) : PIECE;
        if (!u4t_read_bytes(reader, offset, piece, length)) {
            break;
        }
        for (size_t i = 0; i + sizeof(u4t_chunk_t) <= length; i += 8) {
            u4t_chunk_t chunk;
            memcpy(&chunk, piece + i, sizeof(chunk));
            if (chunk.magic == U4T_CHUNK_MAGIC &&
                chunk.header_crc == u4t_head_crc(&chunk, sizeof(chunk))) {
                found = offset + i;
                break;
            }
        }
        offset += length - sizeof(u4t_chunk_t) + 8;
        offset &= ~7ull;
    }
    free(piece);
    return found;
}

u4t_status_t u4t_next(u4t_reader_t *reader, u4t_item_t *item, u4_error_t *err)
{
    uint64_t next = 0;
    u4t_status_t status = u4t_read_chunk(reader, reader->offset, item, &next, err);
    if (status == U4T_CUT) { /* has it grown? */
        uint64_t before = reader->size;
        look_at_size(reader);
        if (reader->size > before) {
            status = u4t_read_chunk(reader, reader->offset, item, &next, err);
        }
    }
    if (status == U4T_DAMAGED) {
        reader->offset = find_chunk(reader, reader->offset);
        reader->number = UINT64_MAX;
        return status;
    }
    if (status == U4T_CUT) {
        return status;
    }
    if (reader->number != UINT64_MAX && item->number != reader->number) {
        reader->number = UINT64_MAX;
        return damaged(reader, reader->offset, "chunks are missing before this one", err);
    }
    if (item->type == U4T_END) {
        reader->good = next;
        return U4T_DONE;
    }
    reader->unknown += item->type == 0 || item->type > U4T_LAST_TYPE;
    reader->number = item->number + 1;
    reader->offset = next;
    reader->good = next;
    if (item->type == U4T_SCHEMA && reader->schema && !reader->info.ended) {
        u4_error_t ignored;
        schema_grow(reader->schema, (const char *)item->data, item->length, &ignored);
    }
    return U4T_ITEM;
}

bool u4t_read_at(u4t_reader_t *reader, uint64_t offset, u4t_item_t *item, u4_error_t *err)
{
    uint64_t next;
    u4t_status_t status = u4t_read_chunk(reader, offset, item, &next, err);
    if (status == U4T_CUT) {
        u4_fail(err, "%s: no chunk at byte %llu", reader->path, (unsigned long long)offset);
    }
    return status == U4T_ITEM;
}

uint64_t u4t_unknown(const u4t_reader_t *reader)
{
    return reader->unknown;
}

uint64_t u4t_good_until(const u4t_reader_t *reader)
{
    return reader->good;
}

uint64_t u4t_emitted(const u4t_reader_t *reader, uint32_t ring)
{
    return ring < U4T_MAX_RINGS ? reader->emitted[ring] : 0;
}

bool u4t_seek(u4t_reader_t *reader, uint64_t time, u4_error_t *err)
{
    uint64_t target = reader->first, index = reader->index, before = UINT64_MAX;
    bool found = false;
    while (index && index < before) { /* chunks of the index lie ever closer to the beginning */
        u4t_item_t item;
        uint64_t next;
        if (u4t_read_chunk(reader, index, &item, &next, err) != U4T_ITEM ||
            item.type != U4T_INDEX) {
            return u4_fail(err, "%s: the index is damaged", reader->path);
        }
        u4t_index_t head;
        memcpy(&head, item.data, sizeof(head));
        for (uint32_t i = 0; i < head.count; i++) {
            u4t_index_entry_t entry;
            memcpy(&entry, item.data + sizeof(head) + i * sizeof(entry), sizeof(entry));
            if (entry.last_time >= time && (!found || entry.offset < target)) {
                target = entry.offset;
                found = true;
            }
        }
        before = index;
        index = head.previous;
    }
    reader->offset = target;
    reader->number = target == reader->first ? 0 : UINT64_MAX;
    return true;
}
