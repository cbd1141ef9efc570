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
#include "recording.h"
#include "runinfo.h"

static const char usage[] =
    "usage: u4 record [options] [GUEST]\n"
    "\n"
    "Records the trace of a guest that runs, until it ends or you press Ctrl-C. GUEST is a name or\n"
    "process id of a guest that u4 run has started; with one such guest it can be left out.\n"
    "\n"
    "  -o, --output FILE  where to (default: GUEST.u4t)\n"
    "  -t, --trace LIST   what to trace from now on, e.g. ipc,sched,-irq.timer (default: as the\n"
    "                     guest is set; if that is nothing, all but content); set back\n"
    "                     at the end\n"
    "  -d, --duration T   stop after that time, e.g. 10s\n"
    "  -n, --events N     stop after about N events\n"
    "      --compress[=L] compress with zstd, level L (1)\n"
    "      --ram FILE     the guest's RAM file, for a QEMU that was started by hand\n"
    "      --kernel ELF   the kernel or image that it runs\n"
    "  -h, --help         this text\n";

typedef struct {
    recording_t recording;
    const char *guest, *trace, *ram, *kernel;
    uint64_t duration_ns, events;
    pid_t pid; /* of QEMU; 0: not known */
    char output[4200];
    uint64_t old_mask[TRACE_MASK_WORDS];
    bool mask_set;
} record_t;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Where the guest's memory and its kernel are. */
static bool find_guest(record_t *record, u4_error_t *err)
{
    runinfo_t info = {.ram_base = SOURCE_RAM_BASE};
    recording_t *r = &record->recording;
    if (record->ram) {
        snprintf(info.ram, sizeof(info.ram), "%s", record->ram);
        snprintf(info.name, sizeof(info.name), "guest");
    } else {
        if (!runinfo_find(record->guest, &info, err)) {
            return false;
        }
        record->pid = info.pid;
        r->info.icount = info.icount;
        snprintf(r->info.machine, sizeof(r->info.machine), "%s", info.machine);
        snprintf(r->info.command, sizeof(r->info.command), "%s", info.command);
        snprintf(r->info.image, sizeof(r->info.image), "%.255s", info.image);
    }
    if (!r->output) {
        snprintf(record->output, sizeof(record->output), "%s.u4t", info.name);
        r->output = record->output;
    }
    r->source = source_open_ram(record->ram ? record->ram : info.ram, info.ram_base, true, err);
    const char *kernel = record->kernel ? record->kernel : info.kernel;
    return r->source && (!*kernel || (r->kernel = kernel_open(kernel, err))) &&
           recording_probe(r->output, err);
}

/* Waits for the kernel to come up, for as long as QEMU lives; by hand, for two seconds. */
static bool wait_for_kernel(record_t *record, int signals, u4_error_t *err)
{
    recording_t *r = &record->recording;
    uint64_t until = now_ns() + 2000000000u;
    while (recording_try(r, err)) {
        if (r->attached) {
            return true;
        }
        struct pollfd fd = {.fd = signals, .events = POLLIN};
        bool gone = record->pid ? kill(record->pid, 0) != 0 : now_ns() > until;
        if (poll(&fd, 1, 10) > 0) {
            return u4_fail(err, "interrupted before the kernel was up");
        }
        if (gone) {
            uint64_t paddr;
            if (r->kernel && attach_search(r->source, &paddr)) {
                return u4_fail(err,
                               "%s: the guest's trace header is at 0x%" PRIx64 ", and not where"
                               " %s has it: give the kernel that was booted",
                               r->source->name, paddr, r->kernel->path);
            }
            return u4_fail(err,
                           "%s: no trace header in the guest's memory: not a u4 kernel, built"
                           " without tracing, or not booted yet",
                           r->source->name);
        }
    }
    return false;
}

static bool is_zero(const uint64_t mask[TRACE_MASK_WORDS])
{
    return !(mask[0] | mask[1] | mask[2] | mask[3]);
}

