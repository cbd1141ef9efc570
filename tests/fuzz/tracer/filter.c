/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: the text before the first NUL, on a record made of what follows. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, 0, size);
    if (!end) {
        return 0;
    }
    /* Regular expressions are the C library's business, and can be slow. */
    if (memmem(data, (size_t)(end - data), "=~", 2)) {
        return 0;
    }
    u4_error_t err;
    filter_t *filter = filter_parse(schema_builtin(), (const char *)data, &err);
    if (!filter) {
        return 0;
    }
    trace_record_t record = {0};
    size_t rest = size - (size_t)(end + 1 - data);
    memcpy(&record, end + 1, rest < sizeof(record) ? rest : sizeof(record));
    model_t *model = model_new(schema_builtin(), 10000000, 0);
    event_t event;
    model_record(model, 0, 0, &record, &event);
    filter_match(filter, model, &event);
    model_free(model);
    filter_free(filter);
    return 0;
}
