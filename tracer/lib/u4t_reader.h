/* SPDX-License-Identifier: BSD-2-Clause */
/* What opening and reading .u4t files share. */
#ifndef TRACER_U4T_READER_H
#define TRACER_U4T_READER_H

#include "u4t_layout.h"

struct u4t_reader {
    char *path;
    int fd;
    uint64_t size;   /* of the file, as of the last look */
    uint64_t offset; /* of the next chunk */
    uint64_t good;   /* where the last whole chunk ends */
    uint64_t number; /* expected */
    uint64_t first;  /* offset of the first chunk */
    uint8_t *stored, *raw;
    size_t stored_room, raw_room;
    schema_t *schema;
    trace_info_t info;
    uint64_t index; /* offset of the last INDEX chunk, 0 unknown */
    uint64_t emitted[U4T_MAX_RINGS];
    uint64_t unknown; /* chunks of types that this version does not know */
};

/* Exactly so many bytes; false if the file has not got them. */
bool u4t_read_bytes(u4t_reader_t *reader, uint64_t offset, void *to, size_t length);

/* Reads the chunk at `offset`; *next is where the one behind it begins. */
u4t_status_t u4t_read_chunk(u4t_reader_t *reader, uint64_t offset, u4t_item_t *item, uint64_t *next,
                            u4_error_t *err);

#endif
