/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "memory.h"
#include "u4t_layout.h"
#include "u4trace/images.h"
#include "u4trace/snapshot.h"

enum {
    BUFFER = 1 << 20,
    RECORDS_PER_CHUNK = 1 << 15,
    INDEX_ENTRIES = 4096,
};

typedef struct {
    uint64_t next; /* position */
    uint64_t kept, lost;
    uint32_t owner; /* of a user ring; else 0 */
    bool seen;
} ring_state_t;

struct u4t_writer {
    char *path;
    int fd;
    uint8_t *buffer;
    size_t used;
    uint64_t offset; /* of what comes next in the file */
    uint64_t whole;  /* chunks that end here have been handed over whole */
    uint64_t number; /* of the next chunk */
    uint64_t round;
    int level;
    uint8_t *packed; /* scratch for compression */
    size_t packed_room;
    uint8_t *raw;
    ring_state_t rings[U4T_MAX_RINGS];
    u4t_index_entry_t *index;
    size_t index_count;
    uint64_t last_index;  /* offset of the last INDEX chunk */
    uint64_t last_schema; /* and of the last SCHEMA chunk but the first; 0: none */
    bool failed;
    u4_error_t error;
};

static bool write_all(u4t_writer_t *writer, const void *data, size_t length, u4_error_t *err)
{
    const uint8_t *at = data;
    while (length) {
        ssize_t done = write(writer->fd, at, length);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            u4_fail_errno(err, "%s: cannot write the trace", writer->path);
            writer->failed = true;
            writer->error = *err;
            /* What was written whole stays; the rest would only look damaged. */
            if (ftruncate(writer->fd, (off_t)writer->whole) != 0) {
                errno = 0; /* a device: nothing to cut */
            }
            return false;
        }
        at += done;
        length -= (size_t)done;
    }
    return true;
}

static bool flush(u4t_writer_t *writer, u4_error_t *err)
{
    if (writer->failed) {
        *err = writer->error;
        return false;
    }
    if (writer->used && !write_all(writer, writer->buffer, writer->used, err)) {
        return false;
    }
    writer->used = 0;
    return true;
}

static bool append(u4t_writer_t *writer, const void *data, size_t length, u4_error_t *err)
{
    if ((writer->failed || length > BUFFER - writer->used) && !flush(writer, err)) {
        return false;
    }
    if (length > BUFFER) {
        if (!write_all(writer, data, length, err)) {
            return false;
        }
    } else {
        memcpy(writer->buffer + writer->used, data, length);
        writer->used += length;
    }
    writer->offset += length;
    return true;
}

/* A chunk whose payload is at hand in two pieces; padded so that the next one is aligned. */
static bool write_chunk(u4t_writer_t *writer, u4t_type_t type, const void *head, size_t head_length,
                        const void *body, size_t body_length, u4_error_t *err)
{
    size_t raw = head_length + body_length;
    const uint8_t *data = body;
    size_t length = body_length;
    uint16_t flags = 0;
    if (writer->level && type == U4T_RECORDS) {
        memcpy(writer->raw, head, head_length);
        memcpy(writer->raw + head_length, body, body_length);
        size_t packed =
            ZSTD_compress(writer->packed, writer->packed_room, writer->raw, raw, writer->level);
        if (!ZSTD_isError(packed) && packed < raw) {
            data = writer->packed;
            length = packed;
            head_length = 0;
            flags = U4T_ZSTD;
        }
    }
    u4t_chunk_t chunk = {
        .magic = U4T_CHUNK_MAGIC,
        .type = (uint16_t)type,
        .flags = flags,
        .length = (uint32_t)(head_length + length),
        .raw_length = (uint32_t)raw,
        .number = writer->number,
    };
    chunk.crc = u4_crc32(u4_crc32(0, head, head_length), data, length);
    chunk.header_crc = u4t_head_crc(&chunk, sizeof(chunk));
    static const uint8_t zeros[8];
    if (append(writer, &chunk, sizeof(chunk), err) &&
        (!head_length || append(writer, head, head_length, err)) &&
        append(writer, data, length, err) &&
        append(writer, zeros, -(size_t)chunk.length % 8, err)) {
        writer->number++;
        writer->whole = writer->offset;
        return true;
    }
    return false;
}

