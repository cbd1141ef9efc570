/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's control socket (QEMU Machine Protocol): a guest's pause, and where its harts are. */
#ifndef TRACER_QMP_H
#define TRACER_QMP_H

#include <stdbool.h>
#include <stdint.h>

#include "u4trace/error.h"

typedef struct qmp qmp_t;

qmp_t *qmp_open(const char *socket_path, u4_error_t *err);
void qmp_close(qmp_t *qmp);

/* One command without arguments ("stop", "cont"). */
bool qmp_do(qmp_t *qmp, const char *command, u4_error_t *err);

/* The harts' program counters; returns how many, 0 if QEMU does not say. */
unsigned qmp_program_counters(qmp_t *qmp, uint64_t *pc, unsigned most);

/* Is the guest running (and not stopped by somebody already)? */
bool qmp_running(qmp_t *qmp);

/* Connects, sends one command ("quit", "stop", "cont") and leaves. */
bool qmp_command(const char *socket_path, const char *command, u4_error_t *err);

#endif
