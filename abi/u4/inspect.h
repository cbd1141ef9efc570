/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inspect table: how debuggers and host tools read the kernel's state. It lies in the
 * kernel's image (symbol u4_inspect), so in its ELF file and in guest memory; the compiler makes
 * it from the kernel's own declarations. All names are offsets into the strings behind the
 * entries. An entry belongs to the last STRUCT, ENUM or CAP before it: FIELD to a STRUCT, VALUE to
 * an ENUM, BITS to a CAP.
 */
#ifndef ABI_U4_INSPECT_H
#define ABI_U4_INSPECT_H

#include <stdint.h>

#define U4_INSPECT_MAGIC 0x544350534e493455ull /* "U4INSPCT", little endian */
/* Changes when a reader of the old version would misunderstand the table or what it describes;
 * new structures, fields and constants do not. */
#define U4_INSPECT_VERSION 1

enum u4_inspect_kind {
    U4_INSPECT_CONST = 1, /* value */
    U4_INSPECT_STRUCT,    /* size */
    U4_INSPECT_FIELD,     /* value: offset; size: of all elements; type, target */
    U4_INSPECT_ENUM,      /* -- */
    U4_INSPECT_VALUE,     /* value */
    U4_INSPECT_CAP,       /* value: type number of the capability */
    U4_INSPECT_BITS,      /* value: lowest bit; size: bits; count: word 0 or 1 */
    U4_INSPECT_SYMBOL,    /* value: kernel virtual address; else as FIELD */
};

enum u4_inspect_type {
    U4_INSPECT_UINT = 1, /* unsigned integers */
    U4_INSPECT_BOOL,
    U4_INSPECT_CHARS,    /* text, NUL-terminated unless full */
    U4_INSPECT_POINTER,  /* kernel virtual address of target, or 0 */
    U4_INSPECT_TAGGED,   /* the same, with flags in its low two bits (an enum says which) */
    U4_INSPECT_EMBEDDED, /* target itself */
    U4_INSPECT_ENUMERATED,
};

typedef struct {
    uint64_t value;
    uint32_t size;
    uint32_t count; /* elements; size is of all of them */
    uint16_t name;
    uint16_t target; /* name of a STRUCT or ENUM; 0: none */
    uint8_t kind, type;
    uint16_t reserved;
} u4_inspect_entry_t;

_Static_assert(sizeof(u4_inspect_entry_t) == 24, "entry layout");

typedef struct {
    uint64_t magic;
    uint32_t version;
    uint32_t size; /* of header, entries and strings */
    uint32_t entry_size, entries;
    uint32_t entries_offset, strings_offset; /* from the header */
    uint64_t trace_schema;                   /* TRACE_SCHEMA_HASH that the kernel emits by */
    uint64_t build_id;                       /* kernel virtual address of the build-id note */
} u4_inspect_header_t;

#endif
