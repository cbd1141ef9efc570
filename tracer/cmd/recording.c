/* SPDX-License-Identifier: BSD-2-Clause */
#include "recording.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "hold.h"
#include "memory.h"
#include "trace_info.h"
#include "u4trace/format.h"
#include "u4trace/images.h"

enum { EARLY_CONSOLE = 64 * 1024 };

bool recording_probe(const char *output, u4_error_t *err)
{
    struct stat status;
    bool existed = stat(output, &status) == 0;
    int fd = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        return u4_fail_errno(err, "%s: cannot write a trace there", output);
    }
    close(fd);
    if (!existed) {
        unlink(output);
    }
    return true;
}

/* What was emitted before the snapshot is part of it. */
static void skip_rings(void *attach, snapshot_t *snapshot)
{
    snapshot->info.guest_time = attach_skip(attach);
}

typedef struct {
    recording_t *recording;
    u4_error_t err;
    bool ok;
} dump_t;

/* All that the rings hold, behind the state that it led to; the guest stands still. */
static void dump_rings(void *context, snapshot_t *snapshot)
{
    dump_t *dump = context;
    recording_t *r = dump->recording;
    uint64_t emitted[ATTACH_MAX_RINGS];
    attach_close(&r->attach);
    r->attached = attach_open(&r->attach, r->source, r->kernel, NULL, &dump->err) == ATTACH_READY;
    if (snapshot) {
        snapshot->info.flags |= SNAPSHOT_AT_END;
    }
    dump->ok = r->attached && (!snapshot || u4t_write_snapshot(r->writer, snapshot, &dump->err)) &&
               (r->recorder = recorder_start(&r->attach, r->writer, false, &dump->err)) &&
               recorder_stop(r->recorder, &r->totals, emitted, &dump->err);
    r->recorder = NULL;
}

static bool write_flight(recording_t *r, u4_error_t *err)
{
    dump_t dump = {.recording = r};
    snapshot_t *snapshot = r->snapshot
                               ? hold_and_snapshot(r->source, r->kernel, r->alive ? r->qmp : NULL,
                                                   dump_rings, &dump, err)
                               : NULL;
    if (snapshot) {
        r->paused_ns = snapshot->info.paused_ns;
        snapshot_free(snapshot);
    } else {
        dump_rings(&dump, NULL);
    }
    *err = dump.err;
    return dump.ok;
}

/* A guest whose state cannot be read is recorded all the same, from the oldest record on. */
static bool write_snapshot(recording_t *r, u4_error_t *err)
{
    u4_error_t why = {""};
    snapshot_t *snapshot =
        hold_and_snapshot(r->source, r->kernel, r->qmp, skip_rings, &r->attach, &why);
    if (!snapshot) {
        complain("recording begins without the kernel's state: %s", why.text);
        return true;
    }
    if (snapshot->info.flags & SNAPSHOT_UNSURE) {
        complain("nothing could stop the guest while its state was read: names and states at the"
                 " beginning may be wrong");
    }
    r->paused_ns = snapshot->info.paused_ns;
    bool ok = u4t_write_snapshot(r->writer, snapshot, err);
    snapshot_free(snapshot);
    return ok;
}

/* An image that is not there any more, or no ELF, only has no names to give. */
static bool write_images(recording_t *r, u4_error_t *err)
{
    u4_error_t ignored;
    images_t *images = r->image ? images_open(r->image, &ignored) : NULL;
    bool ok = !images || u4t_write_images(r->writer, images, err);
    images_free(images);
    return ok;
}

/* Triggers that begin a recording bring the masks with them; others look on while all of it is
 * traced. */
static bool prepare_triggers(recording_t *r, names_t *names, u4_error_t *err)
{
    trigger_action_t action = {.clear = {0}};
    bool none = !(r->mask[0] | r->mask[1] | r->mask[2] | r->mask[3]);
    const char *list = r->choice.mask ? r->choice.mask : "default";
    memcpy(action.set, r->mask, sizeof(action.set));
    if ((r->choice.mask || none) && !schema_mask(r->attach.schema, list, action.set, err)) {
        return false;
    }
    memset(action.clear, 0xff, sizeof(action.clear));
    action.actions = r->mode == RECORD_ONESHOT ? TRACE_TRIGGER_MASK : TRACE_TRIGGER_FREEZE;
    action.actions |= r->choice.stop ? TRACE_TRIGGER_HOLD : 0;
    if (!choice_triggers(&r->choice, r->attach.schema, r->attach.header.timebase_hz, names, &action,
                         &r->triggers, err)) {
        return false;
    }
    uint64_t mask[TRACE_MASK_WORDS] = {0};
    if (r->mode != RECORD_ONESHOT) {
        memcpy(mask, action.set, sizeof(mask));
    }
    choice_events(&r->triggers, r->attach.schema, mask);
    r->masked = true;
    return attach_set_mask(&r->attach, mask, err);
}

/* What is to be traced; now: later the recorder wants the source for itself. */
static bool choose(recording_t *r, u4_error_t *err)
{
    names_t names = {.source = r->source, .kernel = r->kernel, .qmp = r->qmp};
    attach_mask(&r->attach, r->mask);
    r->thread = r->attach.header.filter_thread;
    r->object = r->attach.header.filter_object;
    bool ok = choice_apply(&r->choice, &r->attach, &names, err) &&
              (!r->choice.triggers || prepare_triggers(r, &names, err));
    names_free(&names);
    return ok;
}

