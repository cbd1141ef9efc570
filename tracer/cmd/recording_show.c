/* SPDX-License-Identifier: BSD-2-Clause */
/* What a recording says while it goes on, and at its end. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "recording.h"
#include "u4trace/format.h"

static void format_bytes(char text[32], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* Which record made a trigger act. */
static void print_trigger(const recording_t *r)
{
    const trace_trigger_t *t = &r->culprit;
    const trace_header_t *header = &r->attach.header;
    if (t->fired && header->timebase_hz) {
        fprintf(stderr, "u4 %s: triggered by %s on hart %u at %.9f s, record %" PRIu64 "\n",
                command_now->name, schema_event(r->attach.schema, t->record.event)->full_name,
                t->hart, (double)t->record.time / (double)header->timebase_hz, t->position);
    }
}

void recording_summary(const recording_t *r)
{
    char text[32];
    fprintf(stderr, "u4 %s: %s: %" PRIu64 " events, ", command_now->name, r->output,
            r->totals.events);
    if (r->totals.lost) {
        fprintf(stderr, "%" PRIu64 " LOST", r->totals.lost);
    } else {
        fputs("none lost", stderr);
    }
    if (r->totals.skipped) {
        fprintf(stderr, " (%" PRIu64 " before it began)", r->totals.skipped);
    }
    format_bytes(text, r->totals.bytes);
    fprintf(stderr, ", %s", text);
    if (r->paused_ns) {
        *format_duration(text, text + sizeof(text) - 1, r->paused_ns) = 0;
        fprintf(stderr, "; the guest stood still for %s at the beginning", text);
    }
    fputc('\n', stderr);
    print_trigger(r);
}

/* Appends what fits into the line; returns the new length. */
__attribute__((format(printf, 4, 5))) static size_t add(char *line, size_t used, size_t room,
                                                        const char *format, ...)
{
    char piece[96];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(piece, sizeof(piece), format, values);
    va_end(values);
    if (length < 0 || used + (size_t)length >= room) {
        return used;
    }
    memcpy(line + used, piece, (size_t)length + 1);
    return used + (size_t)length;
}

/* Events per second of each class, the busiest first, as many as fit: "ipc 1200/s sched 800/s". */
static size_t add_classes(recording_t *r, char *line, size_t used, size_t room, double interval)
{
    const schema_t *schema = r->attach.schema;
    uint64_t news[SCHEMA_MAX_CLASSES], sums[SCHEMA_MAX_CLASSES] = {0};
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        sums[schema_event(schema, id)->class_index] += r->totals.per_event[id];
    }
    for (size_t i = 0; i < SCHEMA_MAX_CLASSES; i++) {
        news[i] = sums[i] - r->shown[i];
        r->shown[i] = sums[i];
    }
    for (size_t shown = 0; shown < schema->class_count; shown++) {
        size_t most = 0;
        for (size_t i = 1; i < schema->class_count; i++) {
            most = news[i] > news[most] ? i : most;
        }
        if (news[most] == 0) {
            break;
        }
        used = add(line, used, room, "  %s %.0f/s", schema->classes[most].name,
                   (double)news[most] / interval);
        news[most] = 0;
    }
    return used;
}

void recording_progress(recording_t *r, double seconds, double interval)
{
    char line[512] = "", bytes[32];
    size_t room = terminal_width(STDERR_FILENO, 80);
    room = room < sizeof(line) ? room : sizeof(line);
    double rate = (double)(r->totals.events - r->shown_events) / interval;
    r->shown_events = r->totals.events;
    format_bytes(bytes, r->totals.bytes);
    size_t used = add(line, 0, room, "%.1f s  %" PRIu64 " events  %.0f/s  %s", seconds,
                      r->totals.events, rate, bytes);
    used = r->totals.lost ? add(line, used, room, "  %" PRIu64 " LOST", r->totals.lost)
                          : add(line, used, room, "  none lost");
    if (r->attached) {
        add_classes(r, line, used, room, interval);
    }
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}
