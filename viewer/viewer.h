/* SPDX-License-Identifier: BSD-2-Clause */
/* What u4 view needs: a trace to read, and how it should look. */
#ifndef VIEWER_VIEWER_H
#define VIEWER_VIEWER_H

#include "screen.h"
#include "u4trace/snapshot.h"
#include "u4trace/u4t.h"

/* A guest that is being recorded into the file while it is viewed. The functions are called by
 * two threads, one at a time. */
typedef struct {
    void *self;
    const char *name;
    /* The kernel's state as it is now; the guest stands still meanwhile. */
    snapshot_t *(*snapshot)(void *self, u4_error_t *err);
    /* Stops all of the guest, or lets it go on. */
    bool (*pause)(void *self, bool paused, u4_error_t *err);
    /* What is to be traced from now on, such as "ipc,sched,-irq.timer". */
    bool (*trace)(void *self, const char *list, u4_error_t *err);
    /* Called often: closes the file once the guest has ended. */
    void (*watch)(void *self);
} viewer_guest_t;

typedef struct {
    const char *file;
    const viewer_guest_t *guest; /* NULL: none */
    bool temporary;              /* the file is to be gone afterwards */
    const char *filter;          /* at first; NULL: none */
    const char *view;            /* at first; NULL: the timeline */
    const char *config;          /* NULL: none is read */
    scheme_t scheme;
    bool ascii, follow, plain;
    bool restore; /* begin where this trace was left */
} viewer_options_t;

/* Returns when the user leaves, or, `plain`, when all is printed. False with an error. */
bool viewer_run(const viewer_options_t *options, u4_error_t *err);

/* Prints every setting as a configuration file: `config`, and the defaults of the rest. */
bool viewer_print_config(const viewer_options_t *options, u4_error_t *err);

#endif
