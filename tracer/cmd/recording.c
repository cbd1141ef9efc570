/* SPDX-License-Identifier: BSD-2-Clause */
#include "recording.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "memory.h"
#include "trace_info.h"

enum { EARLY_CONSOLE = 64 * 1024 };

bool recording_probe(const char *output, u4_error_t *err)
{
    struct stat status;
    bool existed = stat(output, &status) == 0;
    int fd = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        return u4_fail_errno(err, "%s: cannot write a trace there", output);
    }
    close(fd);
    if (!existed) {
        unlink(output);
    }
    return true;
}

static bool start(recording_t *r, u4_error_t *err)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    r->info.created = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    r->info.status = -1;
    trace_info_from(&r->info, &r->attach);
    r->writer = u4t_create(r->output, &r->info, r->attach.schema, r->level, err);
    if (!r->writer) {
        return false;
    }
    r->recorder = recorder_start(&r->attach, r->writer, r->from_boot, err);
    if (!r->recorder) {
        return false;
    }
    if (r->early_length) {
        recorder_console(r->recorder, r->early, r->early_length);
    }
    return true;
}

bool recording_try(recording_t *r, u4_error_t *err)
{
    if (r->attached || !r->source) {
        return true;
    }
    switch (attach_open(&r->attach, r->source, r->kernel, NULL, err)) {
    case ATTACH_EARLY: return true;
    case ATTACH_WRONG: return false;
    case ATTACH_READY: break;
    }
    r->attached = true;
    return !r->output || start(r, err);
}

void recording_console(recording_t *r, const char *text, size_t length)
{
    if (r->recorder) {
        recorder_console(r->recorder, text, length);
        return;
    }
    if (!r->output || r->early_length + length > EARLY_CONSOLE) {
        return;
    }
    r->early = memory_grow(r->early, r->early_length + length, 1);
    memcpy(r->early + r->early_length, text, length);
    r->early_length += length;
}

bool recording_watch(recording_t *r, uint64_t *state, u4_error_t *err)
{
    *state = TRACE_STATE_OFF;
    if (r->recorder) {
        *state = recorder_guest_state(r->recorder);
        return recorder_totals(r->recorder, &r->totals, err);
    }
    if (r->attached) {
        attach_poll(&r->attach);
        *state = r->attach.header.state;
    }
    return true;
}

bool recording_finish(recording_t *r, int status, u4_error_t *err)
{
    uint64_t emitted[ATTACH_MAX_RINGS];
    bool ok = true;
    if (r->recorder) {
        ok = recorder_stop(r->recorder, &r->totals, emitted, err);
        r->recorder = NULL;
    }
    r->info.status = status;
    if (r->attached) {
        attach_poll(&r->attach);
        attach_panic_text(&r->attach, r->info.panic);
    }
    if (r->writer) {
        u4_error_t own;
        bool closed =
            u4t_finish(r->writer, &r->info, emitted, r->attach.ring_count, ok ? err : &own);
        r->writer = NULL;
        ok = ok && closed;
    }
    return ok;
}

void recording_free(recording_t *r)
{
    u4_error_t ignored;
    recording_finish(r, -1, &ignored);
    if (r->attached) {
        attach_close(&r->attach);
    }
    kernel_close(r->kernel);
    source_close(r->source);
    free(r->early);
}

static void print_bytes(FILE *to, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    fprintf(to, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void print_lost(FILE *to, const recorder_totals_t *totals)
{
    if (totals->lost) {
        fprintf(to, "%" PRIu64 " LOST", totals->lost);
    } else {
        fputs("none lost", to);
    }
}

void recording_summary(const recording_t *r)
{
    fprintf(stderr, "u4 %s: %s: %" PRIu64 " events, ", command_now->name, r->output,
            r->totals.events);
    print_lost(stderr, &r->totals);
    if (r->totals.skipped) {
        fprintf(stderr, " (%" PRIu64 " before it began)", r->totals.skipped);
    }
    fputs(", ", stderr);
    print_bytes(stderr, r->totals.bytes);
    fputc('\n', stderr);
}

/* The classes that make most of the events: "ipc 40% sched 31% ..." */
static void print_classes(const recording_t *r)
{
    const schema_t *schema = r->attach.schema;
    uint64_t sums[SCHEMA_MAX_CLASSES] = {0};
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        sums[schema_event(schema, id)->class_index] += r->totals.per_event[id];
    }
    for (unsigned shown = 0; shown < 3 && r->totals.events; shown++) {
        size_t most = 0;
        for (size_t i = 1; i < schema->class_count; i++) {
            most = sums[i] > sums[most] ? i : most;
        }
        if (sums[most] == 0) {
            break;
        }
        fprintf(stderr, "  %s %.0f%%", schema->classes[most].name,
                100.0 * (double)sums[most] / (double)r->totals.events);
        sums[most] = 0;
    }
}

void recording_progress(const recording_t *r, double seconds, double per_second)
{
    fprintf(stderr, "\r\033[K%.1f s  %" PRIu64 " events  %.0f/s  ", seconds, r->totals.events,
            per_second);
    print_bytes(stderr, r->totals.bytes);
    fputs("  ", stderr);
    print_lost(stderr, &r->totals);
    if (terminal_width(STDERR_FILENO, 80) >= 100 && r->attached) {
        print_classes(r);
    }
    fflush(stderr);
}
