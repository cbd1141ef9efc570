/* SPDX-License-Identifier: BSD-2-Clause */
/* Where u4 caps gets the kernel's state from: a guest that runs, its memory in a file, a GDB
 * server, or the snapshot in a trace file. */
#ifndef TRACER_STATE_INPUT_H
#define TRACER_STATE_INPUT_H

#include "u4trace/snapshot.h"

typedef struct {
    const char *ram, *gdb, *kernel; /* options; NULL: not given */
    const char *what;               /* a trace file, or a guest's name; NULL: the only guest */
    const char *name;               /* result: for messages */
    char guest[64];
} state_input_t;

snapshot_t *state_input_take(state_input_t *input, u4_error_t *err);

#endif
