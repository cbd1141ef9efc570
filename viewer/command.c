/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of the prompt; a configuration file is a list of them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "session.h"

static bool parse_ns(const char *text, double *ns)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    char *end;
    *ns = strtod(text, &end);
    if (end == text) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) == 0) {
            *ns *= units[i].ns;
            return *ns > -1e18 && *ns < 1e18;
        }
    }
    return false;
}

/* "0.0123", "12.3ms" since the guest's clock began; "+5us", "-1ms" from the cursor. */
bool parse_time(const app_t *app, const char *text, uint64_t *ticks)
{
    double ns;
    uint64_t hz = app->index->model->timebase_hz;
    if (!parse_ns(text, &ns) || !hz) {
        return false;
    }
    double moved =
        ns * (double)hz / 1e9 + (*text == '+' || *text == '-' ? (double)app->cursor.time : 0.5);
    *ticks = moved > 0 ? (uint64_t)moved : 0;
    return true;
}

static bool do_quit(app_t *app, const char *text)
{
    (void)text;
    app->quit = write_may_leave(app);
    return app->quit;
}

static bool do_goto(app_t *app, const char *text)
{
    uint64_t time;
    if (!parse_time(app, text, &time)) {
        app_complain(app, "goto: expected a time such as 12.5ms or +3us, found '%s'", text);
        return false;
    }
    const index_t *index = app->index;
    if (index->done) {
        uint64_t wanted = time;
        time = time < index->first_time ? index->first_time : time;
        time = time > index->last_time ? index->last_time : time;
        if (time != wanted) {
            app_say(app, "the trace %s here", time > wanted ? "begins" : "ends");
        }
    }
    app_goto(app, time, spool_find(&index->spool, time));
    return true;
}

static bool do_event(app_t *app, const char *text)
{
    char *end;
    uint64_t event = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)*text) || *end || event >= app->index->spool.count) {
        app_complain(app, "event: expected a number below %llu, found '%s'",
                     (unsigned long long)app->index->spool.count, text);
        return false;
    }
    app_goto(app, spool_time(&app->index->spool, event), event);
    return true;
}

static bool do_filter(app_t *app, const char *text)
{
    bool ok = find_filter(app, text);
    table_sync(app, app->pane[app->focus]);
    return ok;
}

static bool do_view(app_t *app, const char *text)
{
    if (!app_show_named(app, text)) {
        app_complain(app, "view: there is none called '%s'", text);
        return false;
    }
    return true;
}

static bool do_mark(app_t *app, const char *text)
{
    return app_mark(app, text);
}

static bool set_duration(app_t *app, const char *command, const char *text, uint64_t *duration)
{
    double ns;
    if (!parse_ns(text, &ns) || ns < 0) {
        app_complain(app, "%s: expected a duration such as 10us, found '%s'", command, text);
        return false;
    }
    *duration = (uint64_t)ns;
    return true;
}

static bool do_slow(app_t *app, const char *text)
{
    return set_duration(app, "slow", text, &app->slow_ns);
}

static bool set_on(app_t *app, bool *what, const char *text)
{
    if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) {
        app_complain(app, "set: expected on or off, found '%s'", text);
        return false;
    }
    *what = strcmp(text, "on") == 0;
    return true;
}

static bool do_set(app_t *app, const char *text)
{
    static const char *const times[TIME_MODES] = {"absolute", "relative", "delta"};
    size_t length = strcspn(text, " ");
    const char *value = text + length + strspn(text + length, " ");
    if (strncmp(text, "colour", length) == 0 && screen_scheme_named(value, &app->scheme)) {
        return true;
    }
    if (strncmp(text, "ascii", length) == 0) {
        return set_on(app, &app->ascii, value);
    }
    if (strncmp(text, "arrows", length) == 0) {
        return set_on(app, &app->timeline.arrows, value);
    }
    if (strncmp(text, "all", length) == 0) {
        return set_on(app, &app->timeline.all, value);
    }
    if (strncmp(text, "cpu", length) == 0) {
        return set_duration(app, "set", value, &app->cpu_ns);
    }
    if (strncmp(text, "restore", length) == 0) {
        return set_on(app, &app->restores, value);
    }
    for (unsigned i = 0; i < TIME_MODES && strncmp(text, "time", length) == 0; i++) {
        if (strcmp(value, times[i]) == 0) {
            app->time_mode = (time_mode_t)i;
            return true;
        }
    }
    app_complain(app, "set: colour auto|mono|16|256|light, ascii|arrows|all|restore on|off, "
                      "time absolute|relative|delta, cpu DURATION");
    return false;
}

static bool do_split(app_t *app, const char *text)
{
    (void)text;
    app->split = !app->split;
    return true;
}

static bool do_help(app_t *app, const char *text)
{
    (void)text;
    app->help = true;
    return true;
}

static const struct {
    const char *name;
    bool (*run)(app_t *app, const char *text);
} commands[] = {
    {"quit", do_quit},        {"goto", do_goto},       {"event", do_event}, {"filter", do_filter},
    {"view", do_view},        {"mark", do_mark},       {"slow", do_slow},   {"set", do_set},
    {"write", do_write},      {"split", do_split},     {"help", do_help},   {"pause", guest_pause},
    {"resume", guest_resume}, {"trace", guest_trace},  {"bind", do_bind},   {"key", do_key},
    {"macro", do_macro},      {"columns", do_columns}, {"style", do_style}, {"at", do_at},
    {"window", do_window},    {"markers", do_markers}, {"panes", do_panes}, {"sort", do_sort},
    {"stats", do_stats},
};

const char *command_name(size_t i)
{
    return i < sizeof(commands) / sizeof(commands[0]) ? commands[i].name : NULL;
}

bool command_run_text(app_t *app, const char *text)
{
    text += strspn(text, " \t");
    size_t length = strcspn(text, " \t");
    bool ok;
    if (length && macro_run(app, text, length, &ok)) {
        return ok;
    }
    const char *rest = text + length + strspn(text + length, " \t");
    for (size_t i = 0; length && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strncmp(commands[i].name, text, length) == 0) {
            return commands[i].run(app, rest);
        }
    }
    if (length) {
        char names[200] = "";
        for (size_t i = 0; command_name(i); i++) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof(names) - used, " %s", command_name(i));
        }
        app_complain(app, "no command '%.*s':%s", (int)length, text, names);
    }
    return !length;
}
