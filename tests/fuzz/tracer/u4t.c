/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace files. The first byte says how the rest is meant: as a file as it is, or as chunks that
 * are put into a file with right lengths and checksums, so that what is behind these is reached.
 */
#include <zlib.h>

#include "fuzz.h"
#include "u4trace/join.h"

typedef struct {
    uint8_t *data;
    size_t size, room;
} file_t;

static void put(file_t *file, const void *data, size_t size)
{
    if (file->size + size > file->room) {
        file->room = 2 * (file->size + size);
        file->data = realloc(file->data, file->room);
    }
    if (size) {
        memcpy(file->data + file->size, data, size);
    }
    file->size += size;
}

static uint64_t put_chunk(file_t *file, uint64_t number, uint16_t type, const void *data,
                          size_t size)
{
    static const uint8_t zeros[8];
    u4t_chunk_t chunk = {.magic = U4T_CHUNK_MAGIC,
                         .type = type & 15,
                         .flags = type >> 15,
                         .length = (uint32_t)size,
                         .raw_length = type >> 15 ? 4096 : (uint32_t)size,
                         .number = number,
                         .crc = (uint32_t)crc32(0, data, (unsigned)size)};
    chunk.header_crc = (uint32_t)crc32(0, (void *)&chunk, sizeof(chunk) - 4);
    put(file, &chunk, sizeof(chunk));
    put(file, data, size);
    put(file, zeros, -size % 8);
    return number + 1;
}

/* A few events' share of the table: parsing all of it for each input would be most of the work. */
static const char *const kept[] = {
    "class ",       "enum entry_kind", "enum syscall",     "enum exit_path",   "enum slow_reason",
    "enum ipc_",    "enum block_kind", "enum switch_",     "enum wake_reason", "enum cap_op",
    "enum captype", "enum signal_",    "event 1 kernel",   "event 2 kernel",   "event 16 ipc",
    "event 17 ipc", "event 22 ipc",    "event 32 ntfn",    "event 48 sched",   "event 49 sched",
    "event 64 cap", "event 65 cap",    "event 144 thread", "event 145 thread", "event 146 thread",
    "event 149 ",   "event 224 user",
};

static bool is_kept(const char *line)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (strncmp(line, kept[i], strlen(kept[i])) == 0) {
            return true;
        }
    }
    return false;
}

static const file_t *small_schema(void)
{
    static file_t text;
    const char *at = schema_builtin()->text, *end = at + schema_builtin()->text_length;
    bool keep = false;
    while (text.size == 0 && at < end) {
        static file_t made;
        const char *line = memchr(at, '\n', (size_t)(end - at));
        line = line ? line + 1 : end;
        keep = *at == ' ' ? keep : is_kept(at);
        if (keep) {
            put(&made, at, (size_t)(line - at));
        }
        at = line;
        text = at == end ? made : text;
    }
    return &text;
}

/* Input: type (2 bytes; bit 14: a long chunk, bit 15: compressed), length (1 byte, times 8, of a
 * long chunk times 64), payload; and so on. */
static file_t build(const uint8_t *data, size_t size)
{
    static const char meta[] = "{\"timebase_hz\":10000000,\"harts\":2,\"record_size\":32}";
    file_t file = {0};
    u4t_header_t header = {.magic = U4T_MAGIC, .version = 1, .header_size = 32};
    header.crc = (uint32_t)crc32(0, (void *)&header, 28);
    put(&file, &header, sizeof(header));
    uint64_t number = put_chunk(&file, 0, U4T_META, meta, sizeof(meta) - 1);
    number = put_chunk(&file, number, U4T_SCHEMA, small_schema()->data, small_schema()->size);
    while (size >= 3) {
        uint16_t type = (uint16_t)(data[0] | data[1] << 8);
        size_t length = (type & 0x4000 ? 64u : 8u) * data[2];
        data += 3;
        size -= 3;
        length = length < size ? length : size;
        number = put_chunk(&file, number, type, data, length);
        data += length;
        size -= length;
    }
    return file;
}

static void read_file(const char *path)
{
    u4_error_t err;
    u4t_reader_t *reader = u4t_open(path, &err);
    if (!reader) {
        return;
    }
    size_t shown = 0;
    pipeline_t *pipeline = pipeline_new(u4t_schema(reader), u4t_info(reader));
    stats_t *stats = stats_new();
    pipeline_add(pipeline, &fuzz_sink, &shown, NULL);
    pipeline_add(pipeline, &stats_sink, stats, NULL);
    if (pipeline_run_file(pipeline, reader, &err)) {
        check_accounts(pipeline_model(pipeline));
    }
    stats_free(stats);
    pipeline_free(pipeline);
    u4t_item_t item;
    u4t_status_t status;
    if (u4t_seek(reader, 1000, &err)) {
        do { /* on past damage */
            status = u4t_next(reader, &item, &err);
        } while (status == U4T_ITEM || status == U4T_DAMAGED);
    }
    u4t_close(reader);
}

/* The file with itself as one: whatever it holds, the result must be sound. */
static void join(const char *path)
{
    char out[64], *paths[] = {(char *)path, (char *)path};
    join_totals_t totals;
    u4_error_t err;
    int fd = memory_file("", 0, out);
    if (join_files(paths, 2, out, 0, &totals, &err)) {
        u4t_reader_t *reader = u4t_open(out, &err);
        u4t_item_t item;
        u4t_status_t status;
        if (!reader) {
            abort();
        }
        while ((status = u4t_next(reader, &item, &err)) == U4T_ITEM) {}
        if (status != U4T_DONE) {
            abort();
        }
        u4t_close(reader);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    if (size == 0) {
        return 0;
    }
    file_t file = {0};
    if (data[0] & 1) {
        file = build(data + 1, size - 1);
    } else {
        put(&file, data + 1, size - 1);
    }
    int fd = memory_file(file.data, file.size, path);
    read_file(path);
    if (data[0] % 16 == 3) {
        join(path);
    }
    close(fd);
    free(file.data);
    return 0;
}
