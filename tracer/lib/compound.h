/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that say two things at once, because the kernel's fast path has no room for two: here
 * they become the two that everyone else knows, so models and sinks need not care.
 *
 *   ipc.reply_wait   = ipc.transfer of a reply, then ipc.block to receive
 */
#ifndef U4TRACE_COMPOUND_H
#define U4TRACE_COMPOUND_H

#include "u4trace/schema.h"

enum { COMPOUND_MAX = 2 };

typedef struct {
    uint16_t reply_wait, transfer, block; /* ids; reply_wait is 0 if the schema lacks any */
    /* Lowest bits in h: length in reply_wait and in transfer, kind there, why in block. */
    uint8_t from, to, kind, why;
} compound_t;

void compound_init(compound_t *compound, const schema_t *schema);

size_t compound_reply_wait(const compound_t *compound, const trace_record_t *record,
                           trace_record_t out[COMPOUND_MAX]);

/* Writes what `record` stands for into `out`; returns how many, 0 if it stands for itself. */
static inline size_t compound_expand(const compound_t *compound, const trace_record_t *record,
                                     trace_record_t out[COMPOUND_MAX])
{
    if (record->event != compound->reply_wait || !compound->reply_wait) {
        return 0;
    }
    return compound_reply_wait(compound, record, out);
}

#endif
