/* SPDX-License-Identifier: BSD-2-Clause */
#include "view_live.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "hold.h"
#include "qmp.h"

static bool pause_guest(void *self, bool paused, u4_error_t *err)
{
    view_live_t *live = self;
    if (!live->running.qmp[0]) {
        return u4_fail(err, "the guest was not started by u4 run: it cannot be paused from here");
    }
    if (live->finished) {
        return u4_fail(err, "the guest has ended");
    }
    if (!qmp_command(live->running.qmp, paused ? "stop" : "cont", err)) {
        return false;
    }
    live->paused = paused;
    return true;
}

static bool trace_guest(void *self, const char *list, u4_error_t *err)
{
    view_live_t *live = self;
    recording_t *r = &live->running.recording;
    uint64_t mask[TRACE_MASK_WORDS];
    if (live->finished) {
        return u4_fail(err, "the guest has ended");
    }
    if (!schema_mask(r->attach.schema, list, mask, err)) {
        return false;
    }
    recorder_set_mask(r->recorder, mask);
    live->running.mask_set = true;
    return true;
}

static snapshot_t *take_snapshot(void *self, u4_error_t *err)
{
    view_live_t *live = self;
    recording_t *r = &live->running.recording;
    bool runs = !running_gone(&live->running);
    return hold_and_snapshot(r->source, r->kernel, runs ? r->qmp : NULL, NULL, NULL, err);
}

static void finish(view_live_t *live)
{
    u4_error_t ignored;
    if (!live->finished) {
        live->finished = true;
        running_restore(&live->running);
        recording_finish(&live->running.recording, -1, &ignored);
    }
}

static void watch_guest(void *self)
{
    view_live_t *live = self;
    u4_error_t ignored;
    uint64_t state;
    if (live->finished) {
        return;
    }
    bool ok = recording_watch(&live->running.recording, &state, &ignored);
    bool ended = state == TRACE_STATE_HALTED || state == TRACE_STATE_PANIC;
    if (!ok || ended || running_gone(&live->running)) {
        finish(live);
    }
}

/* A file of our own, where no output is named. */
static bool make_temporary(view_live_t *live, u4_error_t *err)
{
    const char *directory = getenv("TMPDIR");
    directory = directory && *directory ? directory : "/var/tmp";
    snprintf(live->running.output, sizeof(live->running.output), "%.4000s/u4-view-XXXXXX",
             directory);
    int fd = mkstemp(live->running.output);
    if (fd < 0) {
        return u4_fail_errno(err, "%s: cannot make a temporary file (set TMPDIR)", directory);
    }
    close(fd);
    live->running.recording.output = live->running.output;
    live->temporary = true;
    return true;
}

/* Ctrl-C ends the wait for a kernel that does not come up. */
static bool wait_for_kernel(running_t *running, u4_error_t *err)
{
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, &old);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    bool ok = running_wait(running, signals, err);
    close(signals);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return ok;
}

bool view_live_open(view_live_t *live, u4_error_t *err)
{
    running_t *running = &live->running;
    running->recording.snapshot = true;
    if ((!running->recording.output && !make_temporary(live, err)) || !running_find(running, err) ||
        !wait_for_kernel(running, err) || !running_trace(running, err)) {
        return false;
    }
    live->guest = (viewer_guest_t){.self = live,
                                   .name = running->name,
                                   .snapshot = take_snapshot,
                                   .pause = pause_guest,
                                   .trace = trace_guest,
                                   .watch = watch_guest};
    return true;
}

void view_live_close(view_live_t *live)
{
    u4_error_t ignored;
    if (live->paused) {
        pause_guest(live, false, &ignored);
    }
    finish(live);
    if (live->temporary) {
        unlink(live->running.output);
    }
    recording_free(&live->running.recording);
}
