/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "qmp.h"
#include "running.h"

static const char usage[] =
    "usage: u4 record [options] [GUEST]\n"
    "\n"
    "Records the trace of a guest that runs, until it ends or you press Ctrl-C. GUEST is a name or\n"
    "process id of a guest that u4 run has started; with one such guest it can be left out.\n"
    "The file begins with the kernel's state, for which the guest stands still for a moment.\n"
    "\n"
    "  -o, --output FILE  where to (default: GUEST.u4t)\n"
    "  -t, --trace LIST   what to trace from now on, e.g. ipc,sched,-irq.timer (default: as the\n"
    "                     guest is set; if that is nothing, all but content); set back\n"
    "                     at the end\n"
    "      --thread T     only events of that thread, or that switch to it, wake it ...; a name or\n"
    "                     reference (u4 trace changes it, and --trace, while recording)\n"
    "      --object REF   only events about that object, or about none\n"
    "  -d, --duration T   stop after that time, e.g. 10s\n"
    "  -n, --events N     stop after about N events\n"
    "  -m, --mode MODE    stream (default): from now on, as it happens; flight: at the end, what the\n"
    "                     rings still hold; oneshot: from now on until a ring has been filled once\n"
    "  -T, --trigger WHEN when an event comes or something takes too long: flight ends with it,\n"
    "                     stream, too; oneshot begins with it. E.g. fault.raised, 'call>50us',\n"
    "                     'event==ipc.transfer && badge==7' (u4-record(1) has all); may be repeated\n"
    "      --after N      N records more before the trigger acts\n"
    "      --stop         then the guest stands still, for GDB\n"
    "      --compress[=L] compress with zstd, level L (1)\n"
    "      --no-snapshot  leave the guest alone: begin without its state, with the oldest records\n"
    "      --ram FILE     the guest's RAM file, for a QEMU that was started by hand\n"
    "      --qmp SOCKET   its control socket, to pause it for the snapshot\n"
    "      --gdb ADDRESS  read through a GDB server instead: PORT, HOST:PORT or a unix socket's path\n"
    "      --kernel ELF   the kernel or image that it runs\n"
    "  -h, --help         this text\n";

typedef struct {
    running_t running;
    uint64_t duration_ns, events;
    bool mode_given;
} record_t;

/* Until the guest has ended, enough is recorded, or a signal comes. */
static bool watch(record_t *record, int signals, u4_error_t *err)
{
    recording_t *r = &record->running.recording;
    uint64_t begun = now_ns(), shown = begun, state;
    bool terminal = isatty(STDERR_FILENO);
    for (;;) {
        struct pollfd fd = {.fd = signals, .events = POLLIN};
        bool stop = poll(&fd, 1, 20) > 0;
        if (!recording_watch(r, &state, err)) {
            return false;
        }
        uint64_t now = now_ns();
        if (terminal && now - shown >= 250000000) {
            recording_progress(r, (double)(now - begun) / 1e9, (double)(now - shown) / 1e9);
            shown = now;
        }
        stop |= record->duration_ns && now - begun >= record->duration_ns;
        stop |= record->events && r->totals.events >= record->events;
        stop |= r->mode == RECORD_ONESHOT ? recording_filled(r) : r->fired;
        stop |= state == TRACE_STATE_HALTED || state == TRACE_STATE_PANIC;
        stop |= running_gone(&record->running);
        if (stop) {
            if (terminal) {
                fputs("\r\033[K", stderr);
            }
            return true;
        }
    }
}

/* The kernel waits in its trigger: the machine is stopped around it, and stays so. */
static bool stop_guest(const running_t *running, u4_error_t *err)
{
    bool stopped = qmp_command(running->recording.qmp, "stop", err);
    if (stopped) {
        complain("the guest stands still at the event: 'u4 gdb %s' looks at it, if it was started"
                 " with --gdb",
                 running->name);
    }
    return stopped;
}

static int record_guest(record_t *record)
{
    running_t *running = &record->running;
    recording_t *r = &running->recording;
    u4_error_t err;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    bool ok = running_find(running, &err) && running_wait(running, signals, &err) &&
              running_trace(running, &err) && watch(record, signals, &err);
    if (ok) {
        r->alive = !running_gone(running);
        if (r->fired && r->choice.stop && !stop_guest(running, &err)) {
            complain("%s", err.text);
        }
        ok = recording_finish(r, -1, &err);
    }
    running_restore(running);
    if (!ok) {
        return complain("%s", err.text);
    }
    recording_summary(r);
    if (r->info.panic[0]) {
        return complain("the kernel panicked: %s", r->info.panic);
    }
    return 0;
}

enum {
    OPT_COMPRESS = 256,
    OPT_RAM,
    OPT_KERNEL,
    OPT_GDB,
    OPT_QMP,
    OPT_NO_SNAPSHOT,
    OPT_THREAD,
    OPT_OBJECT,
    OPT_AFTER,
    OPT_STOP
};

