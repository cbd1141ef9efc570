/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that packets refer to by number: our own, the event table's, invocation labels. */
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "perfetto_sink.h"

#define TEXT_OF(symbol, text) text,
static const char *const category_texts[] = {PX_CATEGORIES(TEXT_OF)};
static const char *const name_texts[] = {PX_NAMES(TEXT_OF)};
static const char *const arg_texts[] = {PX_ARGS(TEXT_OF)};

#define FIELD_OF(symbol, event, field) {event, field},
static const schema_field_name_t field_names[PX_FIELD_COUNT] = {PX_FIELDS(FIELD_OF)};

static void register_own(px_t *s)
{
    for (int i = 0; i < CATEGORY_TOTAL; i++) {
        pf_register(&s->pf, &s->categories[i], F_EVENT_CATEGORIES, category_texts[i]);
    }
    for (int i = 0; i < NAME_TOTAL; i++) {
        pf_register(&s->pf, &s->names[i], F_EVENT_NAMES, name_texts[i]);
    }
    for (int i = 0; i < ARG_TOTAL; i++) {
        pf_register(&s->pf, &s->args[i], F_ANNOTATION_NAMES, arg_texts[i]);
    }
}

static void register_labels(px_t *s, uint32_t abi)
{
    for (uint32_t i = 0; i < PX_LABELS; i++) {
        const char *text = label_name(abi, i);
        if (text) {
            pf_register(&s->pf, &s->labels[i], F_EVENT_NAMES, text);
            pf_register(&s->pf, &s->label_texts[i], F_ANNOTATION_STRINGS, text);
        }
    }
}

/* One enumeration: names by number, for values below 256. */
static void register_enum(px_t *s, size_t index, const schema_enum_t *values)
{
    size_t size = 0;
    for (size_t i = 0; i < values->count; i++) {
        uint64_t number = values->values[i].number;
        size = number < 256 && number >= size ? number + 1 : size;
    }
    s->enums[index] = memory_new(size + 1, sizeof(pf_name_t));
    s->enum_names[index] = memory_new(size + 1, sizeof(pf_name_t));
    s->enum_sizes[index] = size;
    for (size_t i = 0; i < values->count; i++) {
        const schema_value_t *v = &values->values[i];
        if (v->number < size) {
            const char *text = v->text ? v->text : v->name;
            pf_register(&s->pf, &s->enums[index][v->number], F_ANNOTATION_STRINGS, text);
            pf_register(&s->pf, &s->enum_names[index][v->number], F_EVENT_NAMES, v->name);
        }
    }
}

static void register_enums(px_t *s, const schema_t *schema)
{
    size_t count = schema->enum_count;
    s->enums = memory_grow(s->enums, count + 1, sizeof(*s->enums));
    s->enum_names = memory_grow(s->enum_names, count + 1, sizeof(*s->enum_names));
    s->enum_sizes = memory_grow(s->enum_sizes, count + 1, sizeof(*s->enum_sizes));
    for (; s->enum_count < count; s->enum_count++) {
        register_enum(s, s->enum_count, &schema->enums[s->enum_count]);
    }
}

/* The name of a text: one per text and kind, however many events have it. */
static pf_name_t *shared_name(px_t *s, enum pf_interned_field kind, const char *text)
{
    for (pf_name_t *name = s->pf.names; name; name = name->next) {
        if (name->kind == kind && strcmp(name->text, text) == 0) {
            return name;
        }
    }
    pf_name_t *name = memory_new(1, sizeof(*name));
    pf_register(&s->pf, name, kind, text);
    return name;
}

void px_names_event(px_t *s, const schema_event_t *type)
{
    if (s->enum_count < s->schema->enum_count) {
        register_enums(s, s->schema);
    }
    s->event_names[type->id] = memory_new(1, sizeof(pf_name_t));
    pf_register(&s->pf, s->event_names[type->id], F_EVENT_NAMES, type->full_name);
    for (unsigned f = 0; f < type->field_count; f++) {
        s->event_args[type->id][f] = shared_name(s, F_ANNOTATION_NAMES, type->fields[f].name);
    }
    s->class_names[type->class_index] = shared_name(s, F_EVENT_CATEGORIES, type->class_name);
}

static void register_events(px_t *s, const schema_t *schema)
{
    for (size_t id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        if (schema->events[id]) {
            px_names_event(s, schema->events[id]);
        }
    }
}

