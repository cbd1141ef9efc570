/* SPDX-License-Identifier: BSD-2-Clause */
#include "stat.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input.h"

static const char usage[] =
    "usage: u4 stat [options] FILE\n"
    "\n"
    "Sums a trace up: threads and what they waited for, messages with their latencies, signals,\n"
    "invocations and why they failed, faults, kernel entries, capabilities, lost records.\n"
    "With a filter, only matching events are counted; times of threads are always those of the\n"
    "whole trace.\n"
    "\n"
    "  -p, --parts        latencies in their parts, and why messages went the slow path\n"
    "  -e, --every TIME   instead of a summary, a line of rates for each such time of the guest's\n"
    "  -f, --follow       go on while the trace is being written, until it is closed\n"
    "  -j, --json         for programs\n" INPUT_HELP;

static const schema_enum_t *find_enum(const model_t *model, const char *name)
{
    for (size_t i = 0; i < model->schema->enum_count; i++) {
        if (strcmp(model->schema->enums[i].name, name) == 0) {
            return &model->schema->enums[i];
        }
    }
    return NULL;
}

const char *stat_value_name(const model_t *model, const char *enumeration, uint64_t value)
{
    const schema_enum_t *values = find_enum(model, enumeration);
    const schema_value_t *found = values ? schema_value(values, value) : NULL;
    return found ? found->name : "?";
}

const char *stat_value_text(const model_t *model, const char *enumeration, uint64_t value)
{
    const schema_enum_t *values = find_enum(model, enumeration);
    const char *text = values ? schema_value_text(values, value) : NULL;
    return text ? text : "?";
}

typedef struct {
    bool json, parts;
    uint64_t every_ns; /* 0: one summary at the end */
} stat_options_t;

static int print(const input_t *input, const stats_t *stats, const stat_options_t *options)
{
    u4_error_t err;
    stat_view_t view = {
        .stats = stats,
        .model = pipeline_model(input->pipeline),
        .info = input->info,
        .file = input->file,
        .width = terminal_width(STDOUT_FILENO, 0),
        .parts = options->parts,
    };
    if (!options->json) {
        stat_print_text(&view);
    } else if (!stat_print_json(stats, view.model, input->info, &err)) {
        return complain("%s", err.text);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : complain("standard output: cannot write");
}

static int sum_up(input_t *input, const stat_options_t *options)
{
    stats_t *stats = stats_new();
    pipeline_add(input->pipeline, &stats_sink, stats, input->filter);
    int status = input_run(input);
    status = status ? status : print(input, stats, options);
    stats_free(stats);
    return status;
}

static int show_rates(input_t *input, const stat_options_t *options)
{
    stat_rates_t *rates =
        stat_rates_new(options->every_ns, terminal_width(STDOUT_FILENO, 0), options->json);
    pipeline_add(input->pipeline, &stat_rates_sink, rates, input->filter);
    int status = input_run(input);
    stat_rates_free(rates);
    return status;
}

static int take_option(stat_options_t *options, input_t *input, int option)
{
    switch (option) {
    case 'j': options->json = true; return 0;
    case 'p': options->parts = true; return 0;
    case 'f': input->follow = true; return 0;
    case 'e':
        if (!parse_duration(optarg, &options->every_ns) || !options->every_ns) {
            return complain_usage("--every: expected a time such as 10ms, found '%s'", optarg);
        }
        return 0;
    default: return input_option(input, option, optarg) ? 0 : EXIT_USAGE;
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"parts", no_argument, NULL, 'p'},
        {"every", required_argument, NULL, 'e'},
        {"follow", no_argument, NULL, 'f'},
        INPUT_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    input_t input = {0};
    stat_options_t chosen = {0};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":jpfe:F:h", options, &status)) != -1) {
        if (option == '?' || (status = take_option(&chosen, &input, option)) != 0) {
            return status;
        }
    }
    status = input_open(&input, argc - optind, argv + optind);
    if (status == 0) {
        status = chosen.every_ns ? show_rates(&input, &chosen) : sum_up(&input, &chosen);
    }
    input_close(&input);
    return status;
}

const command_t command_stat = {
    .name = "stat",
    .summary = "sum a trace up: threads, messages, latencies, failures",
    .usage = usage,
    .run = run,
};
