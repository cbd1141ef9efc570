/* SPDX-License-Identifier: BSD-2-Clause */
/* What u4 view needs: a trace to read, and how it should look. */
#ifndef VIEWER_VIEWER_H
#define VIEWER_VIEWER_H

#include "screen.h"
#include "u4trace/u4t.h"

typedef struct {
    const char *file;
    const char *filter; /* at first; NULL: none */
    const char *view;   /* at first; NULL: the timeline */
    const char *config; /* NULL: none is read */
    scheme_t scheme;
    bool ascii, follow, plain;
} viewer_options_t;

/* Returns when the user leaves, or, `plain`, when all is printed. False with an error. */
bool viewer_run(const viewer_options_t *options, u4_error_t *err);

#endif