static void register_paths(px_t *s)
{
    const schema_field_t *why = s->fields[FIELD_EXIT_WHY];
    for (unsigned i = 0; i < 32; i++) {
        const char *text = why->values ? schema_value_text(why->values, i) : NULL;
        if (i == 31) {
            snprintf(s->path_texts[i], sizeof(s->path_texts[i]), "fast");
        } else {
            snprintf(s->path_texts[i], sizeof(s->path_texts[i]), "slow%s%s",
                     text && *text ? ": " : "", text ? text : "");
        }
        pf_register(&s->pf, &s->paths[i], F_ANNOTATION_STRINGS, s->path_texts[i]);
    }
}

void px_names_init(px_t *s, const schema_t *schema, uint32_t abi)
{
    s->schema = schema;
    schema_find_fields(schema, field_names, PX_FIELD_COUNT, s->fields);
    register_own(s);
    register_labels(s, abi);
    register_paths(s);
    register_enums(s, schema);
    register_events(s, schema);
}

/* ---- texts with the name of a thread or object in them ---- */

static pf_name_t *make_text(px_t *s, px_text_t **text, const char *before, const char *between,
                            const char *behind)
{
    size_t size = strlen(before) + strlen(between) + strlen(behind) + 1;
    *text = memory_new(1, sizeof(**text) + size);
    snprintf((*text)->text, size, "%s%s%s", before, between, behind);
    pf_register(&s->pf, &(*text)->name, F_EVENT_NAMES, (*text)->text);
    return &(*text)->name;
}

pf_name_t *px_make_phrase(px_t *s, px_thread_t *x, enum px_phrase phrase)
{
    px_text_t **text = &x->phrases[phrase];
    switch (phrase) {
    case PHRASE_SERVED: return make_text(s, text, "served by ", x->name, "");
    case PHRASE_SERVE: return make_text(s, text, "serve ", x->name, "");
    case PHRASE_WAITS: return make_text(s, text, x->name, " waits", "");
    default: break;
    }
    bool signal = phrase >= PHRASE_SIGNAL;
    const schema_field_t *field = s->fields[signal ? FIELD_SIGNAL_OUTCOME : FIELD_TRANSFER_KIND];
    const pf_name_t *kind =
        px_enum_name(s, field, phrase - (signal ? PHRASE_SIGNAL : PHRASE_MESSAGE));
    const char *before = kind ? kind->text : signal ? "signal" : "message";
    return make_text(s, text, before, signal ? ", by " : " from ", x->name);
}

pf_name_t *px_make_wait(px_t *s, px_object_t *object, unsigned why, enum px_name wait)
{
    return make_text(s, &object->waits[why], s->names[wait].text, " at ", object->name);
}

void px_free_texts(px_text_t **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
}

void px_forget_texts(px_t *s, px_text_t **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i]) {
            pf_forget(&s->pf, &texts[i]->name);
        }
    }
    px_free_texts(texts, count);
}

static bool own(const pf_name_t *name, const pf_name_t *table, size_t count)
{
    return name >= table && name < table + count;
}

/* What shared_name() made is on the list of names and not ours; freed while the list is whole. */
static void free_shared(px_t *s)
{
    pf_name_t *next;
    for (pf_name_t *name = s->pf.names; name; name = next) {
        next = name->next;
        if ((name->kind == F_ANNOTATION_NAMES && !own(name, s->args, ARG_TOTAL)) ||
            (name->kind == F_EVENT_CATEGORIES && !own(name, s->categories, CATEGORY_TOTAL))) {
            pf_forget(&s->pf, name);
            free(name);
        }
    }
}

void px_names_free(px_t *s)
{
    free_shared(s);
    for (size_t i = 0; i < s->enum_count; i++) {
        free(s->enums[i]);
        free(s->enum_names[i]);
    }
    free(s->enums);
    free(s->enum_names);
    free(s->enum_sizes);
    for (size_t id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        free(s->event_names[id]);
    }
}

static pf_name_t *by_number(const px_t *s, pf_name_t **table, const schema_field_t *field,
                            uint64_t value)
{
    if (!field->values) {
        return NULL;
    }
    size_t index = (size_t)(field->values - s->schema->enums);
    if (index >= s->enum_count || value >= s->enum_sizes[index] || table[index][value].kind == 0) {
        return NULL;
    }
    return &table[index][value];
}

pf_name_t *px_enum_text(px_t *s, const schema_field_t *field, uint64_t value)
{
    return by_number(s, s->enums, field, value);
}

pf_name_t *px_enum_name(px_t *s, const schema_field_t *field, uint64_t value)
{
    return by_number(s, s->enum_names, field, value);
}
