/* SPDX-License-Identifier: BSD-2-Clause */
/* Where one was in a trace: saved when the viewer is left, restored when that is wanted. */
#ifndef VIEWER_SESSION_H
#define VIEWER_SESSION_H

#include "app.h"

void session_save(app_t *app);
bool session_restore(app_t *app);

/* Commands that only sessions have. */
bool do_at(app_t *app, const char *text);
bool do_window(app_t *app, const char *text);
bool do_markers(app_t *app, const char *text);
bool do_panes(app_t *app, const char *text);
bool do_sort(app_t *app, const char *text);

/* Moves to the place of `at` as soon as the trace is indexed so far. */
void session_place(app_t *app);

#endif
