/* SPDX-License-Identifier: BSD-2-Clause */
#include "writing.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "memory.h"

bool writing_wants(const writing_t *writing, const row_t *row)
{
    event_t event;
    row_event(writing->app, row, &event);
    return !writing->filter || filter_match(writing->filter, writing->app->index->model, &event);
}

/* While the trace is being indexed. False: there will be no such row. */
static bool wait_for_row(const writing_t *writing, uint64_t i)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    index_t *index = writing->app->index;
    while (i >= index->spool.count && !index->done && !atomic_load(&writing->stop)) {
        index_unlock(index);
        nanosleep(&nap, NULL);
        index_lock(index);
    }
    return i < index->spool.count;
}

/* Of the rows there are; of those to come, as many as the file's size lets one expect. */
static void note_progress(writing_t *writing, uint64_t i)
{
    const index_t *index = writing->app->index;
    uint64_t count = index->spool.count;
    double all = (double)(count < writing->end ? count : writing->end);
    if (writing->to < index->last_time) {
        all = (double)spool_find(&index->spool, writing->to + 1);
    } else if (!index->done && writing->end == UINT64_MAX) {
        all *= (double)index->size / (double)(u4t_good_until(index->reader) + 1);
    }
    double done = (double)(i - writing->first),
           percent = 100 * done / (all - (double)writing->first);
    atomic_store(&writing->percent, percent < 99 ? (unsigned)percent : 99);
}

bool writing_row(writing_t *writing, uint64_t i, row_t *row)
{
    index_t *index = writing->app->index;
    if (i % WRITING_BATCH == 0) {
        note_progress(writing, i);
        index_breathe(index);
    }
    if (atomic_load(&writing->stop) || i >= writing->end || !wait_for_row(writing, i)) {
        return false;
    }
    *row = spool_row(&index->spool, i);
    return row->record.time <= writing->to;
}

/* ---- the file's name ---- */

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* Never over what is there, but into a device. */
static bool choose_names(writing_t *writing, const char *path, u4_error_t *err)
{
    struct stat status;
    bool device = stat(path, &status) == 0 && S_ISCHR(status.st_mode);
    snprintf(writing->path, sizeof(writing->path), "%s", path);
    snprintf(writing->part, sizeof(writing->part), device ? "%s" : "%s.part", writing->path);
    if (!device && is_there(path)) {
        return u4_fail(err, "%s: is there already", path);
    }
    if (!device && is_there(writing->part)) {
        return u4_fail(err, "%s: is there already: being written, or left behind", writing->part);
    }
    return true;
}

static bool is_device(const writing_t *writing)
{
    return strcmp(writing->path, writing->part) == 0;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *at)
{
    (void)status;
    (void)flag;
    (void)at;
    return remove(path);
}

/* Of a file, or of a directory of files. */
static void remove_part(const writing_t *writing)
{
    enum { DESCRIPTORS = 4 };
    if (!is_device(writing)) {
        nftw(writing->part, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    }
}

/* Not every file system can refuse by itself to replace what has come meanwhile. */
static bool give_name(writing_t *writing)
{
    const char *part = writing->part, *path = writing->path;
    if (is_device(writing) || renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno == EINVAL && !is_there(path) && rename(part, path) == 0) {
        return true;
    }
    return u4_fail_errno(&writing->err, "%s: cannot have this name", path);
}

/* ---- the thread ---- */

static void *run(void *context)
{
    writing_t *writing = context;
    bool ok = write_selection(writing);
    if (atomic_load(&writing->stop)) {
        writing->err.text[0] = 0;
        ok = false;
    }
    writing->ok = ok && give_name(writing);
    if (!writing->ok) {
        remove_part(writing);
    }
    atomic_store(&writing->over, true);
    return NULL;
}

/* What is selected now, whatever the user does meanwhile. */
static bool choose_selection(app_t *app, writing_t *writing, u4_error_t *err)
{
    const chosen_t *chosen = &app->chosen;
    const index_t *index = app->index;
    uint64_t zero = model_ns(index->model, index->first_time);
    app_selection(app, &writing->from, &writing->to);
    writing->from_ns = writing->from ? model_ns(index->model, writing->from) - zero : 0;
    writing->until_ns =
        writing->to < UINT64_MAX ? model_ns(index->model, writing->to + 1) - zero : UINT64_MAX;
    writing->end = app->live ? index->spool.count : UINT64_MAX;
    writing->filter = chosen->filter ? filter_parse(app->schema, chosen->text, err) : NULL;
    snprintf(writing->what, sizeof(writing->what), "%s%s", chosen->filter ? ", filtered" : "",
             app->has_a && app->has_b ? ", from A to B" : "");
    return writing->filter || !chosen->filter;
}

static bool start(app_t *app, writing_t *writing, const char *path, u4_error_t *err)
{
    struct stat status;
    if (!choose_names(writing, path, err) || !choose_selection(app, writing, err)) {
        return false;
    }
    writing->app = app;
    writing->size = stat(app->path, &status) == 0 ? (uint64_t)status.st_size : 0;
    if (pthread_create(&writing->thread, NULL, run, writing) != 0) {
        filter_free(writing->filter);
        return u4_fail(err, "cannot start a thread");
    }
    return true;
}

static void complain(app_t *app, u4_error_t *err)
{
    err->text[strcspn(err->text, "\n")] = 0;
    app_complain(app, "write: %s", err->text);
}

bool do_write(app_t *app, const char *path)
{
    u4_error_t err = {""};
    if (!*path || app->stats.frames == 0) {
        app_complain(app, *path ? "write: not before the viewer shows the trace"
                                : "write: which file? .txt .csv .json .perfetto-trace .ctf .u4t");
        return false;
    }
    if (app->writing) {
        app_complain(app, "write: %s is still being written: Esc stops that", app->writing->path);
        return false;
    }
    writing_t *writing = memory_new(1, sizeof(*writing));
    if (!start(app, writing, path, &err)) {
        complain(app, &err);
        free(writing);
        return false;
    }
    app->writing = writing;
    return true;
}

/* ---- what the viewer sees of it ---- */

static void finish(app_t *app)
{
    writing_t *writing = app->writing;
    pthread_join(writing->thread, NULL);
    filter_free(writing->filter);
    free(writing);
    app->writing = NULL;
}

bool write_look(app_t *app)
{
    writing_t *writing = app->writing;
    if (!writing || !atomic_load(&writing->over)) {
        return writing != NULL;
    }
    if (writing->ok) {
        app_say(app, "written: %s%s", writing->path, writing->what);
    } else if (writing->err.text[0]) {
        complain(app, &writing->err);
    } else {
        app_say(app, "stopped: %s is not written", writing->path);
    }
    finish(app);
    app->drawn = UINT64_MAX;
    return false;
}

unsigned write_percent(const app_t *app)
{
    return app->writing ? atomic_load(&app->writing->percent) : 0;
}

void write_stop(app_t *app)
{
    if (app->writing) {
        atomic_store(&app->writing->stop, true);
    }
}

bool write_may_leave(app_t *app)
{
    if (!app->writing || app->writing->asked) {
        return true;
    }
    app->writing->asked = true;
    app_complain(app, "%s is still being written: leave again to give it up", app->writing->path);
    return false;
}

void write_end(app_t *app)
{
    if (app->writing) {
        write_stop(app);
        finish(app);
    }
}
