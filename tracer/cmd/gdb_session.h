/* SPDX-License-Identifier: BSD-2-Clause */
/* GDB with u4's scripts, connected to a guest or with a core open: what u4 gdb and u4 fsck share. */
#ifndef TRACER_CMD_GDB_SESSION_H
#define TRACER_CMD_GDB_SESSION_H

#include <stdbool.h>

typedef struct {
    const char *kernel;       /* file of the kernel or boot image that runs; NULL: found out */
    const char *console;      /* where a guest booted here prints; NULL: where we do */
    const char *target;       /* boot image, core, or name of a guest; NULL: the only guest */
    bool no_boot;             /* a guest booted here stays at its very first instruction */
    bool batch;               /* GDB ends behind its commands */
    const char *const *extra; /* GDB's own options, NULL behind the last */
} gdb_session_t;

/* Returns the exit status of the command. */
int gdb_session(const gdb_session_t *session);

#endif
