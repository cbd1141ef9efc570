/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/format.h"

#include <ctype.h>
#include <string.h>

#include "u4trace/labels.h"

static char *put(char *at, const char *end, const char *text, size_t length)
{
    size_t room = at < end ? (size_t)(end - at) : 0;
    length = length < room ? length : room;
    memcpy(at, text, length);
    return at + length;
}

char *format_text(char *at, const char *end, const char *text)
{
    return put(at, end, text, strlen(text));
}

char *format_uint(char *at, const char *end, uint64_t value)
{
    char digits[20];
    size_t i = sizeof(digits);
    do {
        digits[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put(at, end, digits + i, sizeof(digits) - i);
}

char *format_hex(char *at, const char *end, uint64_t value)
{
    char digits[18];
    size_t i = sizeof(digits);
    do {
        digits[--i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    digits[--i] = 'x';
    digits[--i] = '0';
    return put(at, end, digits + i, sizeof(digits) - i);
}

static char *put_char(char *at, const char *end, uint64_t value)
{
    char text[4] = {'\'', (char)value, '\''};
    if (value < 128 && isprint((int)value)) {
        return put(at, end, text, 3);
    }
    return format_hex(at, end, value);
}

static char *put_enum(char *at, const char *end, const schema_field_t *field, uint64_t value)
{
    const char *text = schema_value_text(field->values, value);
    return text ? format_text(at, end, text) : format_uint(at, end, value);
}

static char *put_thread(char *at, const char *end, const model_t *model, uint64_t ref)
{
    const thread_t *t = model_thread(model, (uint32_t)ref);
    return t ? format_text(at, end, t->name) : format_hex(at, end, ref);
}

static char *put_label(char *at, const char *end, const model_t *model, uint64_t value)
{
    const char *name = label_name(model->abi, value);
    return name ? format_text(at, end, name) : format_uint(at, end, value);
}

char *format_value(char *at, const char *end, const model_t *model, const schema_field_t *field,
                   const trace_record_t *record)
{
    uint64_t value = field->type == FIELD_STR ? 0 : schema_field(field, record);
    switch (field->type) {
    case FIELD_STR: {
        char text[13];
        schema_field_str(field, record, text);
        at = put(at, end, "\"", 1);
        at = format_text(at, end, text);
        return put(at, end, "\"", 1);
    }
    case FIELD_INT:
    case FIELD_COUNTER:
        if ((int64_t)value < 0) {
            at = put(at, end, "-", 1);
            value = -value;
        }
        return format_uint(at, end, value);
    case FIELD_HEX:
    case FIELD_ADDR:
    case FIELD_OBJECT:
    case FIELD_SLOT:
    case FIELD_CPTR: return format_hex(at, end, value);
    case FIELD_BOOL: return format_text(at, end, value ? "yes" : "no");
    case FIELD_CHAR: return put_char(at, end, value);
    case FIELD_THREAD: return put_thread(at, end, model, value);
    case FIELD_LABEL: return put_label(at, end, model, value);
    case FIELD_ENUM: return put_enum(at, end, field, value);
    case FIELD_UINT:
    case FIELD_TICKS: break;
    }
    return format_uint(at, end, value);
}

/* Nothing to tell: no object, no thread, an enumeration's value with an empty text. */
static bool says_nothing(const schema_field_t *field, const trace_record_t *record)
{
    switch (field->type) {
    case FIELD_OBJECT:
    case FIELD_THREAD:
    case FIELD_SLOT: return schema_field(field, record) == 0;
    case FIELD_ENUM: {
        const char *text = schema_value_text(field->values, schema_field(field, record));
        return text && !*text;
    }
    default: return false;
    }
}

char *format_fields(char *at, const char *end, const model_t *model, const event_t *event)
{
    const char *start = at;
    for (size_t i = 0; i < event->type->field_count; i++) {
        const schema_field_t *field = &event->type->fields[i];
        if (says_nothing(field, event->record)) {
            continue;
        }
        if (at != start) {
            at = put(at, end, " ", 1);
        }
        at = format_text(at, end, field->name);
        at = put(at, end, "=", 1);
        bool quote =
            field->type == FIELD_ENUM &&
            strchr(schema_value_text(field->values, schema_field(field, event->record)) ?: "", ' ');
        at = quote ? put(at, end, "\"", 1) : at;
        at = format_value(at, end, model, field, event->record);
        at = quote ? put(at, end, "\"", 1) : at;
    }
    if (event->type->id == 0) {
        at = format_text(at, end, "id=");
        at = format_uint(at, end, event->record->event);
    }
    return at;
}

static char *put_padded(char *at, const char *end, uint64_t value, unsigned width)
{
    char digits[20];
    for (unsigned i = width; i > 0; i--) {
        digits[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return put(at, end, digits, width);
}

char *format_time(char *at, const char *end, const model_t *model, uint64_t ticks)
{
    uint64_t ns = model_ns(model, ticks);
    at = format_uint(at, end, ns / 1000000000);
    at = put(at, end, ".", 1);
    return put_padded(at, end, ns % 1000000000, 9);
}

char *format_duration(char *at, const char *end, uint64_t ns)
{
    static const struct {
        uint64_t below, unit;
        const char *name;
    } units[] = {
        {1000, 1, " ns"},
        {1000000, 1000, " us"},
        {1000000000, 1000000, " ms"},
        {UINT64_MAX, 1000000000, " s"},
    };
    size_t i = 0;
    while (i < 3 && ns >= units[i].below) {
        i++;
    }
    uint64_t whole = ns / units[i].unit, rest = ns % units[i].unit;
    at = format_uint(at, end, whole);
    if (units[i].unit > 1) {
        unsigned digits = whole >= 100 ? 1 : whole >= 10 ? 2 : 3;
        uint64_t scale = digits == 1 ? 10 : digits == 2 ? 100 : 1000;
        at = put(at, end, ".", 1);
        at = put_padded(at, end, (uint64_t)((unsigned __int128)rest * scale / units[i].unit),
                        digits);
    }
    return format_text(at, end, units[i].name);
}
