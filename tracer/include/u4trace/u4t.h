/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace file. A header, then chunks, each with its length and checksums, only ever appended;
 * whatever was written whole can be read, whatever happened to the writer. u4t(5) is the
 * description for people who write their own reader. All numbers are little endian.
 */
#ifndef U4TRACE_U4T_H
#define U4TRACE_U4T_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"
#include "u4trace/error.h"
#include "u4trace/pipeline.h"
#include "u4trace/schema.h"

#define U4T_MAGIC "\x89U4T\r\n\x1a\n" /* 8 bytes: damage by text-mode transfers shows */
#define U4T_CHUNK_MAGIC 0x4b433455u   /* "U4CK" */
#define U4T_END_MAGIC 0x00444e4554345508ull

enum {
    U4T_VERSION = 1,
    U4T_MAX_PAYLOAD = 16 << 20, /* bytes, stored and unpacked */
};

typedef struct {
    uint8_t magic[8];
    uint32_t version;     /* of the format: readers refuse a newer one */
    uint32_t header_size; /* chunks begin here */
    int64_t created;      /* Unix time in ns */
    uint32_t flags;       /* 0 */
    uint32_t crc;         /* CRC-32 of the bytes before */
} u4t_header_t;

typedef enum {
    U4T_META = 1,     /* JSON object: what is known about the guest and the recording */
    U4T_SCHEMA = 2,   /* event table, canonical text; again, with more events at its end, once
                         programs have defined their own */
    U4T_RECORDS = 3,  /* u4t_records_t and records */
    U4T_LOSS = 4,     /* u4t_loss_t: records that were overwritten before they could be read */
    U4T_CONSOLE = 5,  /* u4t_console_t and text */
    U4T_SNAPSHOT = 6, /* a piece of the kernel's state as of one moment, see snapshot.h */
    U4T_INDEX = 7,    /* u4t_index_t and entries */
    U4T_END = 8,      /* JSON object: totals and how it ended */
    U4T_IMAGES = 9,   /* text: the boot image's programs and their functions, see images.h */
    U4T_LAST_TYPE = U4T_IMAGES,
} u4t_type_t;

enum { U4T_ZSTD = 1 /* flag: the payload is one zstd frame */ };

typedef struct {
    uint32_t magic;
    uint16_t type;
    uint16_t flags;
    uint32_t length;     /* payload bytes in the file */
    uint32_t raw_length; /* payload bytes unpacked */
    uint64_t number;     /* of the chunk in the file, from 0 */
    uint32_t crc;        /* CRC-32 of the payload in the file */
    uint32_t header_crc; /* CRC-32 of the bytes before */
} u4t_chunk_t;

typedef struct {
    uint32_t ring;
    uint32_t hart;  /* UINT32_MAX: a user ring */
    uint64_t first; /* position of the first record */
    uint32_t count;
    uint32_t owner; /* user ring: reference of its thread */
    uint64_t round; /* see merge.h: rises by one with each round */
} u4t_records_t;

typedef struct {
    uint32_t ring;
    uint32_t owner; /* user ring: reference of its thread; 0: a hart's ring */
    uint64_t first;
    uint64_t count;
} u4t_loss_t;

typedef struct {
    uint64_t host_ns;
    uint64_t guest_time;
} u4t_console_t;

typedef struct {
    uint64_t offset;     /* of the RECORDS chunk in the file */
    uint64_t first_time; /* of its first and last record */
    uint64_t last_time;
    uint64_t first;
    uint32_t ring;
    uint32_t count;
} u4t_index_entry_t;

typedef struct {
    uint64_t previous; /* offset of the INDEX chunk before this one; 0: none */
    uint32_t count;
    uint32_t reserved;
} u4t_index_t;

/* The last 16 bytes of a file that was closed in order. */
typedef struct {
    uint64_t end_offset; /* of the END chunk */
    uint64_t magic;      /* U4T_END_MAGIC */
} u4t_trailer_t;

/* ---- writing ---- */

typedef struct u4t_writer u4t_writer_t;

/* Creates the file (replacing one that is there) and writes META and SCHEMA. `level`: zstd
 * compression of records, 0 none. */
u4t_writer_t *u4t_create(const char *path, const trace_info_t *info, const schema_t *schema,
                         int level, u4_error_t *err);

