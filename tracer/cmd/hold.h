/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's state as of one moment: the guest stands still while it is read, outside the kernel
 * if possible. */
#ifndef TRACER_HOLD_H
#define TRACER_HOLD_H

#include "u4trace/kernel.h"
#include "u4trace/snapshot.h"

/* Pauses the guest over `qmp` (path of QEMU's control socket) or by the source itself, reads the
 * state, and lets the guest go on. If neither can pause it ("" and a RAM file), the state is read
 * until nothing changes meanwhile; SNAPSHOT_UNSURE says that this did not succeed. Not of a guest
 * that runs: just read. `meanwhile`, if not NULL, is called before the guest goes on. */
typedef void hold_fn(void *context, snapshot_t *snapshot);
snapshot_t *hold_and_snapshot(source_t *source, const kernel_t *kernel, const char *qmp,
                              hold_fn *meanwhile, void *context, u4_error_t *err);

#endif
