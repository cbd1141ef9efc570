/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's inspect table (abi/u4/inspect.h) out of guest memory: what lies where. The table
 * is checked once, when it is read; afterwards every name in it is a terminated string.
 */
#ifndef TRACER_INSPECT_H
#define TRACER_INSPECT_H

#include "abi/u4/inspect.h"
#include "u4trace/error.h"
#include "u4trace/source.h"

typedef struct {
    uint8_t *raw;
    u4_inspect_header_t header;
    const u4_inspect_entry_t *entries;
} inspect_t;

bool inspect_read(inspect_t *inspect, source_t *source, uint64_t paddr, u4_error_t *err);
void inspect_free(inspect_t *inspect);

/* The header at `paddr`, if there is a plausible one. */
bool inspect_header(source_t *source, uint64_t paddr, u4_inspect_header_t *header);

const char *inspect_name(const inspect_t *inspect, const u4_inspect_entry_t *entry);

/* A CONST, STRUCT, ENUM, CAP or SYMBOL by its name; NULL if there is none. */
const u4_inspect_entry_t *inspect_find(const inspect_t *inspect, enum u4_inspect_kind kind,
                                       const char *name);

/* A FIELD, VALUE or BITS of that owner. */
const u4_inspect_entry_t *inspect_member(const inspect_t *inspect, const u4_inspect_entry_t *owner,
                                         const char *name);

#endif