/* Says that a ring's recording begins at position `first`, so that what is missing from there on
 * is lost and not skipped. Without it, the ring's first records are the beginning. `owner`: a user
 * ring's thread, else 0. */
void u4t_write_start(u4t_writer_t *writer, uint32_t ring, uint32_t owner, uint64_t first);

/* Records of one ring, positions ascending from call to call. A gap to the last call becomes a
 * LOSS chunk (none before a ring's first records). */
bool u4t_write_records(u4t_writer_t *writer, uint32_t ring, uint32_t hart, uint32_t owner,
                       uint64_t first, const trace_record_t *records, size_t count,
                       u4_error_t *err);
/* The programs in the boot image. */
struct images;
bool u4t_write_images(u4t_writer_t *writer, const struct images *images, u4_error_t *err);

/* The kernel's state, before the records that follow it. */
struct snapshot;
bool u4t_write_snapshot(u4t_writer_t *writer, const struct snapshot *snapshot, u4_error_t *err);
bool u4t_write_console(u4t_writer_t *writer, const console_t *console, u4_error_t *err);

/* The event table again, once it has grown: before the records that need it. */
bool u4t_write_schema(u4t_writer_t *writer, const char *text, size_t length, u4_error_t *err);

/* Ends a round (see merge.h) and hands what is buffered to the operating system. */
bool u4t_write_round(u4t_writer_t *writer, u4_error_t *err);

/* Bytes written so far. */
uint64_t u4t_written(const u4t_writer_t *writer);

/* Writes INDEX and END and closes. `info` as it is in the end (status, panic). `emitted`: final
 * position per ring, NULL if unknown. The writer is gone also when this fails. */
bool u4t_finish(u4t_writer_t *writer, const trace_info_t *info, const uint64_t *emitted,
                size_t rings, u4_error_t *err);

/* ---- reading ---- */

typedef struct u4t_reader u4t_reader_t;

/* A whole chunk with its payload unpacked and checked. Valid until the next call. */
typedef struct {
    u4t_type_t type;
    uint64_t offset; /* in the file */
    uint64_t number;
    const uint8_t *data;
    size_t length;
    /* of RECORDS: */
    u4t_records_t head;
    const trace_record_t *records;
} u4t_item_t;

typedef enum {
    U4T_ITEM,    /* here is a chunk */
    U4T_DONE,    /* the file is at its end, closed in order */
    U4T_CUT,     /* the file stops without END: the writer died, or still writes */
    U4T_DAMAGED, /* a chunk is not what its checksums say: see the error */
} u4t_status_t;

/* Opens and reads META and SCHEMA. Messages tell a foreign file, a newer version, a damaged
 * header and an empty file apart. */
u4t_reader_t *u4t_open(const char *path, u4_error_t *err);
void u4t_close(u4t_reader_t *reader);

const schema_t *u4t_schema(const u4t_reader_t *reader);
const trace_info_t *u4t_info(const u4t_reader_t *reader);

/* The next chunk in the file, META and SCHEMA included. After U4T_CUT, calling again goes on if
 * the file has grown. After U4T_DAMAGED it looks for the next sound chunk. */
u4t_status_t u4t_next(u4t_reader_t *reader, u4t_item_t *item, u4_error_t *err);

/* The chunk at this offset, which an index or u4t_item_t.offset has named; what u4t_next() gives
 * next stays as it is. */
bool u4t_read_at(u4t_reader_t *reader, uint64_t offset, u4t_item_t *item, u4_error_t *err);

/* Chunks so far of types that this version does not know: u4t_next() gives them like others, but
 * nobody can show what is in them. */
uint64_t u4t_unknown(const u4t_reader_t *reader);

/* Where the last whole chunk ends. */
uint64_t u4t_good_until(const u4t_reader_t *reader);

/* Goes to the first chunk of records that may hold something at or after `time` (ticks), by the
 * index; without an index, to the beginning. */
bool u4t_seek(u4t_reader_t *reader, uint64_t time, u4_error_t *err);

/* Totals from END: records emitted per ring; 0 if the file has no END. */
uint64_t u4t_emitted(const u4t_reader_t *reader, uint32_t ring);

#endif
