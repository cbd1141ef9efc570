/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON lines: one object per event, per loss and per piece of console text, told apart by their
 * keys ("event", "lost", "console").
 */
#include <string.h>

#include "exporters.h"
#include "text_output.h"
#include "u4trace/format.h"

static void *json_open(const char *path, const char *options, u4_error_t *err)
{
    if (options) {
        u4_fail(err, "json: it has no options, found '%s'", options);
        return NULL;
    }
    return text_output_open(path, err);
}

/* A JSON string; bytes outside ASCII become '?'. */
static char *quoted(char *at, const char *end, const char *text, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    at = format_text(at, end, "\"");
    for (size_t i = 0; i < length && at + 8 < end; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < 0x20) {
            memcpy(at, "\\u00", 4);
            at[4] = digits[c >> 4];
            at[5] = digits[c & 15];
            at += 6;
        } else {
            *at++ = c < 0x7f ? (char)c : '?';
        }
    }
    return format_text(at, end, "\"");
}

static char *key_uint(char *at, const char *end, const char *key, uint64_t value)
{
    at = format_text(at, end, key);
    return format_uint(at, end, value);
}

/* Names as strings, amounts as numbers. */
static char *field_value(char *at, const char *end, const model_t *model,
                         const schema_field_t *field, const trace_record_t *record)
{
    bool number = field->type == FIELD_UINT || schema_signed(field) || field->type == FIELD_TICKS;
    if (number) {
        return format_value(at, end, model, field, record);
    }
    if (field->type == FIELD_BOOL) {
        return format_text(at, end, schema_field(field, record) ? "true" : "false");
    }
    char text[128];
    if (field->type == FIELD_STR) {
        schema_field_str(field, record, text);
        return quoted(at, end, text, strlen(text));
    }
    const schema_value_t *value =
        field->values ? schema_value(field->values, schema_field(field, record)) : NULL;
    if (value) {
        return quoted(at, end, value->name, strlen(value->name));
    }
    const char *stop = format_value(text, text + sizeof(text), model, field, record);
    return quoted(at, end, text, (size_t)(stop - text));
}

static bool json_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    text_output_t *out = self;
    if (!text_output_room(out, 4 * FORMAT_MAX, err)) {
        return false;
    }
    char *at = out->at, *end = out->end;
    at = key_uint(at, end, "{\"time_ns\":", model_ns(model, event->time));
    at = key_uint(at, end, ",\"hart\":", event->hart);
    at = key_uint(at, end, ",\"ring\":", event->ring);
    at = key_uint(at, end, ",\"position\":", event->position);
    at = format_text(at, end, ",\"event\":");
    at = quoted(at, end, event->type->full_name, strlen(event->type->full_name));
    if (event->thread) {
        at = key_uint(at, end, ",\"thread\":", event->record->thread);
        at = format_text(at, end, ",\"thread_name\":");
        at = quoted(at, end, event->thread->name, strlen(event->thread->name));
    }
    at = format_text(at, end, ",\"fields\":{");
    for (size_t i = 0; i < event->type->field_count; i++) {
        const schema_field_t *field = &event->type->fields[i];
        at = i ? format_text(at, end, ",") : at;
        at = quoted(at, end, field->name, strlen(field->name));
        at = format_text(at, end, ":");
        at = field_value(at, end, model, field, event->record);
    }
    out->at = format_text(at, end, "}}\n");
    return true;
}

static void json_loss(void *self, const model_t *model, const loss_t *loss)
{
    text_output_t *out = self;
    u4_error_t ignored; /* kept in the output and reported at the end */
    if (!text_output_room(out, FORMAT_MAX, &ignored)) {
        return;
    }
    char *at = out->at, *end = out->end;
    at = key_uint(at, end, "{\"lost\":", loss->count);
    at = key_uint(at, end, ",\"ring\":", loss->ring);
    at = key_uint(at, end, ",\"position\":", loss->position);
    at = key_uint(at, end, ",\"after_ns\":", model_ns(model, loss->after));
    at = key_uint(at, end, ",\"until_ns\":", model_ns(model, loss->until));
    out->at = format_text(at, end, "}\n");
}

static void json_console(void *self, const model_t *model, const console_t *console)
{
    enum { PIECE = 4096 };
    text_output_t *out = self;
    u4_error_t ignored;
    for (size_t from = 0; from < console->length; from += PIECE) {
        size_t left = console->length - from;
        if (!text_output_room(out, 6 * PIECE + FORMAT_MAX, &ignored)) {
            return;
        }
        char *at = out->at, *end = out->end;
        at = format_text(at, end, "{\"console\":");
        at = quoted(at, end, console->text + from, left < PIECE ? left : PIECE);
        at = key_uint(at, end, ",\"host_ns\":", console->host_ns);
        at = key_uint(at, end, ",\"time_ns\":", model_ns(model, console->guest_time));
        out->at = format_text(at, end, "}\n");
    }
}

static void json_idle(void *self, const model_t *model)
{
    (void)model;
    text_output_flush(self);
}

static bool json_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    (void)model;
    (void)info;
    return text_output_finish(self, err);
}

static void json_close(void *self)
{
    text_output_free(self);
}

const exporter_t exporter_json = {
    .name = "json",
    .summary = "JSON lines, one object per event",
    .extension = ".json",
    .open = json_open,
    .sink = {.name = "json",
             .event = json_event,
             .loss = json_loss,
             .console = json_console,
             .idle = json_idle,
             .end = json_end},
    .close = json_close,
};
