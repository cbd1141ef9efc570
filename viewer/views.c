/* SPDX-License-Identifier: BSD-2-Clause */
#include "views.h"

const view_t *const views[] = {
    &view_timeline, &view_events, &view_threads, &view_objects, &view_caps,
    &view_ipc,      &view_async,  &view_log,     &view_losses,  &view_marks,
};

const unsigned view_count = sizeof(views) / sizeof(views[0]);
