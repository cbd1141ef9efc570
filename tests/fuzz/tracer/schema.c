/* SPDX-License-Identifier: BSD-2-Clause */
/* Event tables, and masks over them: the text before the first NUL is a table, the rest a list. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *end = memchr(data, 0, size);
    size_t length = end ? (size_t)(end - (const char *)data) : size;
    u4_error_t err;
    schema_t *schema = schema_parse((const char *)data, length, &err);
    if (!schema) {
        return 0;
    }
    char list[256] = "";
    uint64_t mask[TRACE_MASK_WORDS];
    if (end) {
        snprintf(list, sizeof(list), "%.*s", (int)(size - length - 1), end + 1);
        schema_mask(schema, list, mask, &err);
    }
    model_t *model = model_new(schema, 10000000, 0);
    for (unsigned id = 0; id < TRACE_MAX_EVENTS; id++) {
        trace_record_t record;
        event_t event;
        char text[FORMAT_MAX];
        memset(&record, 0xa5 ^ (int)id, sizeof(record));
        record.event = (uint16_t)id;
        model_record(model, 0, id, &record, &event);
        format_fields(text, text + sizeof(text), model, &event);
    }
    model_free(model);
    schema_free(schema);
    return 0;
}