static bool write_header(u4t_writer_t *writer, const trace_info_t *info, const schema_t *schema,
                         u4_error_t *err)
{
    u4t_header_t header = {
        .version = U4T_VERSION, .header_size = sizeof(header), .created = info->created};
    memcpy(header.magic, U4T_MAGIC, sizeof(header.magic));
    header.crc = u4t_head_crc(&header, sizeof(header));
    char *meta = u4t_meta_text(info, schema);
    bool ok = append(writer, &header, sizeof(header), err) &&
              write_chunk(writer, U4T_META, NULL, 0, meta, strlen(meta), err) &&
              write_chunk(writer, U4T_SCHEMA, NULL, 0, schema->text, schema->text_length, err) &&
              flush(writer, err);
    free(meta);
    return ok;
}

static void free_writer(u4t_writer_t *writer)
{
    free(writer->path);
    free(writer->buffer);
    free(writer->packed);
    free(writer->raw);
    free(writer->index);
    free(writer);
}

u4t_writer_t *u4t_create(const char *path, const trace_info_t *info, const schema_t *schema,
                         int level, u4_error_t *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        u4_fail_errno(err, "%s: cannot write a trace there", path);
        return NULL;
    }
    u4t_writer_t *writer = memory_new(1, sizeof(*writer));
    writer->fd = fd;
    writer->path = memory_strdup(path);
    writer->buffer = memory_new(1, BUFFER);
    writer->index = memory_new(INDEX_ENTRIES, sizeof(u4t_index_entry_t));
    writer->level = level;
    if (level) {
        size_t most = sizeof(u4t_records_t) + RECORDS_PER_CHUNK * sizeof(trace_record_t);
        writer->raw = memory_new(1, most);
        writer->packed_room = ZSTD_compressBound(most);
        writer->packed = memory_new(1, writer->packed_room);
    }
    if (!write_header(writer, info, schema, err)) {
        close(fd);
        free_writer(writer);
        return NULL;
    }
    return writer;
}

uint64_t u4t_written(const u4t_writer_t *writer)
{
    return writer->offset;
}

static bool write_index(u4t_writer_t *writer, u4_error_t *err)
{
    if (writer->index_count == 0) {
        return true;
    }
    u4t_index_t head = {.previous = writer->last_index, .count = (uint32_t)writer->index_count};
    uint64_t offset = writer->offset;
    if (!write_chunk(writer, U4T_INDEX, &head, sizeof(head), writer->index,
                     writer->index_count * sizeof(u4t_index_entry_t), err)) {
        return false;
    }
    writer->last_index = offset;
    writer->index_count = 0;
    return true;
}

static bool write_loss(u4t_writer_t *writer, uint32_t ring, uint64_t first, uint64_t count,
                       u4_error_t *err)
{
    u4t_loss_t loss = {
        .ring = ring, .owner = writer->rings[ring].owner, .first = first, .count = count};
    writer->rings[ring].lost += count;
    writer->rings[ring].next = first + count;
    return write_chunk(writer, U4T_LOSS, NULL, 0, &loss, sizeof(loss), err);
}

static bool write_piece(u4t_writer_t *writer, const u4t_records_t *head,
                        const trace_record_t *records, u4_error_t *err)
{
    writer->index[writer->index_count++] = (u4t_index_entry_t){
        .offset = writer->offset,
        .first_time = records[0].time,
        .last_time = records[head->count - 1].time,
        .first = head->first,
        .ring = head->ring,
        .count = head->count,
    };
    return write_chunk(writer, U4T_RECORDS, head, sizeof(*head), records,
                       head->count * sizeof(*records), err) &&
           (writer->index_count < INDEX_ENTRIES || write_index(writer, err));
}