static bool set_mask(record_t *record, u4_error_t *err)
{
    attach_t *attach = &record->recording.attach;
    uint64_t mask[TRACE_MASK_WORDS];
    const ring_reader_t *ring = attach->ring_count ? &attach->rings[0] : NULL;
    if (ring) {
        source_read(attach->source, ring->ring_paddr, record->old_mask, sizeof(record->old_mask));
    }
    if (!record->trace && !is_zero(record->old_mask)) {
        return true;
    }
    if (!schema_mask(attach->schema, record->trace ? record->trace : "default", mask, err)) {
        return false;
    }
    recorder_set_mask(record->recording.recorder, mask);
    record->mask_set = true;
    return true;
}

/* Until the guest has ended, enough is recorded, or a signal comes. */
static bool watch(record_t *record, int signals, u4_error_t *err)
{
    recording_t *r = &record->recording;
    uint64_t begun = now_ns(), shown = begun, events = 0, state;
    bool terminal = isatty(STDERR_FILENO);
    for (;;) {
        struct pollfd fd = {.fd = signals, .events = POLLIN};
        bool stop = poll(&fd, 1, 20) > 0;
        if (!recording_watch(r, &state, err)) {
            return false;
        }
        uint64_t now = now_ns();
        if (terminal && now - shown >= 250000000) {
            double rate = (double)(r->totals.events - events) * 1e9 / (double)(now - shown);
            recording_progress(r, (double)(now - begun) / 1e9, rate);
            shown = now;
            events = r->totals.events;
        }
        stop |= record->duration_ns && now - begun >= record->duration_ns;
        stop |= record->events && r->totals.events >= record->events;
        stop |= state == TRACE_STATE_HALTED || state == TRACE_STATE_PANIC;
        stop |= record->pid && kill(record->pid, 0) != 0;
        if (stop) {
            if (terminal) {
                fputs("\r\033[K", stderr);
            }
            return true;
        }
    }
}

static int record_guest(record_t *record)
{
    recording_t *r = &record->recording;
    u4_error_t err, ignored;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (!find_guest(record, &err) || !wait_for_kernel(record, signals, &err) ||
        !set_mask(record, &err) || !watch(record, signals, &err)) {
        return complain("%s", err.text);
    }
    if (record->mask_set) {
        attach_set_mask(&r->attach, record->old_mask, &ignored);
    }
    if (!recording_finish(r, -1, &err)) {
        return complain("%s", err.text);
    }
    recording_summary(r);
    if (r->info.panic[0]) {
        return complain("the kernel panicked: %s", r->info.panic);
    }
    return 0;
}

enum { OPT_COMPRESS = 256, OPT_RAM, OPT_KERNEL };

static int take_option(record_t *record, int option)
{
    uint64_t level = 1;
    switch (option) {
    case 'o': record->recording.output = optarg; break;
    case 't': record->trace = optarg; break;
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
        record->recording.level = (int)level;
        break;
    case OPT_RAM: record->ram = optarg; break;
    case OPT_KERNEL: record->kernel = optarg; break;
    default: break;
    }
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"trace", required_argument, NULL, 't'},
        {"duration", required_argument, NULL, 'd'},
        {"events", required_argument, NULL, 'n'},
        {"compress", optional_argument, NULL, OPT_COMPRESS},
        {"ram", required_argument, NULL, OPT_RAM},
        {"kernel", required_argument, NULL, OPT_KERNEL},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static record_t record;
    u4_error_t err;
    uint64_t mask[TRACE_MASK_WORDS];
    int option, status = 0;
    record = (record_t){0};
    while ((option = next_option(argc, argv, ":o:t:d:n:h", options, &status)) != -1) {
        if (option == '?' || (status = take_option(&record, option)) != 0) {
            return status;
        }
    }
    if (optind < argc - 1 || (record.ram && optind < argc)) {
        return complain_usage("one guest, or --ram");
    }
    if (record.trace && !schema_mask(schema_builtin(), record.trace, mask, &err)) {
        return complain_usage("--trace: %s", err.text);
    }
    record.guest = optind < argc ? argv[optind] : NULL;
    status = record_guest(&record);
    recording_free(&record.recording);
    return status;
}

const command_t command_record = {
    .name = "record",
    .summary = "record the trace of a guest that runs",
    .usage = usage,
    .run = run,
};
