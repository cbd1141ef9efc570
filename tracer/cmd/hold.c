/* SPDX-License-Identifier: BSD-2-Clause */
#include "hold.h"

#include <time.h>

#include "qmp.h"

enum {
    KERNEL_TRIES = 50, /* until all harts are seen in user mode or idle */
    QUIET_TRIES = 20,  /* until memory that nobody holds did not change while it was read */
    MAX_HARTS = 64,
    IDLE_BYTES = 24, /* of idle_wait's loop */
};

typedef struct {
    source_t *source;
    const kernel_t *kernel;
    hold_fn *meanwhile;
    void *context;
    uint64_t table;
} subject_t;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Is a hart between the kernel's entry and exit, and not just waiting for an interrupt? Kernel
 * addresses are the upper half; idle_wait (trap.S) is where a hart waits. */
static bool in_kernel(qmp_t *qmp, const kernel_t *kernel)
{
    uint64_t pc[MAX_HARTS], idle = 0;
    unsigned count = qmp_program_counters(qmp, pc, MAX_HARTS);
    if (kernel) {
        kernel_symbol(kernel, "idle_wait", &idle, NULL);
    }
    for (unsigned i = 0; i < count; i++) {
        if (pc[i] >> 63 && pc[i] - idle >= IDLE_BYTES) {
            return true;
        }
    }
    return false;
}

static snapshot_t *take(const subject_t *s, u4_error_t *err)
{
    snapshot_t *snapshot = snapshot_take(s->source, s->table, err);
    if (snapshot && s->meanwhile) {
        s->meanwhile(s->context, snapshot);
    }
    return snapshot;
}

/* The guest is stopped outside the kernel; from then on *began. */
static bool stop_guest(qmp_t *qmp, const kernel_t *kernel, uint64_t *began, bool *inside,
                       u4_error_t *err)
{
    const struct timespec moment = {.tv_nsec = 200000};
    for (int i = 0;; i++) {
        *began = now_ns();
        if (!qmp_do(qmp, "stop", err)) {
            return false;
        }
        *inside = in_kernel(qmp, kernel);
        if (!*inside || i == KERNEL_TRIES) {
            return true;
        }
        if (!qmp_do(qmp, "cont", err)) {
            return false;
        }
        nanosleep(&moment, NULL);
    }
}

static snapshot_t *take_by_qmp(const subject_t *s, const char *path, u4_error_t *err)
{
    uint64_t began;
    bool inside = false;
    qmp_t *qmp = qmp_open(path, err);
    if (!qmp) {
        return NULL;
    }
    bool ran = qmp_running(qmp);
    if (ran && !stop_guest(qmp, s->kernel, &began, &inside, err)) {
        qmp_close(qmp);
        return NULL;
    }
    snapshot_t *snapshot = take(s, err);
    u4_error_t own;
    bool on = !ran || qmp_do(qmp, "cont", &own);
    if (snapshot) {
        snapshot->info.paused_ns = ran ? now_ns() - began : 0;
        snapshot->info.flags = SNAPSHOT_PAUSED | (inside ? SNAPSHOT_IN_KERNEL : 0);
    }
    qmp_close(qmp);
    if (snapshot && !on) {
        *err = own;
        snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}

static snapshot_t *take_by_source(const subject_t *s, u4_error_t *err)
{
    uint64_t began = now_ns();
    if (!source_hold(s->source, true)) {
        u4_fail(err, "%s: the guest cannot be stopped", s->source->name);
        return NULL;
    }
    snapshot_t *snapshot = take(s, err);
    if (!source_hold(s->source, false) && snapshot) {
        u4_fail(err, "%s: the guest, stopped to be looked at, does not go on", s->source->name);
        snapshot_free(snapshot);
        return NULL;
    }
    if (snapshot) {
        snapshot->info.paused_ns = now_ns() - began;
        snapshot->info.flags = SNAPSHOT_PAUSED;
    }
    return snapshot;
}

/* Nobody can stop the guest: twice the same is as good. */
static snapshot_t *take_running(const subject_t *s, u4_error_t *err)
{
    for (int i = 0;; i++) {
        snapshot_t *snapshot = take(s, err);
        if (!snapshot || snapshot_unchanged(snapshot, s->source)) {
            return snapshot;
        }
        if (i == QUIET_TRIES) {
            snapshot->info.flags |= SNAPSHOT_UNSURE;
            return snapshot;
        }
        snapshot_free(snapshot);
    }
}

snapshot_t *hold_and_snapshot(source_t *source, const kernel_t *kernel, const char *qmp,
                              hold_fn *meanwhile, void *context, u4_error_t *err)
{
    subject_t s = {.source = source, .kernel = kernel, .meanwhile = meanwhile, .context = context};
    if (!state_find_table(source, kernel, &s.table, err)) {
        return NULL;
    }
    if (qmp && *qmp) {
        return take_by_qmp(&s, qmp, err);
    }
    if (source->ops->hold) {
        return take_by_source(&s, err);
    }
    return source->live ? take_running(&s, err) : take(&s, err);
}
