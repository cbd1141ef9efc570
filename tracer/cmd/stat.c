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

static int print(const input_t *input, const stats_t *stats, bool json)
{
    u4_error_t err;
    const model_t *model = pipeline_model(input->pipeline);
    if (json) {
        if (!stat_print_json(stats, model, input->info, &err)) {
            return complain("%s", err.text);
        }
    } else {
        stat_print_text(stats, model, input->info, input->file, terminal_width(STDOUT_FILENO, 132));
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : complain("standard output: cannot write");
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        INPUT_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    input_t input = {0};
    bool json = false;
    int option, status = 0;
    while ((option = next_option(argc, argv, ":jF:h", options, &status)) != -1) {
        json |= option == 'j';
        if (option != 'j' && !input_option(&input, option, optarg)) {
            return status;
        }
    }
    status = input_open(&input, argc - optind, argv + optind);
    if (status == 0) {
        stats_t *stats = stats_new();
        pipeline_add(input.pipeline, &stats_sink, stats, input.filter);
        status = input_run(&input);
        status = status ? status : print(&input, stats, json);
        stats_free(stats);
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
