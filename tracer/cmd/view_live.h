/* SPDX-License-Identifier: BSD-2-Clause */
/* A running guest for the viewer: recorded while it is looked at, paused, traced otherwise. */
#ifndef TRACER_VIEW_LIVE_H
#define TRACER_VIEW_LIVE_H

#include "running.h"
#include "viewer/viewer.h"

typedef struct {
    running_t running;
    viewer_guest_t guest;
    bool temporary; /* no output was named */
    bool paused;
    bool finished;
} view_live_t;

/* Attaches and begins to record; running.output then names the trace. */
bool view_live_open(view_live_t *live, u4_error_t *err);

/* Lets the guest go on as it was, closes the trace. */
void view_live_close(view_live_t *live);

#endif
