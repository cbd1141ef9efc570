/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a running guest is to be traced: as users say it, and as its kernel takes it. */
#ifndef TRACER_CHOICE_H
#define TRACER_CHOICE_H

#include "u4trace/attach.h"
#include "u4trace/snapshot.h"

/* Where a guest's names are looked up: its state is read once, when the first is asked for. */
typedef struct {
    source_t *source;
    const kernel_t *kernel;
    const char *qmp; /* to pause it meanwhile; NULL or "": none */
    snapshot_t *snapshot;
} names_t;

/* A thread's reference by its name or by a number. False with a message. */
bool names_thread(names_t *names, const char *text, uint32_t *ref, u4_error_t *err);
void names_free(names_t *names);

/* Filters by thread and by object; NULL: leave it as it is; "any": none. */
typedef struct {
    const char *thread, *object;
} choice_t;

/* Lets the kernel trace only what the choice says. */
bool choice_apply(const choice_t *choice, attach_t *attach, names_t *names, u4_error_t *err);

#endif
