/* SPDX-License-Identifier: BSD-2-Clause */
#include "caps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "state_input.h"

static const char usage[] =
    "usage: u4 caps [options] [GUEST | FILE]\n"
    "\n"
    "Shows who may do what: capability spaces, who holds an object, what was derived from what.\n"
    "Reads a guest that runs (it stands still for that; how long is said), the snapshot in a trace\n"
    "file, a memory image, an ELF core, or a GDB server. Without an option: threads and totals.\n"
    "\n"
    "  -t, --thread NAME  a thread's CSpace as a tree; a name, or an address such as 0x80a03000\n"
    "  -o, --object ADDR  who holds the object at that address, and by which pointers; a thread's\n"
    "                     name stands for its TCB\n"
    "  -d, --derivation[=ADDR]  the derivation tree; of the object at that address only\n"
    "  -m, --mappings NAME  a thread's address space\n"
    "  -j, --json         for programs\n"
    "      --ram FILE     guest memory: RAM file, raw image or ELF core\n"
    "      --gdb ADDRESS  a GDB server: PORT, HOST:PORT or the path of a unix socket\n"
    "      --kernel ELF   the kernel in that memory\n"
    "  -h, --help         this text\n";

enum { OPT_RAM = 256, OPT_GDB, OPT_KERNEL };

typedef struct {
    state_input_t input;
    caps_request_t request;
    const char *wanted; /* thread or object, as given */
    bool json;
} caps_t;

static const state_thread_t *thread_named(const state_t *state, const char *name)
{
    char *end;
    uint64_t address = strtoull(name, &end, 0);
    for (uint32_t i = 0; i < state->thread_count; i++) {
        const state_thread_t *t = &state->threads[i];
        if (strcmp(t->name, name) == 0 || (*end == 0 && end != name && t->address == address)) {
            return t;
        }
    }
    return NULL;
}

/* What the option's argument means in this state. */
static int resolve(caps_t *caps, const state_t *state)
{
    caps_request_t *r = &caps->request;
    if (!caps->wanted) {
        return 0;
    }
    r->thread = thread_named(state, caps->wanted);
    if (r->what == CAPS_SPACE || r->what == CAPS_MAPPINGS) {
        return r->thread ? 0
                         : complain("%s: no thread '%s' there (u4 caps without options lists them)",
                                    r->name, caps->wanted);
    }
    if (r->thread) {
        r->object = r->thread->address;
    } else if (!parse_uint(caps->wanted, &r->object)) {
        return complain_usage("expected an object's address or a thread's name, found '%s'",
                              caps->wanted);
    }
    return state_holder(state, r->object) != STATE_NONE
               ? 0
               : complain("%s: no capability stands for an object at %s", r->name, caps->wanted);
}

static void warn(const caps_t *caps, const snapshot_t *snapshot)
{
    const state_t *state = snapshot->state;
    if (snapshot->info.flags & SNAPSHOT_UNSURE) {
        complain("%s: nothing could stop the guest, and its memory changed while it was read: what"
                 " is shown may contradict itself",
                 caps->input.name);
    }
    if (snapshot->info.flags & SNAPSHOT_IN_KERNEL) {
        complain("%s: a hart was in the kernel: an operation may be half done", caps->input.name);
    }
    for (uint32_t i = 0; i < state->problem_count && i < STATE_MAX_PROBLEMS; i++) {
        complain("%s: %s", caps->input.name, state->problems[i]);
    }
    if (state->problem_count > STATE_MAX_PROBLEMS) {
        complain("%s: and %u problems more", caps->input.name,
                 state->problem_count - STATE_MAX_PROBLEMS);
    }
}

static int show(caps_t *caps)
{
    u4_error_t err;
    snapshot_t *snapshot = state_input_take(&caps->input, &err);
    if (!snapshot) {
        return complain("%s", err.text);
    }
    caps->request.name = caps->input.name;
    warn(caps, snapshot);
    int status = resolve(caps, snapshot->state);
    if (status == 0 && caps->json) {
        status = caps_print_json(snapshot, &caps->request, &err) ? 0 : complain("%s", err.text);
    } else if (status == 0) {
        caps_print_text(snapshot, &caps->request);
    }
    snapshot_free(snapshot);
    if (status == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
        return complain("standard output: cannot write");
    }
    return status;
}

static void want(caps_t *caps, caps_what_t what, const char *of)
{
    caps->request.what = what;
    caps->wanted = of;
}

static void take_option(caps_t *caps, int option)
{
    switch (option) {
    case 't': want(caps, CAPS_SPACE, optarg); break;
    case 'o': want(caps, CAPS_OBJECT, optarg); break;
    case 'd': want(caps, CAPS_DERIVATION, optarg); break;
    case 'm': want(caps, CAPS_MAPPINGS, optarg); break;
    case 'j': caps->json = true; break;
    case OPT_RAM: caps->input.ram = optarg; break;
    case OPT_GDB: caps->input.gdb = optarg; break;
    case OPT_KERNEL: caps->input.kernel = optarg; break;
    default: break;
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"thread", required_argument, NULL, 't'},
        {"object", required_argument, NULL, 'o'},
        {"derivation", optional_argument, NULL, 'd'},
        {"mappings", required_argument, NULL, 'm'},
        {"json", no_argument, NULL, 'j'},
        {"ram", required_argument, NULL, OPT_RAM},
        {"gdb", required_argument, NULL, OPT_GDB},
        {"kernel", required_argument, NULL, OPT_KERNEL},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static caps_t caps;
    int option, status = 0;
    caps = (caps_t){0};
    while ((option = next_option(argc, argv, ":t:o:d::m:jh", options, &status)) != -1) {
        if (option == '?') {
            return status;
        }
        take_option(&caps, option);
    }
    bool elsewhere = caps.input.ram || caps.input.gdb;
    if (argc - optind > 1 || (elsewhere && argc > optind) || (caps.input.ram && caps.input.gdb)) {
        return complain_usage("one guest or file, or --ram, or --gdb");
    }
    caps.input.what = optind < argc ? argv[optind] : NULL;
    return show(&caps);
}

const command_t command_caps = {
    .name = "caps",
    .summary = "show capabilities: who holds what, derived from where",
    .usage = usage,
    .run = run,
};