/* The last thing: what they are to catch comes behind what the recording begins with. */
static bool arm(recording_t *r, u4_error_t *err)
{
    if (!r->choice.triggers) {
        return true;
    }
    attach_poll(&r->attach);
    r->fired_before = r->attach.header.fired;
    r->armed = true;
    return attach_disarm(&r->attach, err) &&
           attach_arm(&r->attach, 0, r->triggers.trigger, r->triggers.count, err);
}

static bool start(recording_t *r, u4_error_t *err)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    r->info.created = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    r->info.status = -1;
    trace_info_from(&r->info, &r->attach);
    r->writer = u4t_create(r->output, &r->info, r->attach.schema, r->level, err);
    if (!r->writer) {
        return false;
    }
    if (!write_images(r, err)) {
        return false;
    }
    if (!choose(r, err)) {
        return false;
    }
    if (r->mode == RECORD_FLIGHT) {
        return arm(r, err);
    }
    if ((r->snapshot && !write_snapshot(r, err)) || !arm(r, err)) {
        return false;
    }
    r->recorder = recorder_start(&r->attach, r->writer, r->from_boot, err);
    if (!r->recorder) {
        return false;
    }
    if (r->early_length) {
        recorder_console(r->recorder, r->early, r->early_length);
    }
    return true;
}

bool recording_try(recording_t *r, u4_error_t *err)
{
    if (r->attached || !r->source) {
        return true;
    }
    switch (attach_open(&r->attach, r->source, r->kernel, NULL, err)) {
    case ATTACH_EARLY: return true;
    case ATTACH_WRONG: return false;
    case ATTACH_READY: break;
    }
    r->attached = true;
    return !r->output || start(r, err);
}

bool recording_set_mask(recording_t *r, const uint64_t mask[TRACE_MASK_WORDS], u4_error_t *err)
{
    if (r->recorder) {
        recorder_set_mask(r->recorder, mask);
        return true;
    }
    return attach_set_mask(&r->attach, mask, err);
}

bool recording_filled(const recording_t *r)
{
    uint64_t room = 0;
    for (size_t i = 0; i < r->attach.ring_count; i++) {
        room += r->attach.rings[i].capacity;
    }
    return room && r->totals.events + r->totals.lost >= room;
}

void recording_console(recording_t *r, const char *text, size_t length)
{
    if (r->recorder) {
        recorder_console(r->recorder, text, length);
        return;
    }
    if (!r->output || r->early_length + length > EARLY_CONSOLE) {
        return;
    }
    r->early = memory_grow(r->early, r->early_length + length, 1);
    memcpy(r->early + r->early_length, text, length);
    r->early_length += length;
}

bool recording_watch(recording_t *r, uint64_t *state, u4_error_t *err)
{
    *state = TRACE_STATE_OFF;
    if (r->recorder) {
        uint32_t fired;
        *state = recorder_guest_state(r->recorder, &fired);
        r->fired = fired != r->fired_before;
        return recorder_totals(r->recorder, &r->totals, err);
    }
    if (r->attached) {
        attach_poll(&r->attach);
        *state = r->attach.header.state;
        r->fired = r->attach.header.fired != r->fired_before;
    }
    return true;
}

/* Filters and triggers as they were. */
static void restore(recording_t *r)
{
    u4_error_t ignored;
    if (r->choice.thread || r->choice.object) {
        attach_set_filter(&r->attach, r->thread, r->object, &ignored);
    }
    for (uint32_t i = 0; r->armed && !r->culprit.fired && i < TRACE_TRIGGERS; i++) {
        trace_trigger_t trigger;
        if (attach_trigger(&r->attach, i, &trigger) && trigger.fired &&
            trigger.state == TRACE_TRIGGER_FIRED) {
            r->culprit = trigger;
        }
    }
    if (r->armed) {
        attach_disarm(&r->attach, &ignored);
        r->armed = false;
    }
}

bool recording_finish(recording_t *r, int status, u4_error_t *err)
{
    uint64_t emitted[ATTACH_MAX_RINGS];
    bool ok = true;
    bool counted = r->recorder != NULL;
    if (r->recorder) {
        ok = recorder_stop(r->recorder, &r->totals, emitted, err);
        r->recorder = NULL;
    } else if (r->writer && r->mode == RECORD_FLIGHT) {
        ok = write_flight(r, err);
    }
    r->info.status = status;
    if (r->attached) {
        restore(r);
        attach_poll(&r->attach);
        attach_panic_text(&r->attach, r->info.panic);
    }
    if (r->writer) {
        u4_error_t own;
        bool closed = u4t_finish(r->writer, &r->info, counted ? emitted : NULL,
                                 r->attach.ring_count, ok ? err : &own);
        r->writer = NULL;
        ok = ok && closed;
    }
    return ok;
}

void recording_free(recording_t *r)
{
    u4_error_t ignored;
    recording_finish(r, -1, &ignored);
    if (r->attached) {
        attach_close(&r->attach);
    }
    kernel_close(r->kernel);
    source_close(r->source);
    free(r->early);
}
