/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comma-separated values (RFC 4180), one line per event. The first columns are the same for all
 * events; `fields` holds the rest as name=value pairs.
 */
#include <string.h>

#include "exporters.h"
#include "text_output.h"
#include "u4trace/format.h"

static void *csv_open(const char *path, const char *options, u4_error_t *err)
{
    if (options) {
        u4_fail(err, "csv: it has no options, found '%s'", options);
        return NULL;
    }
    return text_output_open(path, err);
}

static bool csv_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    (void)model;
    (void)info;
    text_output_t *out = self;
    if (!text_output_room(out, FORMAT_MAX, err)) {
        return false;
    }
    out->at = format_text(out->at, out->end,
                          "time_ns,hart,ring,position,event,thread,thread_name,fields\r\n");
    return true;
}

/* A cell in quotes, quotes in it doubled. */
static char *quoted(char *at, const char *end, const char *text, size_t length)
{
    at = format_text(at, end, "\"");
    for (size_t i = 0; i < length && at + 2 < end; i++) {
        if (text[i] == '"') {
            *at++ = '"';
        }
        *at++ = text[i];
    }
    return format_text(at, end, "\"");
}

static bool csv_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    text_output_t *out = self;
    if (!text_output_room(out, 3 * FORMAT_MAX, err)) {
        return false;
    }
    char *at = out->at, *end = out->end;
    char fields[FORMAT_MAX];
    uint64_t numbers[] = {model_ns(model, event->time), event->hart, event->ring, event->position};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        at = format_uint(at, end, numbers[i]);
        at = format_text(at, end, ",");
    }
    at = format_text(at, end, event->type->full_name);
    at = format_text(at, end, ",");
    at = format_hex(at, end, event->record->thread);
    at = format_text(at, end, ",");
    if (event->thread) {
        at = quoted(at, end, event->thread->name, strlen(event->thread->name));
    }
    at = format_text(at, end, ",");
    const char *stop = format_fields(fields, fields + sizeof(fields), model, event);
    at = quoted(at, end, fields, (size_t)(stop - fields));
    out->at = format_text(at, end, "\r\n");
    return true;
}

static void csv_idle(void *self, const model_t *model)
{
    (void)model;
    text_output_flush(self);
}

static bool csv_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    (void)model;
    (void)info;
    return text_output_finish(self, err);
}

static void csv_close(void *self)
{
    text_output_free(self);
}

const exporter_t exporter_csv = {
    .name = "csv",
    .summary = "comma-separated values, one line per event",
    .extension = ".csv",
    .open = csv_open,
    .sink =
        {.name = "csv", .begin = csv_begin, .event = csv_event, .idle = csv_idle, .end = csv_end},
    .close = csv_close,
};
