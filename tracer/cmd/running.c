/* SPDX-License-Identifier: BSD-2-Clause */
#include "running.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "runinfo.h"

bool running_one_guest(running_t *running, int argc, char **argv, int *status)
{
    if (optind < argc - 1 || ((running->ram || running->gdb) && optind < argc) ||
        (running->ram && running->gdb)) {
        *status = complain_usage("one guest, or --ram, or --gdb");
        return false;
    }
    if (running->gdb && !running->kernel) {
        *status = complain_usage("--gdb: the kernel's ELF file is needed, too: give --kernel");
        return false;
    }
    running->guest = optind < argc ? argv[optind] : NULL;
    return true;
}

bool running_find(running_t *running, u4_error_t *err)
{
    runinfo_t info = {.ram_base = SOURCE_RAM_BASE};
    recording_t *r = &running->recording;
    if (running->ram || running->gdb) {
        snprintf(info.ram, sizeof(info.ram), "%s", running->ram ? running->ram : "");
        snprintf(running->qmp, sizeof(running->qmp), "%s",
                 running->control ? running->control : "");
        snprintf(info.name, sizeof(info.name), "guest");
    } else {
        if (!runinfo_find(running->guest, &info, err)) {
            return false;
        }
        running->pid = info.pid;
        snprintf(running->qmp, sizeof(running->qmp), "%s", info.qmp);
        snprintf(running->image, sizeof(running->image), "%s", info.image);
        r->image = running->image;
        r->info.icount = info.icount;
        snprintf(r->info.machine, sizeof(r->info.machine), "%s", info.machine);
        snprintf(r->info.command, sizeof(r->info.command), "%s", info.command);
        snprintf(r->info.image, sizeof(r->info.image), "%.255s", info.image);
    }
    r->qmp = running->qmp;
    snprintf(running->name, sizeof(running->name), "%s", info.name);
    if (!r->output && !running->only_look) {
        snprintf(running->output, sizeof(running->output), "%s.u4t", info.name);
        r->output = running->output;
    }
    const char *kernel = running->kernel ? running->kernel : info.kernel;
    if (*kernel && !(r->kernel = kernel_open(kernel, err))) {
        return false;
    }
    r->source = running->gdb ? source_open_gdb(running->gdb, kernel_window(r->kernel), err)
                             : source_open_ram(info.ram, info.ram_base, true, err);
    return r->source && (!r->output || recording_probe(r->output, err));
}

bool running_wait(running_t *running, int signals, u4_error_t *err)
{
    recording_t *r = &running->recording;
    uint64_t until = now_ns() + 2000000000u;
    while (recording_try(r, err)) {
        if (r->attached) {
            return true;
        }
        struct pollfd fd = {.fd = signals, .events = POLLIN};
        bool gone = running->pid ? running_gone(running) : now_ns() > until;
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

bool running_trace(running_t *running, u4_error_t *err)
{
    attach_t *attach = &running->recording.attach;
    uint64_t mask[TRACE_MASK_WORDS];
    if (running->recording.masked) { /* it has come with the triggers */
        return true;
    }
    if (!running->trace && !is_zero(running->recording.mask)) {
        return true;
    }
    if (!schema_mask(attach->schema, running->trace ? running->trace : "default", mask, err)) {
        return false;
    }
    running->mask_set = true;
    return recording_set_mask(&running->recording, mask, err);
}

void running_restore(running_t *running)
{
    u4_error_t ignored;
    if (running->mask_set || running->recording.masked) {
        recording_set_mask(&running->recording, running->recording.mask, &ignored);
    }
}

bool running_gone(const running_t *running)
{
    return running->pid && kill(running->pid, 0) != 0;
}
