/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of the u4 command: each subcommand is one file with a command_t, and one line in
 * main.c. Exit statuses: 0 ok, 1 failed, 2 wrong usage.
 */
#ifndef TRACER_CMD_H
#define TRACER_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "u4trace/error.h"
#include "u4trace/schema.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct {
    const char *name;
    const char *summary; /* one line for u4 --help */
    const char *usage;   /* all of u4 NAME --help */
    int (*run)(int argc, char **argv);
} command_t;

extern const command_t command_run, command_record, command_report, command_stat, command_export,
    command_check, command_events, command_gdb, command_view, command_caps, command_why,
    command_merge, command_trace, command_fsck;

/* The command that runs, for messages. */
extern const command_t *command_now;

/* "u4 run: ..." on stderr; returns EXIT_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, with where to find the usage; returns EXIT_USAGE. */
int complain_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* getopt_long() with the command's own messages. -h, --help print the usage and set *status to 0;
 * a wrong option sets it to EXIT_USAGE. Returns the option, -1 at the end, '?' to return *status. */
int next_option(int argc, char **argv, const char *short_options, const struct option *options,
                int *status);

/* Numbers of options: decimal or 0x; sizes with K, M, G; durations with ns, us, ms, s (default
 * seconds). */
bool parse_uint(const char *text, uint64_t *value);
bool parse_size(const char *text, uint64_t *bytes);
bool parse_duration(const char *text, uint64_t *ns);

/* Colours for standard output: a terminal, and NO_COLOR not set. */
bool use_colour(void);

/* Columns of the terminal that `fd` is, `fallback` if it is none. */
unsigned terminal_width(int fd, unsigned fallback);

/* The monotonic clock. */
uint64_t now_ns(void);

#endif
