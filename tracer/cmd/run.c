/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "guest.h"
#include "patch.h"
#include "u4trace/export.h"
#include "u4trace/u4t.h"

static const char usage[] =
    "usage: u4 run [options] IMAGE [-- QEMU OPTIONS]\n"
    "\n"
    "Boots an image in QEMU with its RAM shared, so that other u4 commands can look inside, and\n"
    "ends with the guest's exit status. The guest's console is this terminal.\n"
    "\n"
    "  -r, --record FILE  record the trace, from boot to the end, into FILE\n"
    "      --export FILE  at the end, turn the trace into what the name says (u4 export --list);\n"
    "                     with --record, or without keeping a recording\n"
    "  -t, --trace LIST   what to trace: classes and events, e.g. ipc,sched,-irq.timer\n"
    "                     (default: all but content with --record, else\n"
    "                     nothing)\n"
    "  -T, --trigger WHEN from boot on, the kernel looks for an event or something that takes too\n"
    "                     long, as for u4 record: the recording ends there; may be repeated\n"
    "      --after N      N records more before the trigger acts\n"
    "      --stop         then the guest stands still, for GDB\n"
    "  -m, --memory SIZE  RAM, e.g. 128M (the default)\n"
    "  -n, --harts N      harts (default 1)\n"
    "      --ring N       2^N records per ring (default with --record: a sixteenth of RAM for\n"
    "                     all rings, at most 2^18 each; else the kernel's)\n"
    "      --icount       let the clock count instructions: every run is the same\n"
    "                     (with several harts on the QEMU of `make qemu`)\n"
    "      --uintc        a machine with user interrupts, on the QEMU of `make qemu`\n"
    "      --compress[=L] compress the trace with zstd, level L (1)\n"
    "      --gdb PORT     GDB server on that local port, or the path of a unix socket\n"
    "      --wait         wait for GDB before the first instruction\n"
    "      --kernel ELF   the kernel, if it is not packed in the image\n"
    "      --append TEXT  kernel command line\n"
    "      --name NAME    what u4 record calls the guest (default: the image's name)\n"
    "      --timeout TIME stop the guest after that time, e.g. 30s\n"
    "  -h, --help         this text\n";

enum {
    OPT_RING = 256,
    OPT_ICOUNT,
    OPT_UINTC,
    OPT_COMPRESS,
    OPT_GDB,
    OPT_WAIT,
    OPT_KERNEL,
    OPT_APPEND,
    OPT_NAME,
    OPT_TIMEOUT,
    OPT_EXPORT,
    OPT_AFTER,
    OPT_STOP
};

