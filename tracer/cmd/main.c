/* SPDX-License-Identifier: BSD-2-Clause */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/* A new command is one line here and one file beside this one. */
static const command_t *const commands[] = {
    &command_run,   &command_record, &command_report, &command_stat, &command_export,
    &command_check, &command_events, &command_gdb,    &command_view, &command_caps,
    &command_why,   &command_merge,  &command_trace,  &command_fsck,
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const command_t *command_now;

static void print_help(FILE *to)
{
    fputs("usage: u4 COMMAND [options]\n"
          "\n"
          "Records and explains what a u4 kernel does, while it runs or afterwards.\n"
          "\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs("\n"
          "u4 COMMAND --help explains a command; u4(1) and u4-COMMAND(1) say more.\n",
          to);
}

/* For shell completion. */
static void print_commands(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        puts(commands[i]->name);
    }
}

static int run_command(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            command_now = commands[i];
            return commands[i]->run(argc, argv);
        }
    }
    fprintf(stderr, "u4: no command '%s' (u4 --help lists them)\n", name);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* writing to a closed pipe is an error like others */
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--commands") == 0) {
        print_commands();
        return 0;
    }
    if (strcmp(argv[1], "help") == 0) {
        if (argc > 2) {
            char help[] = "--help", *args[] = {argv[2], help, NULL};
            return run_command(argv[2], 2, args);
        }
        print_help(stdout);
        return 0;
    }
    return run_command(argv[1], argc - 1, argv + 1);
}
