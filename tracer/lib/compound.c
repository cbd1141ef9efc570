/* SPDX-License-Identifier: BSD-2-Clause */
#include "compound.h"

#include "trace/ids.h"

static uint8_t low_of(const schema_event_t *event, const char *name)
{
    const schema_field_t *field = schema_find_field(event, name);
    return field ? field->low : 0;
}

void compound_init(compound_t *compound, const schema_t *schema)
{
    const schema_event_t *reply_wait = schema_find_event(schema, "ipc.reply_wait");
    const schema_event_t *transfer = schema_find_event(schema, "ipc.transfer");
    const schema_event_t *block = schema_find_event(schema, "ipc.block");
    *compound = (compound_t){0};
    if (reply_wait && transfer && block) {
        *compound = (compound_t){.reply_wait = reply_wait->id,
                                 .transfer = transfer->id,
                                 .block = block->id,
                                 .from = low_of(reply_wait, "length"),
                                 .to = low_of(transfer, "length"),
                                 .kind = low_of(transfer, "kind"),
                                 .why = low_of(block, "why")};
    }
}

size_t compound_reply_wait(const compound_t *compound, const trace_record_t *record,
                           trace_record_t out[COMPOUND_MAX])
{
    unsigned length = (unsigned)record->h >> compound->from & 0x7f;
    out[0] = *record;
    out[0].event = compound->transfer;
    out[0].h = (uint16_t)(TRACE_IPC_KIND_REPLY << compound->kind | length << compound->to);
    out[0].b = 0;
    out[0].cd = 0;
    out[1] = *record;
    out[1].event = compound->block;
    out[1].h = (uint16_t)(TRACE_BLOCK_KIND_RECV << compound->why);
    out[1].a = record->b;
    out[1].b = 0;
    out[1].cd = 0;
    return 2;
}
