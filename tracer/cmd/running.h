/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that runs already: found by name, process id or RAM file, attached to, recorded. What
 * u4 record and u4 view have in common.
 */
#ifndef TRACER_RUNNING_H
#define TRACER_RUNNING_H

#include <sys/types.h>

#include "recording.h"

typedef struct {
    recording_t recording;
    const char *guest, *trace, *ram, *kernel; /* as given; NULL: not */
    const char *gdb, *control;                /* instead of RAM; QEMU's control socket */
    pid_t pid;                                /* of QEMU; 0: not known */
    char name[64], image[4096];
    char qmp[256]; /* control socket; "": none */
    char output[4200];
    bool mask_set;
    bool only_look; /* nothing is to be recorded */
} running_t;

/* Takes the guest's name behind the options, and checks that --ram, --gdb and --kernel go with it.
 * False after a message, with the exit status. */
bool running_one_guest(running_t *running, int argc, char **argv, int *status);

/* Finds the guest's memory and its kernel. Without an output, NAME.u4t is the output. */
bool running_find(running_t *running, u4_error_t *err);

/* Waits for the kernel to come up, for as long as QEMU lives; by hand, for two seconds. Gives up
 * once `signals` can be read. */
bool running_wait(running_t *running, int signals, u4_error_t *err);

/* Lets it trace `trace`, or, where none is given and nothing is traced, the default. */
bool running_trace(running_t *running, u4_error_t *err);

/* Sets the masks back to what they were before. */
void running_restore(running_t *running);

/* QEMU has ended. */
bool running_gone(const running_t *running);

#endif
