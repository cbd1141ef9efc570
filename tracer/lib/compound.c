/* SPDX-License-Identifier: BSD-2-Clause */
#include "compound.h"

#include "trace/ids.h"

void compound_init(compound_t *compound, const schema_t *schema)
{
    const schema_event_t *reply_wait = schema_find_event(schema, "ipc.reply_wait");
    const schema_event_t *transfer = schema_find_event(schema, "ipc.transfer");
    const schema_event_t *block = schema_find_event(schema, "ipc.block");
    *compound = (compound_t){0};
    if (reply_wait && transfer && block) {
        *compound = (compound_t){reply_wait->id, transfer->id, block->id};
    }
}

/* The three events keep kind, length and side in the same bits of h. */
size_t compound_reply_wait(const compound_t *compound, const trace_record_t *record,
                           trace_record_t out[COMPOUND_MAX])
{
    enum { LENGTH = 0x7f << 4 };
    out[0] = *record;
    out[0].event = compound->transfer;
    out[0].h = (uint16_t)(TRACE_IPC_KIND_REPLY | (record->h & LENGTH));
    out[0].b = 0;
    out[0].cd = 0;
    out[1] = *record;
    out[1].event = compound->block;
    out[1].h = TRACE_BLOCK_KIND_RECV;
    out[1].a = record->b;
    out[1].b = 0;
    out[1].cd = 0;
    return 2;
}
