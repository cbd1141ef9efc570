/* SPDX-License-Identifier: BSD-2-Clause */
/* Look-ups in an event table. */
#include "u4trace/schema.h"

#include <ctype.h>
#include <string.h>

const schema_event_t *schema_find_event(const schema_t *schema, const char *name)
{
    const schema_event_t *found = NULL;
    for (size_t i = 0; i < SCHEMA_MAX_EVENTS; i++) {
        const schema_event_t *event = schema->events[i];
        if (!event) {
            continue;
        }
        if (strcmp(event->full_name, name) == 0) {
            return event;
        }
        if (strcmp(event->name, name) == 0) {
            if (found) {
                return NULL; /* two classes have it */
            }
            found = event;
        }
    }
    return found;
}

const schema_class_t *schema_find_class(const schema_t *schema, const char *name)
{
    for (size_t i = 0; i < schema->class_count; i++) {
        if (strcmp(schema->classes[i].name, name) == 0) {
            return &schema->classes[i];
        }
    }
    return NULL;
}

const schema_field_t *schema_find_field(const schema_event_t *event, const char *name)
{
    for (size_t i = 0; i < event->field_count; i++) {
        if (strcmp(event->fields[i].name, name) == 0) {
            return &event->fields[i];
        }
    }
    return NULL;
}

const schema_field_t schema_no_field;

void schema_find_fields(const schema_t *schema, const schema_field_name_t *names, size_t count,
                        const schema_field_t **fields)
{
    for (size_t i = 0; i < count; i++) {
        const schema_event_t *event = schema_find_event(schema, names[i].event);
        const schema_field_t *field = event ? schema_find_field(event, names[i].field) : NULL;
        fields[i] = field ? field : &schema_no_field;
    }
}

/* One word of a list: adds its events' bits to `bits`. */
static bool mask_of_word(const schema_t *schema, const char *word, uint64_t bits[TRACE_MASK_WORDS])
{
    const schema_class_t *class = schema_find_class(schema, word);
    if (class) {
        memcpy(bits, class->mask, sizeof(class->mask));
        return true;
    }
    if (strcmp(word, "all") == 0) {
        for (size_t i = 0; i < schema->class_count; i++) {
            for (size_t w = 0; w < TRACE_MASK_WORDS; w++) {
                bits[w] |= schema->classes[i].mask[w];
            }
        }
        return true;
    }
    if (strcmp(word, "default") == 0) { /* what may be secret is by choice only */
        const schema_class_t *secret = schema_find_class(schema, "content");
        mask_of_word(schema, "all", bits);
        for (size_t w = 0; secret && w < TRACE_MASK_WORDS; w++) {
            bits[w] &= ~secret->mask[w];
        }
        return true;
    }
    const schema_event_t *event = schema_find_event(schema, word);
    if (event && event->id >= TRACE_MAX_EVENTS) {
        return mask_of_word(schema, "user.mark", bits); /* programs' own events go together */
    }
    if (event) {
        bits[event->id / 64] |= 1ull << (event->id % 64);
    }
    return event || strcmp(word, "none") == 0;
}

bool schema_mask_change(const schema_t *schema, const char *list, uint64_t mask[TRACE_MASK_WORDS],
                        u4_error_t *err)
{
    while (*list) {
        size_t length = strcspn(list, ",");
        bool remove = *list == '-', sign = remove || *list == '+';
        char word[64];
        if (length - sign >= sizeof(word)) {
            return u4_fail(err, "'%.60s...': no class or event has such a long name", list);
        }
        memcpy(word, list + sign, length - sign);
        word[length - sign] = 0;
        uint64_t bits[TRACE_MASK_WORDS] = {0};
        if (!mask_of_word(schema, word, bits)) {
            return u4_fail(err, "'%s' is neither a class nor an event (see u4 events)", word);
        }
        for (size_t w = 0; w < TRACE_MASK_WORDS; w++) {
            mask[w] = remove ? mask[w] & ~bits[w] : mask[w] | bits[w];
        }
        list += length + (list[length] == ',');
    }
    return true;
}

bool schema_mask(const schema_t *schema, const char *list, uint64_t mask[TRACE_MASK_WORDS],
                 u4_error_t *err)
{
    memset(mask, 0, TRACE_MASK_WORDS * sizeof(mask[0]));
    if (*list == '-') { /* "-irq": the usual ones but irq */
        mask_of_word(schema, "default", mask);
    }
    return schema_mask_change(schema, list, mask, err);
}

void schema_field_str(const schema_field_t *field, const trace_record_t *record, char text[13])
{
    memcpy(text, (const char *)record + 8 * field->word + field->shift / 8, 12);
    text[12] = 0;
    for (char *c = text; *c; c++) {
        if (!isprint((unsigned char)*c)) {
            *c = '?';
        }
    }
}

const schema_value_t *schema_value(const schema_enum_t *values, uint64_t number)
{
    /* Values mostly count up from 0. */
    if (number < values->count && values->values[number].number == number) {
        return &values->values[number];
    }
    for (size_t i = 0; i < values->count; i++) {
        if (values->values[i].number == number) {
            return &values->values[i];
        }
    }
    return NULL;
}

const char *schema_value_text(const schema_enum_t *values, uint64_t number)
{
    const schema_value_t *value = schema_value(values, number);
    return !value ? NULL : value->text ? value->text : value->name;
}
