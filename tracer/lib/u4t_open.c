/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening .u4t files: header, META and SCHEMA, and what END says if there is one. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "u4t_reader.h"

static bool check_header(u4t_reader_t *reader, u4_error_t *err)
{
    u4t_header_t header;
    if (reader->size == 0) {
        return u4_fail(err, "%s: an empty file, expected a trace (.u4t)", reader->path);
    }
    if (reader->size < sizeof(header) || !u4t_read_bytes(reader, 0, &header, sizeof(header)) ||
        memcmp(header.magic, U4T_MAGIC, sizeof(header.magic)) != 0) {
        return u4_fail(err, "%s: expected a trace (.u4t), found another kind of file",
                       reader->path);
    }
    if (header.version > U4T_VERSION) {
        return u4_fail(
            err, "%s: a trace of format version %u, this tool reads up to %d: use newer tools",
            reader->path, header.version, U4T_VERSION);
    }
    if (header.crc != u4t_head_crc(&header, sizeof(header)) ||
        header.header_size < sizeof(header) || header.header_size > 4096) {
        return u4_fail(err, "%s: the trace's header is damaged", reader->path);
    }
    reader->first = (header.header_size + 7u) & ~7u;
    return true;
}

/* META and SCHEMA, which come first. */
static bool read_beginning(u4t_reader_t *reader, u4_error_t *err)
{
    bool meta = false;
    reader->offset = reader->first;
    while (!meta || !reader->schema) {
        u4t_item_t item;
        u4t_status_t status = u4t_next(reader, &item, err);
        if (status == U4T_CUT || status == U4T_DONE ||
            (status == U4T_ITEM && item.type != U4T_META && item.type != U4T_SCHEMA)) {
            return u4_fail(err, "%s: cut off before the description of its events", reader->path);
        }
        if (status == U4T_DAMAGED) {
            return false;
        }
        u4_error_t why;
        if (item.type == U4T_META) {
            meta = u4t_parse_meta((const char *)item.data, item.length, &reader->info, &why);
        } else if (!reader->schema) {
            reader->schema = schema_parse((const char *)item.data, item.length, &why);
        }
        if (item.type == U4T_META ? !meta : !reader->schema) {
            return u4_fail(err, "%s: %s", reader->path, why.text);
        }
    }
    reader->offset = reader->good = reader->first;
    reader->number = reader->unknown = 0;
    return true;
}

static void read_end(u4t_reader_t *reader)
{
    u4t_trailer_t trailer;
    u4t_item_t item;
    uint64_t next;
    u4_error_t ignored;
    if (reader->size < sizeof(trailer) ||
        !u4t_read_bytes(reader, reader->size - sizeof(trailer), &trailer, sizeof(trailer)) ||
        trailer.magic != U4T_END_MAGIC ||
        u4t_read_chunk(reader, trailer.end_offset, &item, &next, &ignored) != U4T_ITEM ||
        item.type != U4T_END) {
        return;
    }
    uint64_t schema = 0;
    u4t_parse_end((const char *)item.data, item.length, &reader->info, &reader->index, &schema,
                  reader->emitted, U4T_MAX_RINGS, &ignored);
    if (schema && u4t_read_chunk(reader, schema, &item, &next, &ignored) == U4T_ITEM &&
        item.type == U4T_SCHEMA) {
        schema_grow(reader->schema, (const char *)item.data, item.length, &ignored);
    }
}

/* A file without its END: what it says of programs' own events is somewhere in it. */
static void read_schemas(u4t_reader_t *reader)
{
    u4t_chunk_t chunk;
    uint64_t offset = reader->first, next;
    u4t_item_t item;
    u4_error_t ignored;
    while (u4t_read_bytes(reader, offset, &chunk, sizeof(chunk)) &&
           chunk.magic == U4T_CHUNK_MAGIC &&
           chunk.header_crc == u4t_head_crc(&chunk, sizeof(chunk))) {
        if (chunk.type == U4T_SCHEMA &&
            u4t_read_chunk(reader, offset, &item, &next, &ignored) == U4T_ITEM) {
            schema_grow(reader->schema, (const char *)item.data, item.length, &ignored);
        }
        offset += sizeof(chunk) + (((uint64_t)chunk.length + 7) & ~7ull);
    }
}

u4t_reader_t *u4t_open(const char *path, u4_error_t *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        u4_fail_errno(err, "%s: cannot open the trace", path);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        u4_fail(err, "%s: expected a trace (.u4t), found something that is no file", path);
        close(fd);
        return NULL;
    }
    u4t_reader_t *reader = memory_new(1, sizeof(*reader));
    reader->path = memory_strdup(path);
    reader->fd = fd;
    reader->size = (uint64_t)status.st_size;
    if (!check_header(reader, err) || !read_beginning(reader, err)) {
        u4t_close(reader);
        return NULL;
    }
    read_end(reader);
    if (!reader->info.ended) {
        read_schemas(reader);
    }
    return reader;
}

void u4t_close(u4t_reader_t *reader)
{
    if (reader) {
        close(reader->fd);
        schema_free(reader->schema);
        free(reader->path);
        free(reader->stored);
        free(reader->raw);
        free(reader);
    }
}

const schema_t *u4t_schema(const u4t_reader_t *reader)
{
    return reader->schema;
}

const trace_info_t *u4t_info(const u4t_reader_t *reader)
{
    return &reader->info;
}
