/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a trace file of what its standard input says, for tests that know what they want to see:
 *   ring N HART OWNER                  a program's ring (HART -); rings are harts' otherwise
 *   TICKS RING THREAD EVENT [FIELD=VALUE]...
 * VALUE is a number, the name of an enumeration's value, or a text. Exit status 0; 1: something
 * is wrong with the script; 3: the event table of this build lacks an event that it names.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "u4trace/u4t.h"

enum { RINGS = 16, LINE = 512, STATUS_UNKNOWN_EVENT = 3 };

typedef struct {
    uint32_t hart, owner;
    uint64_t position;
} ring_t;

static ring_t rings[RINGS];
static unsigned line_number;

static _Noreturn void die(int status, const char *what, const char *which)
{
    fprintf(stderr, "script: line %u: %s: %s\n", line_number, what, which);
    exit(status);
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (end == text || *end) {
        die(1, "expected a number", text);
    }
    return value;
}

static uint64_t value_of(const schema_field_t *field, const char *text)
{
    for (size_t i = 0; field->values && i < field->values->count; i++) {
        if (strcmp(field->values->values[i].name, text) == 0) {
            return field->values->values[i].number;
        }
    }
    return number(text);
}

static void set(trace_record_t *record, const schema_event_t *event, char *assignment)
{
    char *text = strchr(assignment, '=');
    if (!text) {
        die(1, "expected FIELD=VALUE", assignment);
    }
    *text++ = 0;
    const schema_field_t *field = schema_find_field(event, assignment);
    if (!field) {
        die(1, "no such field", assignment);
    }
    if (field->type == FIELD_STR) {
        memcpy(&record->b, text, strnlen(text, 12));
        return;
    }
    uint64_t word, value = value_of(field, text) & field->mask;
    char *at = (char *)record + (size_t)8 * field->word;
    memcpy(&word, at, sizeof(word));
    word = (word & ~(field->mask << field->shift)) | value << field->shift;
    memcpy(at, &word, sizeof(word));
}

static void put(u4t_writer_t *out, char *line)
{
    const char *const space = " \t\n";
    const char *ticks = strtok(line, space), *ring = strtok(NULL, space);
    const char *thread = strtok(NULL, space), *name = strtok(NULL, space);
    if (!name) {
        die(1, "expected TICKS RING THREAD EVENT", ticks);
    }
    const schema_event_t *event = schema_find_event(schema_builtin(), name);
    if (!event) {
        die(STATUS_UNKNOWN_EVENT, "no such event", name);
    }
    trace_record_t record = {
        .time = number(ticks), .event = event->id, .thread = (uint32_t)number(thread)};
    for (char *word = strtok(NULL, space); word; word = strtok(NULL, space)) {
        set(&record, event, word);
    }
    uint64_t n = number(ring) % RINGS;
    u4_error_t err;
    if (!u4t_write_records(out, (uint32_t)n, rings[n].hart, rings[n].owner, rings[n].position++,
                           &record, 1, &err)) {
        die(1, "cannot write", err.text);
    }
}

static void read_script(u4t_writer_t *out)
{
    char line[LINE], hart[16], owner[16];
    while (fgets(line, sizeof(line), stdin)) {
        unsigned n;
        line_number++;
        if (sscanf(line, "ring %u %15s %15s", &n, hart, owner) == 3 && n < RINGS) {
            rings[n].hart = *hart == '-' ? UINT32_MAX : (uint32_t)number(hart);
            rings[n].owner = (uint32_t)number(owner);
        } else if (line[0] != '#' && line[0] != '\n') {
            put(out, line);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: script FILE.u4t <SCRIPT\n", stderr);
        return 2;
    }
    u4_error_t err;
    trace_info_t info = {.timebase_hz = 10000000, .harts = RINGS, .status = -1, .machine = "none"};
    u4t_writer_t *out = u4t_create(argv[1], &info, schema_builtin(), 0, &err);
    if (!out) {
        die(1, "cannot write", err.text);
    }
    uint64_t emitted[RINGS];
    for (uint32_t i = 0; i < RINGS; i++) {
        rings[i].hart = i;
    }
    read_script(out);
    for (uint32_t i = 0; i < RINGS; i++) {
        emitted[i] = rings[i].position;
    }
    info.ended = true;
    info.status = 0;
    if (!u4t_finish(out, &info, emitted, RINGS, &err)) {
        die(1, "cannot write", err.text);
    }
    return 0;
}
