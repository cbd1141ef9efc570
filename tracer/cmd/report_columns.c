/* SPDX-License-Identifier: BSD-2-Clause */
#include "report_columns.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "u4trace/explain.h"
#include "u4trace/format.h"

typedef enum {
    C_TIME,
    C_SINCE,
    C_DELTA,
    C_HART,
    C_RING,
    C_POSITION,
    C_THREAD,
    C_PROCESS,
    C_OTHER,
    C_CLASS,
    C_EVENT,
    C_WAITED,
    C_FIELDS,
    C_EXPLAIN,
    C_FIELD,
} column_kind_t;

static const struct {
    const char *name;
    size_t width;
} kinds[C_FIELD] = {
    [C_TIME] = {"time", 14},     [C_SINCE] = {"since", 14},     [C_DELTA] = {"delta", 9},
    [C_HART] = {"hart", 4},      [C_RING] = {"ring", 4},        [C_POSITION] = {"position", 8},
    [C_THREAD] = {"thread", 16}, [C_PROCESS] = {"process", 14}, [C_OTHER] = {"other", 16},
    [C_CLASS] = {"class", 7},    [C_EVENT] = {"event", 16},     [C_WAITED] = {"waited", 9},
    [C_FIELDS] = {"fields", 40}, [C_EXPLAIN] = {"explain", 40},
};

typedef struct {
    column_kind_t kind;
    const char *name;
    size_t width;
    const schema_field_t *fields[SCHEMA_MAX_EVENTS]; /* C_FIELD: by event; NULL: it has none */
} column_t;

struct columns {
    char *list; /* owns the names */
    size_t count;
    uint64_t last; /* time of the line before; 0: none */
    column_t column[COLUMNS_MAX];
};

static bool find_fields(column_t *column, const schema_t *schema)
{
    bool any = false;
    column->kind = C_FIELD;
    column->width = 10;
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = schema->events[id];
        column->fields[id] = event ? schema_find_field(event, column->name) : NULL;
        any |= column->fields[id] != NULL;
    }
    return any;
}

static bool take_name(column_t *column, const schema_t *schema, const char *name, u4_error_t *err)
{
    column->name = name;
    for (size_t i = 0; i < C_FIELD; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            column->kind = (column_kind_t)i;
            column->width = kinds[i].width;
            return true;
        }
    }
    return find_fields(column, schema) ||
           u4_fail(err,
                   "no column '%s': expected time, since, delta, hart, ring, position, thread,"
                   " process, other, class, event, waited, fields, explain, or a field of an"
                   " event (u4 events)",
                   name);
}

columns_t *columns_parse(const schema_t *schema, const char *list, u4_error_t *err)
{
    columns_t *columns = memory_new(1, sizeof(*columns));
    char *rest = columns->list = memory_strdup(list), *name;
    while ((name = strsep(&rest, ","))) {
        if (columns->count == COLUMNS_MAX) {
            u4_fail(err, "more than %d columns", COLUMNS_MAX);
            columns_free(columns);
            return NULL;
        }
        if (!take_name(&columns->column[columns->count++], schema, name, err)) {
            columns_free(columns);
            return NULL;
        }
    }
    return columns;
}

void columns_free(columns_t *columns)
{
    if (columns) {
        free(columns->list);
        free(columns);
    }
}

static char *pad(char *at, const char *end, const char *start, size_t width)
{
    while ((size_t)(at - start) < width && at < end) {
        *at++ = ' ';
    }
    return at;
}

char *columns_head(const columns_t *columns, char *at, const char *end)
{
    for (size_t i = 0; i < columns->count; i++) {
        char *start = at;
        at = format_text(at, end, columns->column[i].name);
        if (i + 1 < columns->count) {
            at = pad(at, end, start, columns->column[i].width);
            at = format_text(at, end, " ");
        }
    }
    return at;
}

static char *name_of(char *at, const char *end, const thread_t *thread)
{
    return format_text(at, end, thread ? thread->name : "-");
}

static char *field(char *at, const char *end, const column_t *column, const model_t *model,
                   const event_t *event)
{
    const schema_field_t *f = column->fields[event->record->event % SCHEMA_MAX_EVENTS];
    return f && event->type->id ? format_value(at, end, model, f, event->record)
                                : format_text(at, end, "-");
}

static char *cell(char *at, const char *end, const columns_t *columns, const column_t *column,
                  const model_t *model, const event_t *event)
{
    uint64_t ago = columns->last && event->time > columns->last ? event->time - columns->last : 0;
    switch (column->kind) {
    case C_TIME: return format_time(at, end, model, event->time);
    case C_SINCE: return format_time(at, end, model, event->time - model->first_time);
    case C_DELTA: return format_duration(at, end, model_ns(model, ago));
    case C_HART:
        return event->hart == UINT32_MAX ? format_text(at, end, "-")
                                         : format_uint(at, end, event->hart);
    case C_RING: return format_uint(at, end, event->ring);
    case C_POSITION: return format_uint(at, end, event->position);
    case C_THREAD: return name_of(at, end, event->thread);
    case C_PROCESS: return format_text(at, end, event->thread ? event->thread->process->name : "-");
    case C_OTHER: return name_of(at, end, event->other);
    case C_CLASS: return format_text(at, end, event->type->class_name);
    case C_EVENT: return format_text(at, end, event->type->full_name);
    case C_WAITED:
        return event->waited ? format_duration(at, end, model_ns(model, event->waited))
                             : format_text(at, end, "-");
    case C_FIELDS: return format_fields(at, end, model, event);
    case C_EXPLAIN: return explain_event(at, end, model, event);
    case C_FIELD: return field(at, end, column, model, event);
    }
    return at;
}

char *columns_line(columns_t *columns, char *at, const char *end, const model_t *model,
                   const event_t *event)
{
    for (size_t i = 0; i < columns->count; i++) {
        char *start = at;
        at = cell(at, end, columns, &columns->column[i], model, event);
        at = at == start ? format_text(at, end, "-") : at;
        if (i + 1 < columns->count) {
            at = pad(at, end, start, columns->column[i].width);
            at = format_text(at, end, " ");
        }
    }
    columns->last = event->time;
    return at;
}