static const struct option options[] = {
    {"record", required_argument, NULL, 'r'},
    {"trace", required_argument, NULL, 't'},
    {"trigger", required_argument, NULL, 'T'},
    {"after", required_argument, NULL, OPT_AFTER},
    {"stop", no_argument, NULL, OPT_STOP},
    {"memory", required_argument, NULL, 'm'},
    {"harts", required_argument, NULL, 'n'},
    {"ring", required_argument, NULL, OPT_RING},
    {"icount", no_argument, NULL, OPT_ICOUNT},
    {"uintc", no_argument, NULL, OPT_UINTC},
    {"compress", optional_argument, NULL, OPT_COMPRESS},
    {"gdb", required_argument, NULL, OPT_GDB},
    {"wait", no_argument, NULL, OPT_WAIT},
    {"kernel", required_argument, NULL, OPT_KERNEL},
    {"append", required_argument, NULL, OPT_APPEND},
    {"name", required_argument, NULL, OPT_NAME},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"export", required_argument, NULL, OPT_EXPORT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

typedef struct {
    guest_t guest;
    const char *kernel, *trace, *append, *name;
    const char *export; /* where to; NULL: nowhere */
    char *temporary;    /* recording that is only made to be exported */
    uint64_t ring;
    qemu_t qemu;
    char command_line[1024];         /* the kernel's */
    uint64_t mask[TRACE_MASK_WORDS]; /* to trace from boot on */
    bool traced;
    choice_t choice; /* triggers from boot on */
    triggers_t triggers;
    char boot[256]; /* the copy of the image; "": none */
} run_t;

static int number(const char *what, const char *text, uint64_t least, uint64_t most,
                  uint64_t *value)
{
    if (!parse_uint(text, value) || *value < least || *value > most) {
        return complain_usage("--%s: expected a number from %" PRIu64 " to %" PRIu64 ", found '%s'",
                              what, least, most, text);
    }
    return 0;
}

static int take_option(run_t *run, int option)
{
    guest_t *g = &run->guest;
    uint64_t value = 1;
    int status = 0;
    switch (option) {
    case 'r': g->recording.output = optarg; break;
    case 't': run->trace = optarg; break;
    case 'T':
        if (!choice_add_trigger(&run->choice, optarg)) {
            return complain_usage("--trigger: at most %d of them", CHOICE_TRIGGERS);
        }
        break;
    case OPT_AFTER: return number("after", optarg, 0, UINT32_MAX, &run->choice.after);
    case OPT_STOP: g->stop_fired = true; break;
    case 'm':
        if (!parse_size(optarg, &g->qemu.memory) || g->qemu.memory < 16 << 20 ||
            g->qemu.memory % 4096) {
            return complain_usage("--memory: expected a size from 16M on, found '%s'", optarg);
        }
        break;
    case 'n':
        status = number("harts", optarg, 1, TRACE_MAX_HARTS, &value);
        g->qemu.harts = (unsigned)value;
        break;
    case OPT_RING: status = number("ring", optarg, 2, 24, &run->ring); break;
    case OPT_ICOUNT: g->qemu.icount = true; break;
    case OPT_UINTC: g->qemu.uintc = true; break;
    case OPT_COMPRESS:
        status = optarg ? number("compress", optarg, 1, 19, &value) : 0;
        g->recording.level = (int)value;
        break;
    case OPT_GDB: g->qemu.gdb = optarg; break;
    case OPT_WAIT: g->qemu.wait = true; break;
    case OPT_KERNEL: run->kernel = optarg; break;
    case OPT_APPEND: run->append = optarg; break;
    case OPT_EXPORT: run->export = optarg; break;
    case OPT_NAME: run->name = optarg; break;
    case OPT_TIMEOUT:
        if (!parse_duration(optarg, &g->timeout_ns) || !g->timeout_ns) {
            return complain_usage("--timeout: expected a time such as 30s, found '%s'", optarg);
        }
        break;
    default: break;
    }
    return status;
}

/* The kernel inside the image, beside it, or given. Without one, only tracing is not possible. */
static int find_kernel(run_t *run)
{
    guest_t *g = &run->guest;
    bool wanted = run->kernel || run->trace || run->choice.triggers || g->recording.output;
    u4_error_t err;
    if (access(g->qemu.image, R_OK) != 0) {
        return complain("%s: cannot read the image: %s", g->qemu.image, strerror(errno));
    }
    g->recording.kernel = kernel_open(run->kernel ? run->kernel : g->qemu.image, &err);
    if (!g->recording.kernel && !run->kernel) {
        u4_error_t other;
        char beside[4096];
        const char *slash = strrchr(g->qemu.image, '/');
        int length = slash ? (int)(slash - g->qemu.image) + 1 : 0;
        snprintf(beside, sizeof(beside), "%.*skernel.elf", length, g->qemu.image);
        g->recording.kernel = access(beside, R_OK) == 0 ? kernel_open(beside, &other) : NULL;
    }
    bool no_elf = strstr(err.text, "expected an ELF") != NULL;
    if (!g->recording.kernel && (wanted || no_elf)) {
        return complain("%s", err.text);
    }
    if (!g->recording.kernel) {
        complain("%s: boots without tracing: it has no u4 kernel in it", g->qemu.image);
    }
    return 0;
}

/* Recording shares the host with the guest: large rings outlast the moments when it does not get
 * its turn. All rings together take a sixteenth of RAM at most. */
static uint64_t default_ring(const run_t *run)
{
    enum { LEAST = 13, MOST = 18 };
    uint64_t records = run->guest.qemu.memory / 16 / run->guest.qemu.harts / sizeof(trace_record_t);
    uint64_t log2 = LEAST;
    while (log2 < MOST && 2ull << log2 <= records) {
        log2++;
    }
    return log2;
}

/* What the kernel is to look for; names of threads it has none yet. */
static int plan_triggers(run_t *run)
{
    guest_t *g = &run->guest;
    trigger_action_t action = {.actions = TRACE_TRIGGER_FREEZE};
    u4_error_t err;
    if (!run->choice.triggers) {
        return g->stop_fired || run->choice.after
                   ? complain_usage("--stop and --after go with --trigger")
                   : 0;
    }
    if (!g->recording.output && !g->stop_fired) {
        return complain_usage("--trigger ends a recording or stops the guest: give --record,"
                              " --stop or both");
    }
    action.actions |= g->stop_fired ? TRACE_TRIGGER_HOLD : 0;
    if (!choice_triggers(&run->choice, schema_builtin(), QEMU_TIMEBASE_HZ, NULL, &action,
                         &run->triggers, &err)) {
        return complain_usage("%s", err.text);
    }
    g->recording.armed = true;
    return 0;
}

static int build_command_line(run_t *run)
{
    uint64_t *mask = run->mask;
    u4_error_t err;
    const char *list = run->trace ? run->trace : run->guest.recording.output ? "default" : NULL;
    char *at = run->command_line;
    size_t room = sizeof(run->command_line);
    size_t used = (size_t)snprintf(at, room, "%s", run->append ? run->append : "");
    run->traced = list || run->choice.triggers;
    if (list && !schema_mask(schema_builtin(), list, mask, &err)) {
        return complain_usage("--trace: %s", err.text);
    }
    choice_events(&run->triggers, schema_builtin(), mask);
    if (run->traced) {
        used += (size_t)snprintf(at + used, used < room ? room - used : 0,
                                 "%su4.trace=0x%" PRIx64 ",0x%" PRIx64 ",0x%" PRIx64 ",0x%" PRIx64,
                                 used ? " " : "", mask[0], mask[1], mask[2], mask[3]);
    }
    if (!run->ring && run->guest.recording.output) {
        run->ring = default_ring(run);
    }
    if (run->ring && used < room) {
        used += (size_t)snprintf(at + used, room - used, "%su4.ring=%" PRIu64, used ? " " : "",
                                 run->ring);
    }
    run->guest.qemu.append = run->command_line;
    return used < room ? 0 : complain("the kernel's command line is too long");
}

/* What is exported must be recorded, if only for that. */
static int prepare_export(run_t *run)
{
    const char *directory = getenv("TMPDIR");
    if (!run->export) {
        return 0;
    }
    if (!exporter_by_output(run->export)) {
        return complain_usage("--export: '%s' does not say which format (u4 export --list)",
                              run->export);
    }
    if (run->guest.recording.output) {
        return 0;
    }
    if (asprintf(&run->temporary, "%s/u4-run-XXXXXX", directory ? directory : "/tmp") < 0) {
        run->temporary = NULL;
        return complain("no memory");
    }
    int fd = mkstemp(run->temporary);
    if (fd < 0) {
        int status = complain("%s: cannot make a file for the recording: %s", run->temporary,
                              strerror(errno));
        free(run->temporary);
        run->temporary = NULL;
        return status;
    }
    close(fd);
    run->guest.recording.output = run->temporary;
    return 0;
}

/* As u4 export does it. */
static int export_recording(const run_t *run)
{
    const char *argv[] = {"u4", "export", "-o", run->export, run->guest.recording.output, NULL};
    pid_t pid;
    int status;
    int error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, (char *const *)argv, environ);
    if (error) {
        return complain("%s: cannot start the export: %s", run->export, strerror(error));
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return complain("%s: lost sight of the export", run->export);
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

/* A kernel in another loader's image may get another device tree than QEMU's, and does not see our
 * command line then; and triggers are too much for one. */
static int set_in_image(run_t *run)
{
    guest_t *g = &run->guest;
    u4_error_t err;
    boot_settings_t settings = {run->mask, (unsigned)run->ring, run->triggers.trigger,
                                run->triggers.count};
    bool told = g->recording.kernel && strcmp(g->recording.kernel->path, g->qemu.image) == 0;
    if (!run->traced || !g->recording.kernel || (told && !settings.count)) {
        return 0;
    }
    if (patch_image(g->qemu.image, &settings, run->boot, sizeof(run->boot), &err)) {
        g->qemu.boot = run->boot;
        return 0;
    }
    run->boot[0] = 0;
    int status = complain("%s", err.text);
    return settings.count ? status : 0; /* else the command line may do */
}

static int prepare(run_t *run, int argc, char **argv)
{
    guest_t *g = &run->guest;
    u4_error_t err;
    if (optind == argc) {
        return complain_usage("which image?");
    }
    g->qemu.image = argv[optind];
    g->qemu.extra = argv + optind + 1;
    if (*g->qemu.extra && strcmp(*g->qemu.extra, "--") == 0) {
        g->qemu.extra++;
    } else if (*g->qemu.extra) {
        return complain_usage("one image; QEMU's own options come behind --");
    }
    int status = prepare_export(run);
    status = status ? status : plan_triggers(run);
    status = status ? status : build_command_line(run);
    status = status ? status : find_kernel(run);
    if (status) {
        return status;
    }
    if (!qemu_find(&run->qemu, &g->qemu, &err) ||
        (g->recording.output && !recording_probe(g->recording.output, &err))) {
        return complain("%s", err.text);
    }
    return set_in_image(run);
}

static int run_image(int argc, char **argv)
{
    static run_t run;
    run = (run_t){
        .guest = {.qemu = {.memory = 128 << 20, .harts = 1}, .recording = {.from_boot = true}}};
    int option, status = 0;
    /* "+": options behind the image are QEMU's. */
    while ((option = next_option(argc, argv, "+:r:t:T:m:n:h", options, &status)) != -1) {
        if (option == '?' || (status = take_option(&run, option)) != 0) {
            return status;
        }
    }
    status = prepare(&run, argc, argv);
    if (status == 0) {
        status = guest_run(&run.guest, &run.qemu, run.name);
        if (run.export && !run.guest.failed) {
            int exported = export_recording(&run);
            status = status ? status : exported;
        }
    }
    if (run.temporary) {
        unlink(run.temporary);
        free(run.temporary);
    }
    recording_free(&run.guest.recording);
    if (run.boot[0]) {
        unlink(run.boot);
    }
    return status;
}

const command_t command_run = {
    .name = "run",
    .summary = "boot an image in QEMU, and record its trace",
    .usage = usage,
    .run = run_image,
};
