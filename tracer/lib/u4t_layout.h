/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks and sums that the writer and the reader of .u4t files share. */
#ifndef TRACER_U4T_LAYOUT_H
#define TRACER_U4T_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "crc32.h"
#include "u4trace/u4t.h"

_Static_assert(sizeof(u4t_header_t) == 32, "u4t header");
_Static_assert(sizeof(u4t_chunk_t) == 32, "u4t chunk");
_Static_assert(sizeof(u4t_records_t) == 32, "u4t records");
_Static_assert(sizeof(u4t_loss_t) == 24, "u4t loss");
_Static_assert(sizeof(u4t_index_entry_t) == 40, "u4t index entry");
_Static_assert(sizeof(u4t_trailer_t) == 16, "u4t trailer");

enum { U4T_MAX_RINGS = 256 };

static inline uint32_t u4t_crc(const void *data, size_t length)
{
    return u4_crc32(0, data, length);
}

/* CRC of a structure up to its `crc` or `header_crc` member, which comes last. */
static inline uint32_t u4t_head_crc(const void *head, size_t size)
{
    return u4t_crc(head, size - sizeof(uint32_t));
}

/* u4t_info.c: META and END as JSON. */
char *u4t_meta_text(const trace_info_t *info, const schema_t *schema);
char *u4t_end_text(const trace_info_t *info, uint64_t index, uint64_t schema,
                   const uint64_t *emitted, const uint64_t *kept, const uint64_t *lost,
                   size_t rings);
bool u4t_parse_meta(const char *text, size_t length, trace_info_t *info, u4_error_t *err);
bool u4t_parse_end(const char *text, size_t length, trace_info_t *info, uint64_t *index,
                   uint64_t *schema, uint64_t *emitted, size_t rings, u4_error_t *err);

#endif
