/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, times and states in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "u4trace/format.h"

/* Threads by the name that they had: the model knows only those alive at the end. */
static char *put_field(const app_t *app, const row_t *row, const schema_field_t *field, char *at,
                       const char *end)
{
    if (field->type == FIELD_THREAD) {
        uint32_t ref = (uint32_t)schema_field(field, &row->record);
        const life_t *other = index_life(app->index, row->other);
        uint32_t uid = other && other->thread.ref == ref
                           ? row->other
                           : index_uid(app->index, ref, row->record.time);
        return uid ? format_text(at, end, index_name(app->index, uid)) : format_hex(at, end, ref);
    }
    return format_value(at, end, app->index->model, field, &row->record);
}

static bool says_nothing(const schema_field_t *field, const trace_record_t *record)
{
    bool reference =
        field->type == FIELD_OBJECT || field->type == FIELD_THREAD || field->type == FIELD_SLOT;
    if (field->type != FIELD_ENUM) {
        return reference && schema_field(field, record) == 0;
    }
    const char *text = schema_value_text(field->values, schema_field(field, record));
    return text && !*text;
}

void row_fields(const app_t *app, const row_t *row, char *text, size_t size)
{
    const schema_event_t *type = schema_event(app->schema, row->record.event);
    char *at = text;
    const char *end = text + size - 1;
    for (size_t i = 0; i < type->field_count; i++) {
        const schema_field_t *field = &type->fields[i];
        if (says_nothing(field, &row->record)) {
            continue;
        }
        at = at == text ? at : format_text(at, end, " ");
        at = format_text(at, end, field->name);
        at = format_text(at, end, "=");
        at = put_field(app, row, field, at, end);
    }
    if (type->id == 0) {
        at = format_text(at, end, "id=");
        at = format_uint(at, end, row->record.event);
    }
    *at = 0;
}

void row_text(const app_t *app, uint64_t event, char *text, size_t size)
{
    const row_t row = spool_row(&app->index->spool, event);
    char *at = text;
    const char *end = text + size - 1;
    at = format_time(at, end, app->index->model, row.record.time);
    at = format_text(at, end, " [");
    at = row.hart == 255 ? format_text(at, end, "-") : format_uint(at, end, row.hart);
    at = format_text(at, end, "] ");
    at = format_text(at, end, index_name(app->index, row.thread));
    at = format_text(at, end, " ");
    at = format_text(at, end, schema_event(app->schema, row.record.event)->full_name);
    at = format_text(at, end, " ");
    row_fields(app, &row, at, (size_t)(text + size - at));
}

void row_event(const app_t *app, const row_t *row, event_t *event)
{
    const life_t *thread = index_life(app->index, row->thread);
    const life_t *other = index_life(app->index, row->other);
    *event = (event_t){
        .record = &row->record,
        .type = schema_event(app->schema, row->record.event),
        .time = row->record.time,
        .position = row->position,
        .ring = row->ring,
        .hart = row->hart == 255 ? UINT32_MAX : row->hart,
        .effects = row->effects,
        .thread = thread ? (thread_t *)&thread->thread : NULL,
        .other = other ? (thread_t *)&other->thread : NULL,
        .cause = {.ring = EVENT_NONE},
        .waited = row->waited,
    };
}

/* The endpoint, notification or other object that an event is about; 0: none. */
uint32_t row_object(const app_t *app, const row_t *row)
{
    const schema_event_t *type = schema_event(app->schema, row->record.event);
    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].type == FIELD_OBJECT) {
            return (uint32_t)schema_field(&type->fields[i], &row->record);
        }
    }
    return 0;
}

bool row_badge(const app_t *app, const row_t *row, uint64_t *badge)
{
    const schema_field_t *field =
        schema_find_field(schema_event(app->schema, row->record.event), "badge");
    *badge = field ? schema_field(field, &row->record) : 0;
    return field != NULL;
}

void time_text(const app_t *app, uint64_t ticks, char *text, size_t size)
{
    *format_time(text, text + size - 1, app->index->model, ticks) = 0;
}

void ns_text(uint64_t ns, char *text, size_t size)
{
    *format_duration(text, text + size - 1, ns) = 0;
}

void duration_text(const app_t *app, uint64_t ticks, char *text, size_t size)
{
    ns_text(model_ns(app->index->model, ticks), text, size);
}

void budget_text(const share_t *share, char *text, size_t size)
{
    bool whole = share->budget_us % 1000 == 0 && share->period_us % 1000 == 0;
    uint64_t unit = whole ? 1000 : 1;
    const char *name = whole ? "ms" : "us";
    if (!share->period_us) {
        snprintf(text, size, "?");
    } else if (share->budget_us == share->period_us) {
        snprintf(text, size, "%" PRIu64 " %s", share->budget_us / unit, name);
    } else {
        snprintf(text, size, "%" PRIu64 "/%" PRIu64 " %s", share->budget_us / unit,
                 share->period_us / unit, name);
    }
}

void count_text(uint64_t count, char *text, size_t size)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t at = 0;
    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i && (length - i) % 3 == 0) {
            text[at++] = ',';
        }
        text[at++] = digits[i];
    }
    text[at] = 0;
}

style_t state_style(thread_state_t state)
{
    switch (state) {
    case THREAD_RUNNING: return STYLE_RUNNING;
    case THREAD_READY: return STYLE_READY;
    case THREAD_SENDING:
    case THREAD_CALLING: return STYLE_SENDING;
    case THREAD_RECEIVING: return STYLE_RECEIVING;
    case THREAD_REPLY: return STYLE_REPLY;
    case THREAD_NTFN: return STYLE_NTFN;
    case THREAD_FAULTED: return STYLE_FAULT;
    case THREAD_POSTPONED: return STYLE_WARNING;
    default: return STYLE_IDLE;
    }
}

style_t event_style(const app_t *app, unsigned event)
{
    static const struct {
        const char *name;
        style_t style;
    } classes[] = {{"ipc", STYLE_SENDING}, {"sched", STYLE_RUNNING}, {"ntfn", STYLE_NTFN},
                   {"fault", STYLE_FAULT}, {"irq", STYLE_READY},     {"user", STYLE_CONSOLE},
                   {"kernel", STYLE_DIM},  {"uintr", STYLE_NTFN},    {"cap", STYLE_REPLY}};
    const char *name = schema_event(app->schema, event)->class_name;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(classes[i].name, name) == 0) {
            return classes[i].style;
        }
    }
    return STYLE_NORMAL;
}
