/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of event tables; look-ups are in schema_find.c. */
#include "u4trace/schema.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_private.h"
#include "sha256.h"
#include "trace/table.h"

enum {
    MAX_ENUMS = 256,
    MAX_VALUES = 4096,
    MAX_TOKENS = 512,
};

typedef struct {
    const char *text; /* not NUL-terminated */
    size_t length;
    bool quoted;
} token_t;

typedef struct {
    schema_t *schema;
    arena_t arena;
    schema_enum_t *in_enum;   /* what indented lines belong to */
    schema_event_t *in_event; /* or this */
    size_t values_room;
    unsigned line;
    token_t tokens[MAX_TOKENS];
    size_t count;
} parser_t;

static const struct {
    const char *name;
    uint8_t word, shift, bits;
} places[] = {
    {"h", 1, 16, 16}, {"a", 2, 0, 32},  {"b", 2, 32, 32}, {"c", 3, 0, 32},
    {"d", 3, 32, 32}, {"ab", 2, 0, 64}, {"cd", 3, 0, 64}, {"bcd", 2, 32, 96},
};

static const char *const type_names[] = {
    [FIELD_UINT] = "uint",   [FIELD_INT] = "int",         [FIELD_HEX] = "hex",
    [FIELD_ADDR] = "addr",   [FIELD_BOOL] = "bool",       [FIELD_CHAR] = "char",
    [FIELD_STR] = "str",     [FIELD_OBJECT] = "object",   [FIELD_THREAD] = "thread",
    [FIELD_SLOT] = "slot",   [FIELD_LABEL] = "label",     [FIELD_CPTR] = "cptr",
    [FIELD_TICKS] = "ticks", [FIELD_COUNTER] = "counter",
};

static bool bad(const parser_t *parser, u4_error_t *err, const char *what)
{
    return u4_fail(err, "event table, line %u: %s", parser->line, what);
}

static char *token_text(parser_t *parser, const token_t *token)
{
    return arena_text(&parser->arena, token->text, token->length);
}

static bool token_is(const token_t *token, const char *word)
{
    return !token->quoted && strlen(word) == token->length &&
           memcmp(token->text, word, token->length) == 0;
}

static bool token_number(const token_t *token, size_t skip, uint64_t *number)
{
    char digits[24];
    size_t length = token->length - skip;
    if (length == 0 || length >= sizeof(digits)) {
        return false;
    }
    memcpy(digits, token->text + skip, length);
    digits[length] = 0;
    char *end;
    *number = strtoull(digits, &end, 0);
    return *end == 0 && isdigit((unsigned char)digits[0]);
}

/* Splits a line into words and "texts". False if there are too many or a text has no end. */
static bool split(parser_t *parser, const char *line, const char *end)
{
    parser->count = 0;
    while (line < end) {
        if (isspace((unsigned char)*line)) {
            line++;
            continue;
        }
        if (*line == '#') {
            break;
        }
        if (parser->count == MAX_TOKENS) {
            return false;
        }
        token_t *token = &parser->tokens[parser->count++];
        token->quoted = *line == '"';
        token->text = line += token->quoted;
        while (line < end && (token->quoted ? *line != '"' : !isspace((unsigned char)*line))) {
            line++;
        }
        token->length = (size_t)(line - token->text);
        if (token->quoted && line++ == end) {
            return false;
        }
    }
    return true;
}

static bool parse_class(parser_t *parser, u4_error_t *err)
{
    schema_t *schema = parser->schema;
    if (parser->count != 3 || schema->class_count == SCHEMA_MAX_CLASSES) {
        return bad(parser, err, "expected: class NAME \"text\", at most 32 of them");
    }
    schema_class_t *class = &schema->classes[schema->class_count++];
    class->name = token_text(parser, &parser->tokens[1]);
    class->text = token_text(parser, &parser->tokens[2]);
    return true;
}

