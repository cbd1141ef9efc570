/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be done to a guest that is viewed while it runs. */
#include <string.h>

#include "app.h"

static bool no_guest(app_t *app)
{
    app_complain(app, "no guest: u4 view --live attaches to one");
    return false;
}

static bool set_paused(app_t *app, bool paused)
{
    u4_error_t err;
    if (!app->guest) {
        return no_guest(app);
    }
    if (!app->guest->pause(app->guest->self, paused, &err)) {
        app_complain(app, "%s", err.text);
        return false;
    }
    app->guest_paused = paused;
    app_say(app, paused ? "the guest is paused (P lets it go on)" : "the guest goes on");
    return true;
}

bool guest_pause(app_t *app, const char *text)
{
    (void)text;
    return set_paused(app, true);
}

bool guest_resume(app_t *app, const char *text)
{
    (void)text;
    return set_paused(app, false);
}

bool guest_trace(app_t *app, const char *text)
{
    u4_error_t err;
    if (!app->guest) {
        return no_guest(app);
    }
    if (!app->guest->trace(app->guest->self, text, &err)) {
        err.text[strcspn(err.text, "\n")] = 0;
        app_complain(app, "trace: %s", err.text);
        return false;
    }
    app_say(app, "the guest traces %s from now on", text);
    return true;
}
