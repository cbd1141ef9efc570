/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "u4trace/u4t.h"

static const char usage[] =
    "usage: u4 events [options] [CLASS|EVENT...]\n"
    "\n"
    "Lists the classes and events that can be traced, with their fields.\n"
    "\n"
    "  -b, --brief        one line per event\n"
    "  -j, --json         for programs: an array of events\n"
    "  -i, --input FILE   those of a trace file instead of this tool's own\n"
    "      --mask LIST    print the mask words that --trace LIST means, and nothing else\n"
    "  -h, --help         this text\n";

static const char *type_name(const schema_field_t *field)
{
    static const char *const names[] = {
        [FIELD_UINT] = "number",     [FIELD_INT] = "signed number", [FIELD_HEX] = "hex",
        [FIELD_COUNTER] = "counter", [FIELD_ADDR] = "address",      [FIELD_BOOL] = "yes or no",
        [FIELD_CHAR] = "character",  [FIELD_STR] = "text",          [FIELD_OBJECT] = "object",
        [FIELD_THREAD] = "thread",   [FIELD_SLOT] = "slot",         [FIELD_LABEL] = "invocation",
        [FIELD_CPTR] = "cptr",       [FIELD_TICKS] = "ticks",
    };
    return field->type == FIELD_ENUM ? field->values->name : names[field->type];
}

static void print_event(const schema_event_t *event, bool brief)
{
    printf("  %-22s %3u  %s\n", event->full_name, event->id, event->text);
    for (size_t i = 0; !brief && i < event->field_count; i++) {
        const schema_field_t *field = &event->fields[i];
        printf("      %-12s %s%s%s\n", field->name, type_name(field), *field->text ? ": " : "",
               field->text);
        if (field->type != FIELD_ENUM || field->values->count > 20) {
            continue;
        }
        for (size_t v = 0; v < field->values->count; v++) {
            const schema_value_t *value = &field->values->values[v];
            printf("          %-18s%s%s\n", value->name, value->text && *value->text ? " " : "",
                   value->text ? value->text : "");
        }
    }
}

/* Programs' own events go with user.mark, as in the mask itself. */
static bool chosen(const schema_t *schema, const uint64_t mask[TRACE_MASK_WORDS], unsigned id)
{
    const schema_event_t *mark =
        id < TRACE_MAX_EVENTS ? NULL : schema_find_event(schema, "user.mark");
    id = mark ? mark->id : id;
    return id < TRACE_MAX_EVENTS && mask[id / 64] >> id % 64 & 1;
}

static void print_events(const schema_t *schema, const uint64_t mask[TRACE_MASK_WORDS], bool brief)
{
    for (size_t c = 0; c < schema->class_count; c++) {
        bool any = false;
        for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
            const schema_event_t *event = schema->events[id];
            if (!event || event->class_index != c || !chosen(schema, mask, id)) {
                continue;
            }
            if (!any) {
                printf("%s: %s\n", schema->classes[c].name, schema->classes[c].text);
                any = true;
            }
            print_event(event, brief);
        }
    }
}

static json_t *event_json(const schema_event_t *event)
{
    json_t *one = json_object(), *fields = json_array();
    for (size_t i = 0; i < event->field_count; i++) {
        const schema_field_t *field = &event->fields[i];
        json_t *f = json_object();
        json_object_set_new(f, "name", json_string(field->name));
        json_object_set_new(f, "type", json_string(type_name(field)));
        json_object_set_new(f, "text", json_string(field->text));
        if (field->type == FIELD_ENUM) {
            json_t *values = json_object();
            for (size_t v = 0; v < field->values->count; v++) {
                const schema_value_t *value = &field->values->values[v];
                json_object_set_new(values, value->name, json_integer((json_int_t)value->number));
            }
            json_object_set_new(f, "values", values);
        }
        json_array_append_new(fields, f);
    }
    json_object_set_new(one, "id", json_integer(event->id));
    json_object_set_new(one, "class", json_string(event->class_name));
    json_object_set_new(one, "name", json_string(event->full_name));
    json_object_set_new(one, "text", json_string(event->text));
    json_object_set_new(one, "fields", fields);
    return one;
}

static void print_json(const schema_t *schema, const uint64_t mask[TRACE_MASK_WORDS])
{
    json_t *events = json_array();
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        if (schema->events[id] && chosen(schema, mask, id)) {
            json_array_append_new(events, event_json(schema->events[id]));
        }
    }
    json_dumpf(events, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(events);
}

typedef enum { STYLE_FULL, STYLE_BRIEF, STYLE_JSON } style_t;

static int print_chosen(const schema_t *schema, char **names, style_t style)
{
    uint64_t mask[TRACE_MASK_WORDS] = {0}, one[TRACE_MASK_WORDS];
    u4_error_t err;
    if (!*names) {
        schema_mask(schema, "all", mask, &err);
    }
    for (; *names; names++) {
        if (!schema_mask(schema, *names, one, &err)) {
            return complain("%s", err.text);
        }
        for (size_t w = 0; w < TRACE_MASK_WORDS; w++) {
            mask[w] |= one[w];
        }
    }
    if (style == STYLE_JSON) {
        print_json(schema, mask);
    } else {
        print_events(schema, mask, style == STYLE_BRIEF);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : complain("standard output: cannot write");
}

static int print_mask(const schema_t *schema, const char *list)
{
    uint64_t mask[TRACE_MASK_WORDS];
    u4_error_t err;
    if (!schema_mask(schema, list, mask, &err)) {
        return complain("%s", err.text);
    }
    printf("0x%" PRIx64 ",0x%" PRIx64 ",0x%" PRIx64 ",0x%" PRIx64 "\n", mask[0], mask[1], mask[2],
           mask[3]);
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"brief", no_argument, NULL, 'b'},       {"json", no_argument, NULL, 'j'},
        {"input", required_argument, NULL, 'i'}, {"mask", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    style_t style = STYLE_FULL;
    const char *input = NULL, *list = NULL;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":bji:h", options, &status)) != -1) {
        switch (option) {
        case 'b': style = STYLE_BRIEF; break;
        case 'j': style = STYLE_JSON; break;
        case 'i': input = optarg; break;
        case 'm': list = optarg; break;
        default: return status;
        }
    }
    u4_error_t err;
    u4t_reader_t *reader = input ? u4t_open(input, &err) : NULL;
    if (input && !reader) {
        return complain("%s", err.text);
    }
    const schema_t *schema = reader ? u4t_schema(reader) : schema_builtin();
    status = list ? print_mask(schema, list) : print_chosen(schema, argv + optind, style);
    u4t_close(reader);
    return status;
}

const command_t command_events = {
    .name = "events",
    .summary = "list what can be traced",
    .usage = usage,
    .run = run,
};
