/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What report, stat and export read: a trace file, or (--ram) a guest's memory, live or not. The
 * filter options are the same for all of them.
 */
#ifndef TRACER_INPUT_H
#define TRACER_INPUT_H

#include "cmd.h"
#include "u4trace/filter.h"
#include "u4trace/pipeline.h"
#include "u4trace/u4t.h"

typedef struct {
    const char *file;
    const char *ram, *kernel; /* instead of a file: memory, core or image, and the kernel's ELF */
    const char *filter_text;
    const char *from_text, *until_text;
    uint64_t from_ns, until_ns; /* since the first record */
    u4t_reader_t *reader;
    struct memory_input *memory;
    const schema_t *schema;
    const trace_info_t *info;
    filter_t *filter;
    pipeline_t *pipeline;
    bool follow; /* the file may still grow: go on until it is closed */
    unsigned quiet_ms;
} input_t;

/* getopt_long entries and help lines of the options that all of them have. */
#define INPUT_OPTIONS \
    {"filter", required_argument, NULL, 'F'}, {"from", required_argument, NULL, 'A'}, \
        {"until", required_argument, NULL, 'B'}, {"ram", required_argument, NULL, 'R'}, \
        {"kernel", required_argument, NULL, 'K'}, \
    { \
        "help", no_argument, NULL, 'h' \
    }
#define INPUT_HELP \
    "  -F, --filter EXPR  only events that match, e.g. 'class==ipc && thread==\"fs\"'\n" \
    "      --from TIME    only what happened from this time after the trace's start on, e.g. 1.5ms\n" \
    "      --until TIME   only what happened before this time after the trace's start\n" \
    "      --ram FILE     read rings out of guest memory (RAM file, image or ELF core)\n" \
    "      --kernel ELF   the kernel in that memory\n" \
    "  -h, --help         this text\n"

/* Takes an option if it is one of INPUT_OPTIONS. */
bool input_option(input_t *input, int option, const char *value);

/* Opens what the options and `argv` (one file, or none with --ram) say. 0, or an exit status
 * after a message. */
int input_open(input_t *input, int argc, char **argv);

/* Runs everything through the pipeline; tells on stderr what is missing. */
int input_run(input_t *input);
void input_close(input_t *input);

/* input_memory.c */
struct memory_input *memory_input_open(const char *ram, const char *kernel, u4_error_t *err);
const schema_t *memory_input_schema(const struct memory_input *memory);
const trace_info_t *memory_input_info(const struct memory_input *memory);
bool memory_input_run(struct memory_input *memory, pipeline_t *pipeline, u4_error_t *err);
void memory_input_close(struct memory_input *memory);

#endif