bool u4t_write_records(u4t_writer_t *writer, uint32_t ring, uint32_t hart, uint32_t owner,
                       uint64_t first, const trace_record_t *records, size_t count, u4_error_t *err)
{
    if (ring >= U4T_MAX_RINGS) {
        return u4_fail(err, "%s: ring %u: at most %d rings", writer->path, ring, U4T_MAX_RINGS);
    }
    ring_state_t *state = &writer->rings[ring];
    state->owner = owner;
    if (state->seen && first > state->next &&
        !write_loss(writer, ring, state->next, first - state->next, err)) {
        return false;
    }
    state->seen = true;
    state->next = first + count;
    state->kept += count;
    while (count) {
        u4t_records_t head = {
            .ring = ring,
            .hart = hart,
            .first = first,
            .count = count < RECORDS_PER_CHUNK ? (uint32_t)count : RECORDS_PER_CHUNK,
            .owner = owner,
            .round = writer->round,
        };
        if (!write_piece(writer, &head, records, err)) {
            return false;
        }
        records += head.count;
        first += head.count;
        count -= head.count;
    }
    return true;
}

void u4t_write_start(u4t_writer_t *writer, uint32_t ring, uint32_t owner, uint64_t first)
{
    if (ring < U4T_MAX_RINGS && !writer->rings[ring].seen) {
        writer->rings[ring].seen = true;
        writer->rings[ring].owner = owner;
        writer->rings[ring].next = first;
    }
}

bool u4t_write_console(u4t_writer_t *writer, const console_t *console, u4_error_t *err)
{
    u4t_console_t head = {.host_ns = console->host_ns, .guest_time = console->guest_time};
    return write_chunk(writer, U4T_CONSOLE, &head, sizeof(head), console->text, console->length,
                       err);
}

bool u4t_write_schema(u4t_writer_t *writer, const char *text, size_t length, u4_error_t *err)
{
    writer->last_schema = writer->offset;
    return write_chunk(writer, U4T_SCHEMA, NULL, 0, text, length, err);
}

bool u4t_write_images(u4t_writer_t *writer, const images_t *images, u4_error_t *err)
{
    size_t length = 0;
    char *text = images->count ? images_text(images, &length) : NULL;
    bool ok = !text || length > U4T_MAX_PAYLOAD ||
              write_chunk(writer, U4T_IMAGES, NULL, 0, text, length, err);
    free(text);
    return ok;
}

bool u4t_write_snapshot(u4t_writer_t *writer, const snapshot_t *snapshot, u4_error_t *err)
{
    uint8_t *piece;
    size_t length;
    bool ok = true;
    for (uint32_t part = 0; ok && (piece = snapshot_pack(snapshot, part, &length)); part++) {
        ok = write_chunk(writer, U4T_SNAPSHOT, NULL, 0, piece, length, err);
        free(piece);
    }
    return ok && flush(writer, err);
}

bool u4t_write_round(u4t_writer_t *writer, u4_error_t *err)
{
    writer->round++;
    return flush(writer, err);
}

static bool write_end(u4t_writer_t *writer, const trace_info_t *info, const uint64_t *emitted,
                      size_t rings, u4_error_t *err)
{
    uint64_t kept[U4T_MAX_RINGS], lost[U4T_MAX_RINGS];
    for (uint32_t i = 0; i < U4T_MAX_RINGS; i++) {
        const ring_state_t *state = &writer->rings[i];
        if (emitted && i < rings && state->seen && emitted[i] > state->next &&
            !write_loss(writer, i, state->next, emitted[i] - state->next, err)) {
            return false;
        }
        kept[i] = state->kept;
        lost[i] = state->lost;
    }
    if (!write_index(writer, err)) {
        return false;
    }
    trace_info_t last = *info;
    u4t_trailer_t trailer = {.end_offset = writer->offset, .magic = U4T_END_MAGIC};
    char *text =
        u4t_end_text(&last, writer->last_index, writer->last_schema, emitted, kept, lost, rings);
    bool ok = write_chunk(writer, U4T_END, NULL, 0, text, strlen(text), err) &&
              append(writer, &trailer, sizeof(trailer), err) && flush(writer, err);
    free(text);
    return ok;
}

bool u4t_finish(u4t_writer_t *writer, const trace_info_t *info, const uint64_t *emitted,
                size_t rings, u4_error_t *err)
{
    bool ok = write_end(writer, info, emitted, rings < U4T_MAX_RINGS ? rings : U4T_MAX_RINGS, err);
    if (close(writer->fd) != 0 && ok) {
        ok = u4_fail_errno(err, "%s: cannot write the trace", writer->path);
    }
    free_writer(writer);
    return ok;
}