static bool parse_values(parser_t *parser, size_t from, u4_error_t *err)
{
    schema_enum_t *values = parser->in_enum;
    for (size_t i = from; i < parser->count; i++) {
        const token_t *token = &parser->tokens[i];
        if (token->quoted) {
            if (values->count == 0) {
                return bad(parser, err, "a text before any value");
            }
            values->values[values->count - 1].text = token_text(parser, token);
            continue;
        }
        if (values->count == MAX_VALUES) {
            return bad(parser, err, "an enumeration with more than 4096 values");
        }
        if (values->count == parser->values_room) {
            parser->values_room = parser->values_room ? 2 * parser->values_room : 16;
            schema_value_t *room =
                arena_alloc(&parser->arena, parser->values_room * sizeof(schema_value_t));
            if (values->count) {
                memcpy(room, values->values, values->count * sizeof(schema_value_t));
            }
            values->values = room;
        }
        schema_value_t *value = &values->values[values->count];
        value->number = values->count ? value[-1].number + 1 : 0;
        const char *equals = memchr(token->text, '=', token->length);
        size_t length = equals ? (size_t)(equals - token->text) : token->length;
        if (equals && !token_number(token, length + 1, &value->number)) {
            return bad(parser, err, "not a number behind =");
        }
        value->name = arena_text(&parser->arena, token->text, length);
        values->count++;
    }
    return true;
}

static bool parse_enum(parser_t *parser, u4_error_t *err)
{
    schema_t *schema = parser->schema;
    if (parser->count < 2 || schema->enum_count == MAX_ENUMS) {
        return bad(parser, err, "expected: enum NAME values..., at most 256 of them");
    }
    parser->in_enum = &schema->enums[schema->enum_count++];
    parser->in_enum->name = token_text(parser, &parser->tokens[1]);
    parser->values_room = 0;
    return parse_values(parser, 2, err);
}

static bool parse_event(parser_t *parser, u4_error_t *err)
{
    schema_t *schema = parser->schema;
    uint64_t id;
    if (parser->count != 5 || !token_number(&parser->tokens[1], 0, &id)) {
        return bad(parser, err, "expected: event ID CLASS NAME \"text\"");
    }
    if (id == 0 || id >= SCHEMA_MAX_EVENTS || schema->events[id]) {
        return bad(parser, err, "event id out of range or used twice");
    }
    size_t class_index = 0;
    while (class_index < schema->class_count &&
           !token_is(&parser->tokens[2], schema->classes[class_index].name)) {
        class_index++;
    }
    if (class_index == schema->class_count) {
        return bad(parser, err, "no class of this name above");
    }
    schema_class_t *class = &schema->classes[class_index];
    schema_event_t *event = arena_alloc(&parser->arena, sizeof(*event));
    event->id = (uint16_t)id;
    event->class_index = (uint8_t)class_index;
    event->class_name = class->name;
    event->name = token_text(parser, &parser->tokens[3]);
    event->text = token_text(parser, &parser->tokens[4]);
    size_t class_length = strlen(class->name), name_length = strlen(event->name);
    char *full = arena_alloc(&parser->arena, class_length + name_length + 2);
    memcpy(full, class->name, class_length);
    full[class_length] = '.';
    memcpy(full + class_length + 1, event->name, name_length);
    event->full_name = full;
    if (id < TRACE_MAX_EVENTS) {
        class->mask[id / 64] |= 1ull << (id % 64);
    }
    schema->events[id] = parser->in_event = event;
    return true;
}

/* "h[3:7]" or "a": fills in where the field lies. */
static bool parse_place(const token_t *token, schema_field_t *field)
{
    const char *bracket = memchr(token->text, '[', token->length);
    size_t length = bracket ? (size_t)(bracket - token->text) : token->length;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strlen(places[i].name) != length || memcmp(places[i].name, token->text, length) != 0) {
            continue;
        }
        unsigned low = 0, high = places[i].bits - 1u;
        char bits[16] = "";
        if (bracket && token->length - length < sizeof(bits)) {
            memcpy(bits, bracket, token->length - length);
            int used = 0;
            if (sscanf(bits, "[%2u:%2u]%n", &low, &high, &used) != 2 || bits[used] || used == 0) {
                return false;
            }
        } else if (bracket) {
            return false;
        }
        if (low > high || high >= places[i].bits) {
            return false;
        }
        field->place = places[i].name;
        field->word = places[i].word;
        field->shift = (uint8_t)(places[i].shift + low);
        field->low = (uint8_t)low;
        field->high = (uint8_t)high;
        field->bits = (uint8_t)(high - low + 1);
        field->mask = field->bits >= 64 ? ~0ull : (1ull << field->bits) - 1;
        return true;
    }
    return false;
}

