/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trace file says about itself, as JSON: META at its beginning, END at its end. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "u4t_layout.h"

/* JSON has no 64-bit hexadecimal numbers: a hash is a string. */
static void set_hex(json_t *object, const char *key, uint64_t value)
{
    char text[17];
    snprintf(text, sizeof(text), "%016" PRIx64, value);
    json_object_set_new(object, key, json_string(text));
}

/* Guests' and users' texts need not be UTF-8. */
static void set_text(json_t *object, const char *key, const char *text)
{
    char clean[1024];
    size_t i = 0;
    for (; i < sizeof(clean) - 1 && text[i]; i++) {
        clean[i] = (unsigned char)text[i] >= 0x80 || (unsigned char)text[i] < 0x20 ? '?' : text[i];
    }
    clean[i] = 0;
    json_object_set_new(object, key, json_string(clean));
}

static char *dump(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

char *u4t_meta_text(const trace_info_t *info, const schema_t *schema)
{
    json_t *meta = json_object();
    json_object_set_new(meta, "timebase_hz", json_integer((json_int_t)info->timebase_hz));
    json_object_set_new(meta, "harts", json_integer(info->harts));
    json_object_set_new(meta, "abi", json_integer(info->abi));
    json_object_set_new(meta, "flags", json_integer(info->flags));
    json_object_set_new(meta, "created", json_integer(info->created));
    json_object_set_new(meta, "record_size", json_integer(sizeof(trace_record_t)));
    json_object_set_new(meta, "icount", json_boolean(info->icount));
    set_hex(meta, "schema_hash", schema->hash);
    set_text(meta, "build_id", info->build_id);
    set_text(meta, "machine", info->machine);
    set_text(meta, "command", info->command);
    set_text(meta, "image", info->image);
    return dump(meta);
}

static json_t *numbers(const uint64_t *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_integer((json_int_t)values[i]));
    }
    return array;
}

char *u4t_end_text(const trace_info_t *info, uint64_t index, uint64_t schema,
                   const uint64_t *emitted, const uint64_t *kept, const uint64_t *lost,
                   size_t rings)
{
    json_t *end = json_object();
    json_object_set_new(end, "index", json_integer((json_int_t)index));
    json_object_set_new(end, "schema", json_integer((json_int_t)schema));
    json_object_set_new(end, "status", json_integer(info->status));
    set_text(end, "panic", info->panic);
    if (emitted) {
        json_object_set_new(end, "emitted", numbers(emitted, rings));
    }
    json_object_set_new(end, "kept", numbers(kept, rings));
    json_object_set_new(end, "lost", numbers(lost, rings));
    return dump(end);
}

static uint64_t get_number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void get_text(const json_t *object, const char *key, char *to, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(to, size, "%s", text ? text : "");
    for (char *c = to; *c; c++) { /* a foreign file must not steer the terminal */
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
    }
}

static json_t *load(const char *text, size_t length, const char *what, u4_error_t *err)
{
    json_error_t problem;
    json_t *object = json_loadb(text, length, 0, &problem);
    if (!json_is_object(object)) {
        json_decref(object);
        u4_fail(err, "%s is not a JSON object", what);
        return NULL;
    }
    return object;
}

bool u4t_parse_meta(const char *text, size_t length, trace_info_t *info, u4_error_t *err)
{
    json_t *meta = load(text, length, "META", err);
    if (!meta) {
        return false;
    }
    *info = (trace_info_t){.status = -1};
    info->timebase_hz = get_number(meta, "timebase_hz");
    info->harts = (uint32_t)get_number(meta, "harts");
    info->abi = (uint32_t)get_number(meta, "abi");
    info->flags = (uint32_t)get_number(meta, "flags");
    info->created = (int64_t)get_number(meta, "created");
    info->icount = json_is_true(json_object_get(meta, "icount"));
    const char *hash = json_string_value(json_object_get(meta, "schema_hash"));
    if (hash) {
        sscanf(hash, "%16" SCNx64, &info->schema_hash);
    }
    get_text(meta, "build_id", info->build_id, sizeof(info->build_id));
    get_text(meta, "machine", info->machine, sizeof(info->machine));
    get_text(meta, "command", info->command, sizeof(info->command));
    get_text(meta, "image", info->image, sizeof(info->image));
    uint64_t size = get_number(meta, "record_size");
    json_decref(meta);
    if (size != sizeof(trace_record_t) || info->timebase_hz == 0 ||
        info->timebase_hz > 1000000000000) {
        return u4_fail(err,
                       "META: records of %llu bytes, clock of %llu Hz: expected %zu and a clock",
                       (unsigned long long)size, (unsigned long long)info->timebase_hz,
                       sizeof(trace_record_t));
    }
    return true;
}

bool u4t_parse_end(const char *text, size_t length, trace_info_t *info, uint64_t *index,
                   uint64_t *schema, uint64_t *emitted, size_t rings, u4_error_t *err)
{
    json_t *end = load(text, length, "END", err);
    if (!end) {
        return false;
    }
    info->ended = true;
    *index = get_number(end, "index");
    *schema = get_number(end, "schema");
    info->status = (int)json_integer_value(json_object_get(end, "status"));
    get_text(end, "panic", info->panic, sizeof(info->panic));
    const json_t *array = json_object_get(end, "emitted");
    for (size_t i = 0; i < rings && i < json_array_size(array); i++) {
        emitted[i] = (uint64_t)json_integer_value(json_array_get(array, i));
    }
    json_decref(end);
    return true;
}
