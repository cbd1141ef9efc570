/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that programs define themselves, added to a table. Programs number their events each for
 * itself; in the table every different event has an id of its own, from TRACE_OWN_FIRST on. The
 * text comes from the traced system and is believed no more than any other of its data.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "schema_private.h"
#include "u4trace/schema.h"

enum { MAX_TEXT = 160, MAX_NAME = 48 };

static bool printable(const char *text, size_t most, bool word)
{
    size_t length = 0;
    for (; text[length]; length++) {
        unsigned char c = (unsigned char)text[length];
        if (length == most || !(word ? isalnum(c) || c == '_' : c >= 0x20 && c < 0x7f)) {
            return false;
        }
    }
    return length > 0 || !word;
}

static bool acceptable(const schema_event_t *event)
{
    bool good = printable(event->name, MAX_NAME, true) && printable(event->text, MAX_TEXT, false);
    for (size_t i = 0; good && i < event->field_count; i++) {
        const schema_field_t *field = &event->fields[i];
        good = printable(field->name, MAX_NAME, true) && printable(field->text, MAX_TEXT, false) &&
               field->type != FIELD_ENUM;
    }
    return good;
}

static bool same_fields(const schema_event_t *a, const schema_event_t *b)
{
    bool same = a->field_count == b->field_count && strcmp(a->text, b->text) == 0;
    for (size_t i = 0; same && i < a->field_count; i++) {
        const schema_field_t *x = &a->fields[i], *y = &b->fields[i];
        same = strcmp(x->name, y->name) == 0 && x->place == y->place && x->low == y->low &&
               x->high == y->high && x->type == y->type;
    }
    return same;
}

static char *text_of(schema_t *schema, const char *text)
{
    return arena_text(schema_arena(schema), text, strlen(text));
}

/* Appends the event to the table's text, so that a file can carry it. */
static void append_text(schema_t *schema, const schema_event_t *event)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return;
    }
    fwrite(schema->text, 1, schema->text_length, out);
    fprintf(out, "event %u %s %s \"%s\"\n", event->id, event->class_name, event->name, event->text);
    for (size_t i = 0; i < event->field_count; i++) {
        const schema_field_t *field = &event->fields[i];
        fprintf(out, "  %s[%u:%u] %s %s", field->place, field->low, field->high, field->name,
                schema_type_name(field->type));
        fprintf(out, *field->text ? " \"%s\"\n" : "\n", field->text);
    }
    if (fclose(out) == 0) {
        schema->text = arena_text(schema_arena(schema), text, size);
        schema->text_length = size;
    }
    free(text);
}

/* Copies `from`, as event `id` of the class user, with a number behind its name if that is taken. */
static void copy_event(schema_t *schema, const schema_event_t *from, unsigned id, unsigned others)
{
    const schema_class_t *class = schema_find_class(schema, "user");
    schema_event_t *event = arena_alloc(schema_arena(schema), sizeof(*event));
    char name[MAX_NAME + 24], full[MAX_NAME + 32];
    *event = *from;
    snprintf(name, sizeof(name), others ? "%s_%u" : "%s", from->name, others + 1);
    snprintf(full, sizeof(full), "user.%s", name);
    event->id = (uint16_t)id;
    event->class_index = (uint8_t)(class - schema->classes);
    event->class_name = class->name;
    event->name = text_of(schema, name);
    event->full_name = text_of(schema, full);
    event->text = text_of(schema, from->text);
    for (size_t i = 0; i < event->field_count; i++) {
        event->fields[i].name = text_of(schema, from->fields[i].name);
        event->fields[i].text = text_of(schema, from->fields[i].text);
    }
    append_text(schema, event);
    __atomic_store_n(&schema->events[id], event, __ATOMIC_RELEASE);
}

/* The table's id of an event of a program's own; 0: no room. */
static uint16_t id_of(schema_t *schema, const schema_event_t *event)
{
    unsigned others = 0;
    const schema_event_t *builtin = schema_find_event(schema, event->full_name);
    others += builtin && builtin->id < TRACE_OWN_FIRST;
    for (unsigned id = TRACE_OWN_FIRST; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *there = schema->events[id];
        if (!there) {
            copy_event(schema, event, id, others);
            return (uint16_t)id;
        }
        size_t length = strlen(event->name);
        if (strncmp(there->name, event->name, length) == 0 &&
            (there->name[length] == 0 || there->name[length] == '_')) {
            if (same_fields(there, event)) {
                return (uint16_t)id;
            }
            others++;
        }
    }
    return 0;
}

bool schema_add_own(schema_t *schema, const char *text, size_t length, uint16_t ids[TRACE_OWN_MAX],
                    u4_error_t *err)
{
    static const char class[] = "class user \"\"\n";
    memset(ids, 0, TRACE_OWN_MAX * sizeof(ids[0]));
    if (!schema_find_class(schema, "user")) {
        return u4_fail(err, "event table: no class user for a program's own events");
    }
    arena_t scratch = {NULL};
    char *whole = arena_alloc(&scratch, sizeof(class) + length);
    memcpy(whole, class, sizeof(class) - 1);
    memcpy(whole + sizeof(class) - 1, text, length);
    schema_t *own = schema_parse(whole, sizeof(class) - 1 + length, err);
    arena_free(&scratch);
    if (!own) {
        return false;
    }
    for (unsigned i = 0; i < TRACE_OWN_MAX; i++) {
        const schema_event_t *event = own->events[TRACE_OWN_FIRST + i];
        if (event && acceptable(event)) {
            ids[i] = id_of(schema, event);
        }
    }
    schema_free(own);
    return true;
}

void schema_join(schema_t *schema, const schema_t *other, uint16_t ids[SCHEMA_MAX_EVENTS])
{
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = other->events[id];
        ids[id] = (uint16_t)id;
        if (event && id >= TRACE_OWN_FIRST) {
            ids[id] = acceptable(event) ? id_of(schema, event) : 0;
        }
    }
}

bool schema_grow(schema_t *schema, const char *text, size_t length, u4_error_t *err)
{
    if (length == schema->text_length && memcmp(text, schema->text, length) == 0) {
        return true; /* what a file begins with comes by again */
    }
    schema_t *newer = schema_parse(text, length, err);
    if (!newer || !schema_find_class(schema, "user")) {
        schema_free(newer);
        return newer != NULL;
    }
    for (unsigned id = TRACE_OWN_FIRST; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = newer->events[id];
        if (event && !schema->events[id] && acceptable(event)) {
            copy_event(schema, event, id, 0);
        }
    }
    schema_free(newer);
    return true;
}