static bool parse_type(parser_t *parser, const token_t *token, schema_field_t *field)
{
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (token_is(token, type_names[i])) {
            field->type = (field_type_t)i;
            return (field->type == FIELD_STR) == (field->bits == 96);
        }
    }
    for (size_t i = 0; i < parser->schema->enum_count; i++) {
        if (token_is(token, parser->schema->enums[i].name)) {
            field->type = FIELD_ENUM;
            field->values = &parser->schema->enums[i];
            return field->bits <= 64;
        }
    }
    return false;
}

static bool parse_field(parser_t *parser, u4_error_t *err)
{
    schema_event_t *event = parser->in_event;
    if (parser->count < 3 || parser->count > 4 || event->field_count == SCHEMA_MAX_FIELDS) {
        return bad(parser, err, "expected: PLACE[LOW:HIGH] NAME TYPE \"text\", at most 12 of them");
    }
    schema_field_t *field = &event->fields[event->field_count];
    if (!parse_place(&parser->tokens[0], field)) {
        return bad(parser, err, "no such place, or bits outside it");
    }
    if (!parse_type(parser, &parser->tokens[2], field)) {
        return bad(parser, err, "no type of this name above, or it does not fit the place");
    }
    field->name = token_text(parser, &parser->tokens[1]);
    field->text = parser->count == 4 ? token_text(parser, &parser->tokens[3]) : "";
    event->field_count++;
    return true;
}

static bool parse_line(parser_t *parser, const char *line, const char *end, u4_error_t *err)
{
    if (!split(parser, line, end)) {
        return bad(parser, err, "too many words, or a text without its closing \"");
    }
    if (parser->count == 0) {
        return true;
    }
    if (isspace((unsigned char)*line)) {
        if (parser->in_event) {
            return parse_field(parser, err);
        }
        if (parser->in_enum) {
            return parse_values(parser, 0, err);
        }
        return bad(parser, err, "an indented line belongs to an enum or an event");
    }
    parser->in_event = NULL;
    parser->in_enum = NULL;
    if (token_is(&parser->tokens[0], "class")) {
        return parse_class(parser, err);
    }
    if (token_is(&parser->tokens[0], "enum")) {
        return parse_enum(parser, err);
    }
    if (token_is(&parser->tokens[0], "event")) {
        return parse_event(parser, err);
    }
    return bad(parser, err, "expected class, enum or event");
}

static void free_parser(parser_t *parser)
{
    arena_free(&parser->arena);
    free(parser);
}

schema_t *schema_parse(const char *text, size_t length, u4_error_t *err)
{
    parser_t *parser = memory_new(1, sizeof(*parser));
    schema_t *schema = parser->schema = arena_alloc(&parser->arena, sizeof(*schema));
    schema->enums = arena_alloc(&parser->arena, MAX_ENUMS * sizeof(schema_enum_t));
    schema->text = arena_text(&parser->arena, text, length);
    schema->text_length = length;
    schema->hash = sha256_start(text, length);
    schema->unknown = (schema_event_t){
        .class_name = "unknown", .name = "unknown", .full_name = "unknown", .text = ""};
    schema->unknown.class_index = SCHEMA_MAX_CLASSES - 1;
    const char *at = text, *end = text + length;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        parser->line++;
        if (!parse_line(parser, at, stop, err)) {
            free_parser(parser);
            return NULL;
        }
        at = stop + 1;
    }
    if (schema->class_count == 0) {
        u4_fail(err, "event table: empty");
        free_parser(parser);
        return NULL;
    }
    schema->memory = parser;
    return schema;
}

void schema_free(schema_t *schema)
{
    if (schema && schema->memory) {
        free_parser(schema->memory);
    }
}

arena_t *schema_arena(schema_t *schema)
{
    return &((parser_t *)schema->memory)->arena;
}

const char *schema_type_name(field_type_t type)
{
    return type_names[type];
}

static schema_t *builtin;

static void make_builtin(void)
{
    u4_error_t err;
    builtin = schema_parse(schema_builtin_text, sizeof(schema_builtin_text) - 1, &err);
    if (!builtin) {
        abort(); /* generate.py and this parser disagree: a unit test shows it first */
    }
}

const schema_t *schema_builtin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_builtin);
    return builtin;
}
