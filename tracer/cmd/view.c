/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "viewer/viewer.h"

static const char usage[] =
    "usage: u4 view [options] FILE\n"
    "\n"
    "Shows a trace in the terminal: timeline, events, threads, objects, messages, console. F1 helps.\n"
    "When standard output is not a terminal, prints the tables as text.\n"
    "\n"
    "  -f, --follow       the trace is being written (u4 run --record): follow its end\n"
    "  -F, --filter EXPR  list only events that match, e.g. 'class==ipc && thread==\"fs\"'\n"
    "  -v, --view NAME    begin with this view\n"
    "      --colour WHICH auto (default), mono, 16, 256, light; NO_COLOR is honoured\n"
    "      --ascii        no characters beyond ASCII\n"
    "      --config FILE  commands to begin with; default ~/.config/u4/view.conf if it is there\n"
    "  -h, --help         this text\n";

static const char *default_config(char *path, size_t size)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && *base) {
        snprintf(path, size, "%s/u4/view.conf", base);
    } else {
        snprintf(path, size, "%s/.config/u4/view.conf", home ? home : "");
    }
    return access(path, R_OK) == 0 ? path : NULL;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"follow", no_argument, NULL, 'f'},     {"filter", required_argument, NULL, 'F'},
        {"view", required_argument, NULL, 'v'}, {"colour", required_argument, NULL, 'C'},
        {"ascii", no_argument, NULL, 'A'},      {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    char path[4200];
    viewer_options_t view = {.config = default_config(path, sizeof(path)),
                             .plain = !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":fF:v:h", options, &status)) != -1) {
        switch (option) {
        case 'f': view.follow = true; break;
        case 'F': view.filter = optarg; break;
        case 'v': view.view = optarg; break;
        case 'A': view.ascii = true; break;
        case 'C':
            if (!screen_scheme_named(optarg, &view.scheme)) {
                return complain_usage("--colour: auto, mono, 16, 256 or light, not '%s'", optarg);
            }
            break;
        case 'c':
            view.config = optarg;
            if (access(optarg, R_OK) != 0) {
                return complain("%s: cannot read it", optarg);
            }
            break;
        default: return status;
        }
    }
    if (optind != argc - 1) {
        return complain_usage(optind < argc ? "one trace file" : "which trace file?");
    }
    view.file = argv[optind];
    u4_error_t err;
    return viewer_run(&view, &err) ? 0 : complain("%s", err.text);
}

const command_t command_view = {
    .name = "view",
    .summary = "show a trace in the terminal, live or afterwards",
    .usage = usage,
    .run = run,
};