static int take_mode(record_t *record, const char *text)
{
    static const char *const names[] = {
        [RECORD_STREAM] = "stream", [RECORD_FLIGHT] = "flight", [RECORD_ONESHOT] = "oneshot"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            record->running.recording.mode = (record_mode_t)i;
            record->mode_given = true;
            return 0;
        }
    }
    return complain_usage("--mode: expected stream, flight or oneshot, found '%s'", text);
}

static int take_option(record_t *record, int option)
{
    uint64_t level = 1;
    switch (option) {
    case 'o': record->running.recording.output = optarg; break;
    case 't': record->running.trace = optarg; break;
    case 'd':
        if (!parse_duration(optarg, &record->duration_ns)) {
            return complain_usage("--duration: expected a time such as 10s, found '%s'", optarg);
        }
        break;
    case 'n':
        if (!parse_uint(optarg, &record->events)) {
            return complain_usage("--events: expected a number, found '%s'", optarg);
        }
        break;
    case OPT_COMPRESS:
        if (optarg && (!parse_uint(optarg, &level) || level < 1 || level > 19)) {
            return complain_usage("--compress: expected a level from 1 to 19, found '%s'", optarg);
        }
        record->running.recording.level = (int)level;
        break;
    case 'm': return take_mode(record, optarg);
    case OPT_NO_SNAPSHOT: record->running.recording.snapshot = false; break;
    case 'T':
        if (!choice_add_trigger(&record->running.recording.choice, optarg)) {
            return complain_usage("--trigger: at most %d of them", CHOICE_TRIGGERS);
        }
        break;
    case OPT_AFTER:
        if (!parse_uint(optarg, &record->running.recording.choice.after) ||
            record->running.recording.choice.after > UINT32_MAX) {
            return complain_usage("--after: expected a number of records, found '%s'", optarg);
        }
        break;
    case OPT_STOP: record->running.recording.choice.stop = true; break;
    case OPT_THREAD: record->running.recording.choice.thread = optarg; break;
    case OPT_OBJECT: record->running.recording.choice.object = optarg; break;
    case OPT_GDB: record->running.gdb = optarg; break;
    case OPT_QMP: record->running.control = optarg; break;
    case OPT_RAM: record->running.ram = optarg; break;
    case OPT_KERNEL: record->running.kernel = optarg; break;
    default: break;
    }
    return 0;
}

/* Whoever asks for a trigger wants what led to it. */
static int check_triggers(record_t *record)
{
    recording_t *r = &record->running.recording;
    r->choice.mask = record->running.trace;
    if (!r->choice.triggers) {
        return r->choice.stop || r->choice.after
                   ? complain_usage("--stop and --after go with --trigger")
                   : 0;
    }
    if (!record->mode_given) {
        r->mode = RECORD_FLIGHT;
    }
    return r->choice.stop &&
                   (record->running.gdb || (record->running.ram && !record->running.control))
               ? complain_usage("--stop: QEMU's control socket is needed: give --qmp")
               : 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"trace", required_argument, NULL, 't'},
        {"trigger", required_argument, NULL, 'T'},
        {"after", required_argument, NULL, OPT_AFTER},
        {"stop", no_argument, NULL, OPT_STOP},
        {"thread", required_argument, NULL, OPT_THREAD},
        {"object", required_argument, NULL, OPT_OBJECT},
        {"duration", required_argument, NULL, 'd'},
        {"events", required_argument, NULL, 'n'},
        {"compress", optional_argument, NULL, OPT_COMPRESS},
        {"mode", required_argument, NULL, 'm'},
        {"no-snapshot", no_argument, NULL, OPT_NO_SNAPSHOT},
        {"qmp", required_argument, NULL, OPT_QMP},
        {"gdb", required_argument, NULL, OPT_GDB},
        {"ram", required_argument, NULL, OPT_RAM},
        {"kernel", required_argument, NULL, OPT_KERNEL},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static record_t record;
    u4_error_t err;
    uint64_t mask[TRACE_MASK_WORDS];
    int option, status = 0;
    record = (record_t){.running = {.recording = {.snapshot = true}}};
    while ((option = next_option(argc, argv, ":o:t:d:n:m:T:h", options, &status)) != -1) {
        if (option == '?' || (status = take_option(&record, option)) != 0) {
            return status;
        }
    }
    if (!running_one_guest(&record.running, argc, argv, &status)) {
        return status;
    }
    if (record.running.trace && !schema_mask(schema_builtin(), record.running.trace, mask, &err)) {
        return complain_usage("--trace: %s", err.text);
    }
    status = check_triggers(&record);
    status = status ? status : record_guest(&record);
    recording_free(&record.running.recording);
    return status;
}

const command_t command_record = {
    .name = "record",
    .summary = "record the trace of a guest that runs",
    .usage = usage,
    .run = run,
};
