/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that this process has started: its life from QEMU's start to its exit status. */
#ifndef TRACER_GUEST_H
#define TRACER_GUEST_H

#include "qemu.h"
#include "recording.h"
#include "runinfo.h"

typedef struct {
    qemu_options_t qemu;
    recording_t recording;
    uint64_t timeout_ns; /* 0: none */
    runinfo_t info;
    pid_t pid;
    int console; /* QEMU's output; -1 at its end */
    int signals; /* signalfd */
    bool ended;
    int wait_status;
    bool stopping;   /* quit was asked for */
    const char *why; /* ... because of this */
    int interrupted; /* by this signal */
    uint64_t begun_ns;
    uint64_t finished_ns; /* the kernel said it had halted or panicked */
    bool failed;          /* recording failed; told already */
    bool stop_fired;      /* the guest is to stand still when a trigger has acted */
} guest_t;

/* Runs it to its end. Returns the exit status of u4 run. */
int guest_run(guest_t *guest, const qemu_t *qemu, const char *name);

#endif
