/* SPDX-License-Identifier: BSD-2-Clause */
/* A part of a trace as a trace of its own. */
#ifndef VIEWER_CUT_H
#define VIEWER_CUT_H

#include "app.h"

/* Writes the selection into a new .u4t. What says who the threads are goes along from before it;
 * records are counted anew, and what was lost between them stays lost. */
bool cut_write(app_t *app, const char *path, u4_error_t *err);

#endif
