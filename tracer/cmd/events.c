/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
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

static int print_chosen(const schema_t *schema, char **names, bool brief)
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
    print_events(schema, mask, brief);
    return fflush(stdout) == 0 ? 0 : complain("standard output: cannot write");
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
        {"brief", no_argument, NULL, 'b'},
        {"input", required_argument, NULL, 'i'},
        {"mask", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool brief = false;
    const char *input = NULL, *list = NULL;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":bi:h", options, &status)) != -1) {
        switch (option) {
        case 'b': brief = true; break;
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
    status = list ? print_mask(schema, list) : print_chosen(schema, argv + optind, brief);
    u4t_close(reader);
    return status;
}

const command_t command_events = {
    .name = "events",
    .summary = "list what can be traced",
    .usage = usage,
    .run = run,
};
