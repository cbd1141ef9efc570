/* SPDX-License-Identifier: BSD-2-Clause */
/* The views: each is one file, and one line here and in views.c. */
#ifndef VIEWER_VIEWS_H
#define VIEWER_VIEWS_H

#include "app.h"

extern const view_t view_timeline, view_events, view_threads, view_objects, view_ipc, view_log,
    view_async, view_caps, view_losses, view_marks;

#endif
