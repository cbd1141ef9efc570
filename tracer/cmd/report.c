/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "memory.h"
#include "report_columns.h"
#include "u4trace/explain.h"
#include "u4trace/format.h"

static const char usage[] =
    "usage: u4 report [options] FILE\n"
    "\n"
    "Prints a trace, one event per line: time in seconds, hart, current thread, event, fields.\n"
    "Places where records were lost are lines of their own.\n"
    "\n"
    "  -C, --columns LIST what of each event, e.g. time,delta,thread,event,endpoint,badge: time,\n"
    "                     since (the start), delta, hart, ring, position, thread, process, other,\n"
    "                     class, event, waited, fields, explain, and any event's fields\n"
    "  -f, --follow       go on while the trace is being written, until it is closed\n"
    "  -n, --events N     stop after N events\n"
    "  -c, --console      the guest's console text, too, where it came\n" INPUT_HELP;

enum { BUFFER = 256 * 1024 };

typedef struct {
    char *at, *end;
    char *buffer;
    uint64_t left; /* events still wanted */
    bool failed;
    bool console;
    columns_t *columns; /* NULL: the usual line */
    bool closed;        /* the reader of our output has gone */
    char line[512];     /* of the console, not yet whole */
    size_t line_length;
    uint64_t line_time;
} report_t;

static bool flush(report_t *report)
{
    const char *from = report->buffer;
    while (from < report->at && !report->failed) {
        ssize_t done = write(STDOUT_FILENO, from, (size_t)(report->at - from));
        if (done < 0 && errno != EINTR) {
            report->failed = true;
            report->closed = errno == EPIPE;
        } else if (done > 0) {
            from += done;
        }
    }
    report->at = report->buffer;
    return !report->failed;
}

static char *pad(char *at, const char *end, const char *start, size_t width)
{
    while ((size_t)(at - start) < width && at < end) {
        *at++ = ' ';
    }
    return at;
}

static bool output_error(const report_t *report, u4_error_t *err)
{
    err->text[0] = 0; /* head(1) has seen enough: no error */
    return report->closed ? false : u4_fail(err, "standard output: cannot write");
}

static char *usual_line(char *start, const char *end, const model_t *model, const event_t *event)
{
    char *at = format_time(start, end, model, event->time);
    at = format_text(at, end, " [");
    at = event->hart == UINT32_MAX ? format_text(at, end, "-") : format_uint(at, end, event->hart);
    at = format_text(at, end, "] ");
    char *column = at;
    at = event->thread ? format_text(at, end, event->thread->name) : format_text(at, end, "-");
    at = pad(at, end, column, 16);
    *at++ = ' ';
    column = at;
    at = format_text(at, end, event->type->full_name);
    at = pad(at, end, column, 16);
    *at++ = ' ';
    at = format_fields(at, end, model, event);
    char *said = format_text(at, end, "  # ");
    char *after = explain_event(said, end, model, event);
    return after == said ? at : after;
}

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    report_t *report = self;
    if (report->left == 0) {
        err->text[0] = 0;
        return false;
    }
    if (report->end - report->at < COLUMNS_ROOM && !flush(report)) {
        return output_error(report, err);
    }
    report->left--;
    const char *end = report->end - 1;
    char *start = report->at;
    char *at = report->columns ? columns_line(report->columns, start, end, model, event)
                               : usual_line(start, end, model, event);
    while (at > start && at[-1] == ' ') {
        at--;
    }
    *at++ = '\n';
    report->at = at;
    return true;
}

static void on_loss(void *self, const model_t *model, const loss_t *loss)
{
    report_t *report = self;
    if (report->left == 0 || (report->end - report->at < COLUMNS_ROOM && !flush(report))) {
        return;
    }
    char *at = report->at, *end = report->end - 1;
    at = format_time(at, end, model, loss->until);
    at = format_text(at, end, " [");
    at = loss->hart == UINT32_MAX ? format_text(at, end, "-") : format_uint(at, end, loss->hart);
    at = format_text(at, end, "] --- ");
    at = format_uint(at, end, loss->count);
    at = format_text(at, end, " records lost since ");
    at = format_time(at, end, model, loss->after);
    at = format_text(at, end, " ---");
    *at++ = '\n';
    report->at = at;
}

static void print_line(report_t *report, const model_t *model)
{
    if (report->end - report->at < COLUMNS_ROOM && !flush(report)) {
        return;
    }
    char *at = report->at, *end = report->end - 1;
    at = format_time(at, end, model, report->line_time);
    at = format_text(at, end, " [console] ");
    memcpy(at, report->line, report->line_length);
    at += report->line_length;
    *at++ = '\n';
    report->at = at;
    report->line_length = 0;
}

/* The console comes in pieces of any size; each of its lines is a line of the report. */
static void on_console(void *self, const model_t *model, const console_t *console)
{
    report_t *report = self;
    for (size_t i = 0; report->console && report->left && i < console->length; i++) {
        char c = console->text[i];
        if (report->line_length == 0) {
            report->line_time = console->guest_time;
        }
        if ((c == '\n' && report->line_length) || report->line_length == sizeof(report->line)) {
            print_line(report, model);
        }
        if (c != '\r' && c != '\n') {
            report->line[report->line_length++] = (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c;
        }
    }
}

static void on_idle(void *self, const model_t *model)
{
    (void)model;
    flush(self);
}

static bool on_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    report_t *report = self;
    if (report->line_length) {
        print_line(report, model);
    }
    flush(report);
    if (report->failed && !report->closed) {
        return output_error(report, err);
    }
    if (info->panic[0]) {
        fprintf(stderr, "u4 report: the kernel panicked: %s\n", info->panic);
    }
    return true;
}

static const sink_ops_t report_sink = {
    .name = "report",
    .event = on_event,
    .loss = on_loss,
    .console = on_console,
    .idle = on_idle,
    .end = on_end,
};

/* And begins the output, by their head. */
static int choose_columns(report_t *report, const input_t *input, const char *list)
{
    u4_error_t err;
    report->buffer = report->at = memory_new(1, BUFFER);
    report->end = report->buffer + BUFFER;
    if (!list) {
        return 0;
    }
    report->columns = columns_parse(input->schema, list, &err);
    if (!report->columns) {
        return complain_usage("--columns: %s", err.text);
    }
    report->at = columns_head(report->columns, report->at, report->end - 1);
    *report->at++ = '\n';
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"follow", no_argument, NULL, 'f'},
        {"events", required_argument, NULL, 'n'},
        {"console", no_argument, NULL, 'c'},
        {"columns", required_argument, NULL, 'C'},
        INPUT_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    input_t input = {0};
    report_t report = {.left = UINT64_MAX};
    const char *columns = NULL;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":fn:cC:F:h", options, &status)) != -1) {
        if (option == 'n' && !parse_uint(optarg, &report.left)) {
            return complain_usage("--events: expected a number, found '%s'", optarg);
        }
        report.console |= option == 'c';
        input.follow |= option == 'f';
        columns = option == 'C' ? optarg : columns;
        if (!input_option(&input, option, optarg) && !strchr("nfcC", option)) {
            return status;
        }
    }
    status = input_open(&input, argc - optind, argv + optind);
    status = status ? status : choose_columns(&report, &input, columns);
    if (status == 0) {
        pipeline_add(input.pipeline, &report_sink, &report, input.filter);
        status = input_run(&input);
    }
    columns_free(report.columns);
    free(report.buffer);
    input_close(&input);
    return status;
}

const command_t command_report = {
    .name = "report",
    .summary = "print a trace as text, one event per line",
    .usage = usage,
    .run = run,
};
