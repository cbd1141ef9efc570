/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"

/* $XDG_STATE_HOME/u4/view/NAME-HASH, HASH of the trace's full path; false: nowhere. */
static bool session_path(const app_t *app, char *path, size_t size, bool make)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *full = app->temporary ? NULL : realpath(app->path, NULL);
    bool known = full && ((state && *state) || (home && *home));
    if (known) {
        uint64_t hash = 14695981039346656037u; /* FNV-1a */
        for (const char *at = full; *at; at++) {
            hash = (hash ^ (unsigned char)*at) * 1099511628211u;
        }
        const char *slash = strrchr(full, '/');
        int used = state && *state ? snprintf(path, size, "%.3000s/u4/view/", state)
                                   : snprintf(path, size, "%.3000s/.local/state/u4/view/", home);
        for (char *at = strchr(path + 1, '/'); make && at; at = strchr(at + 1, '/')) {
            *at = 0;
            mkdir(path, 0700); /* whether it worked shows when the file is opened */
            *at = '/';
        }
        snprintf(path + used, size - (size_t)used, "%.100s-%016" PRIx64, slash + 1, hash);
    }
    free(full);
    return known;
}

void session_save(app_t *app)
{
    char path[4200];
    FILE *out = session_path(app, path, sizeof(path), true) ? fopen(path, "w") : NULL;
    if (!out) {
        return; /* a convenience: no reason to complain at the end */
    }
    const timeline_t *t = &app->timeline;
    config_print(app, out);
    fprintf(out, "panes %s %s %u %u\n", views[app->pane[0]]->name, views[app->pane[1]]->name,
            app->focus, app->split);
    if (app->chosen.filter) {
        fprintf(out, "filter %s\n", app->chosen.text);
    }
    if (!t->whole) {
        fprintf(out, "window %" PRIu64 " %" PRIu64 "\n", t->start, t->end);
    }
    if (app->has_a && app->has_b) {
        fprintf(out, "markers %" PRIu64 " %" PRIu64 "\n", app->a, app->b);
    }
    for (unsigned i = 0; i < view_count; i++) {
        if (app->tables[i].sort_chosen) {
            fprintf(out, "sort %s %u %u\n", views[i]->name, app->tables[i].sort,
                    app->tables[i].ascending);
        }
    }
    fprintf(out, "at %" PRIu64 " %" PRIu64 "\n", app->cursor.time, app->cursor.event);
    fclose(out);
}

bool session_restore(app_t *app)
{
    char path[4200];
    return !session_path(app, path, sizeof(path), false) || config_read(app, path);
}

static bool wrong(app_t *app, const char *command, const char *text)
{
    app_complain(app, "%s: '%s' is not what a session has there", command, text);
    return false;
}

bool do_at(app_t *app, const char *text)
{
    if (sscanf(text, "%" SCNu64 " %" SCNu64, &app->wanted.time, &app->wanted.event) != 2) {
        return wrong(app, "at", text);
    }
    app->has_wanted = true;
    return true;
}

void session_place(app_t *app)
{
    const index_t *index = app->index;
    if (app->has_wanted && (index->spool.count > app->wanted.event || index->done)) {
        app->has_wanted = false;
        if (index->spool.count > app->wanted.event) {
            app_move(app, app->wanted.time, app->wanted.event);
            table_sync(app, app->pane[0]);
            table_sync(app, app->pane[1]);
        }
    }
}

bool do_window(app_t *app, const char *text)
{
    uint64_t start, end;
    if (sscanf(text, "%" SCNu64 " %" SCNu64, &start, &end) != 2 || end <= start) {
        return wrong(app, "window", text);
    }
    app->timeline.start = start;
    app->timeline.end = end;
    app->timeline.whole = false;
    return true;
}

bool do_markers(app_t *app, const char *text)
{
    if (sscanf(text, "%" SCNu64 " %" SCNu64, &app->a, &app->b) != 2) {
        return wrong(app, "markers", text);
    }
    app->has_a = app->has_b = true;
    return true;
}

bool do_panes(app_t *app, const char *text)
{
    char names[2][24];
    unsigned focus, split;
    if (sscanf(text, "%23s %23s %u %u", names[0], names[1], &focus, &split) != 4 || focus > 1) {
        return wrong(app, "panes", text);
    }
    for (unsigned i = 0; i < 2; i++) {
        app->focus = i;
        if (!app_show_named(app, names[i])) {
            return wrong(app, "panes", text);
        }
    }
    app->focus = focus;
    app->split = split;
    return true;
}

bool do_sort(app_t *app, const char *text)
{
    char name[24];
    unsigned column, ascending;
    if (sscanf(text, "%23s %u %u", name, &column, &ascending) != 3) {
        return wrong(app, "sort", text);
    }
    for (unsigned i = 0; i < view_count; i++) {
        const table_ops_t *ops = views[i]->table;
        if (strcmp(views[i]->name, name) == 0 && ops && column < ops->count) {
            table_t *table = &app->tables[i];
            table->sort = column;
            table->ascending = ascending;
            table->sort_chosen = true;
        }
    }
    return true;
}
