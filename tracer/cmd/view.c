/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "view_live.h"

static const char usage[] =
    "usage: u4 view [options] FILE\n"
    "       u4 view --live [options] [GUEST]\n"
    "\n"
    "Shows a trace in the terminal: timeline, events, threads, objects, messages, console. F1 helps.\n"
    "When standard output is not a terminal, prints the tables as text.\n"
    "With --live, of a guest that runs: GUEST is a name or process id of one that u4 run has\n"
    "started; with one such guest it can be left out.\n"
    "\n"
    "  -f, --follow       the trace is being written (u4 run --record): follow its end\n"
    "  -F, --filter EXPR  list only events that match, e.g. 'class==ipc && thread==\"fs\"'\n"
    "  -v, --view NAME    begin with this view\n"
    "      --colour WHICH auto (default), mono, 16, 256, light; NO_COLOR is honoured\n"
    "      --ascii        no characters beyond ASCII\n"
    "      --config FILE  commands to begin with; default ~/.config/u4/view.conf if it is there\n"
    "  -r, --restore      begin where this trace was left\n"
    "      --print-config print all settings as a configuration file\n"
    "  -l, --live         attach to a guest and view its trace while it runs\n"
    "  -o, --output FILE  with --live: keep the trace there\n"
    "  -t, --trace LIST   with --live: what to trace, see u4 record\n"
    "      --ram FILE     with --live: the guest's RAM file, for a QEMU that was started by hand\n"
    "      --kernel ELF   with --live: the kernel or image that it runs\n"
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

enum { OPT_COLOUR = 256, OPT_ASCII, OPT_CONFIG, OPT_RAM, OPT_KERNEL, OPT_PRINT };

typedef struct {
    viewer_options_t view;
    view_live_t live;
    bool is_live, prints;
    const char *only_live; /* an option that goes with --live */
} view_t;

static int take_option(view_t *v, int option)
{
    running_t *running = &v->live.running;
    switch (option) {
    case 'f': v->view.follow = true; break;
    case 'F': v->view.filter = optarg; break;
    case 'v': v->view.view = optarg; break;
    case 'r': v->view.restore = true; break;
    case OPT_PRINT: v->prints = true; break;
    case 'l': v->is_live = true; break;
    case 'o': running->recording.output = v->only_live = optarg; break;
    case 't': running->trace = v->only_live = optarg; break;
    case OPT_RAM: running->ram = v->only_live = optarg; break;
    case OPT_KERNEL: running->kernel = v->only_live = optarg; break;
    case OPT_ASCII: v->view.ascii = true; break;
    case OPT_COLOUR:
        if (!screen_scheme_named(optarg, &v->view.scheme)) {
            return complain_usage("--colour: auto, mono, 16, 256 or light, not '%s'", optarg);
        }
        break;
    default: /* OPT_CONFIG */
        v->view.config = optarg;
        if (access(optarg, R_OK) != 0) {
            return complain("%s: cannot read it", optarg);
        }
    }
    return 0;
}

static int view_file(view_t *v, int argc, char **argv)
{
    u4_error_t err;
    if (argc != 1) {
        return complain_usage(argc ? "one trace file" : "which trace file? (or --live)");
    }
    v->view.file = argv[0];
    return viewer_run(&v->view, &err) ? 0 : complain("%s", err.text);
}

static int view_guest(view_t *v, int argc, char **argv)
{
    u4_error_t err;
    if (argc > 1 || (v->live.running.ram && argc)) {
        return complain_usage("one guest, or --ram");
    }
    v->live.running.guest = argc ? argv[0] : NULL;
    bool ok = view_live_open(&v->live, &err);
    if (ok) {
        v->view.file = v->live.running.recording.output;
        v->view.temporary = v->live.temporary;
        v->view.guest = &v->live.guest;
        v->view.follow = true;
        ok = viewer_run(&v->view, &err);
    }
    view_live_close(&v->live);
    return ok ? 0 : complain("%s", err.text);
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"follow", no_argument, NULL, 'f'},
        {"filter", required_argument, NULL, 'F'},
        {"view", required_argument, NULL, 'v'},
        {"restore", no_argument, NULL, 'r'},
        {"print-config", no_argument, NULL, OPT_PRINT},
        {"live", no_argument, NULL, 'l'},
        {"output", required_argument, NULL, 'o'},
        {"trace", required_argument, NULL, 't'},
        {"colour", required_argument, NULL, OPT_COLOUR},
        {"ascii", no_argument, NULL, OPT_ASCII},
        {"config", required_argument, NULL, OPT_CONFIG},
        {"ram", required_argument, NULL, OPT_RAM},
        {"kernel", required_argument, NULL, OPT_KERNEL},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static view_t v;
    char path[4200];
    v = (view_t){.view = {.config = default_config(path, sizeof(path)),
                          .plain = !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)}};
    int option, status = 0;
    while ((option = next_option(argc, argv, ":fF:v:rlo:t:h", options, &status)) != -1) {
        if (option == '?' || (status = take_option(&v, option)) != 0) {
            return status;
        }
    }
    if (v.only_live && !v.is_live) {
        return complain_usage("--output, --trace, --ram and --kernel go with --live");
    }
    if (v.prints) {
        u4_error_t err;
        return viewer_print_config(&v.view, &err) ? 0 : complain("%s", err.text);
    }
    return (v.is_live ? view_guest : view_file)(&v, argc - optind, argv + optind);
}

const command_t command_view = {
    .name = "view",
    .summary = "show a trace in the terminal, live or afterwards",
    .usage = usage,
    .run = run,
};
