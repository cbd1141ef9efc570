/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "u4trace/export.h"

static const char usage[] =
    "usage: u4 export [options] FILE\n"
    "\n"
    "Turns a trace into another program's format. Without -o, standard output.\n"
    "\n"
    "  -t, --to FORMAT    the format (also --format); default: by the end of the output's name\n"
    "      --to TIME      the same as --until\n"
    "  -o, --output FILE  where to; for ctf, a new directory\n"
    "  -O, --option LIST  options of the format, comma-separated\n"
    "  -f, --follow       go on while the trace is being written, until it is closed (also --live)\n"
    "  -l, --list         list the formats\n" INPUT_HELP;

static const exporter_t *find(const char *name)
{
    for (size_t i = 0; exporters[i]; i++) {
        if (strcmp(exporters[i]->name, name) == 0) {
            return exporters[i];
        }
    }
    return NULL;
}

static int list(void)
{
    for (size_t i = 0; exporters[i]; i++) {
        printf("%-10s %-18s %s\n", exporters[i]->name, exporters[i]->extension,
               exporters[i]->summary);
    }
    return 0;
}

static int run_export(input_t *input, const exporter_t *exporter, const char *output,
                      const char *options)
{
    u4_error_t err;
    if (exporter->directory && strcmp(output, "-") == 0) {
        return complain_usage("%s is a directory of files: give -o DIR", exporter->name);
    }
    if (exporter->binary && strcmp(output, "-") == 0 && isatty(STDOUT_FILENO)) {
        return complain_usage("%s is not for a terminal: give -o FILE", exporter->name);
    }
    void *self = exporter->open(output, options, &err);
    if (!self) {
        return complain("%s", err.text);
    }
    pipeline_add(input->pipeline, &exporter->sink, self, input->filter);
    int status = input_run(input);
    exporter->close(self);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"to", required_argument, NULL, 't'},
        {"format", required_argument, NULL, 't'},
        {"output", required_argument, NULL, 'o'},
        {"option", required_argument, NULL, 'O'},
        {"follow", no_argument, NULL, 'f'},
        {"live", no_argument, NULL, 'f'},
        {"list", no_argument, NULL, 'l'},
        INPUT_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    const char *name = NULL, *output = "-", *extra = NULL;
    input_t input = {0};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":t:o:O:flF:h", options, &status)) != -1) {
        switch (option) {
        case 't':
            if (isdigit((unsigned char)*optarg)) { /* no format begins with a digit */
                input.until_text = optarg;
            } else {
                name = optarg;
            }
            break;
        case 'o': output = optarg; break;
        case 'O': extra = optarg; break;
        case 'f': input.follow = true; break;
        case 'l': return list();
        default:
            if (!input_option(&input, option, optarg)) {
                return status;
            }
        }
    }
    const exporter_t *exporter = name ? find(name) : exporter_by_output(output);
    if (!exporter && name) {
        return complain_usage("no format '%s' (u4 export --list)", name);
    }
    if (!exporter) {
        return complain_usage("'%s' does not say which format: give --to (u4 export --list)",
                              output);
    }
    status = input_open(&input, argc - optind, argv + optind);
    if (status == 0) {
        status = run_export(&input, exporter, output, extra);
    }
    input_close(&input);
    return status;
}

const command_t command_export = {
    .name = "export",
    .summary = "turn a trace into another program's format",
    .usage = usage,
    .run = run,
};
