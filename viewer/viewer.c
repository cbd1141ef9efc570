/* SPDX-License-Identifier: BSD-2-Clause */
#include "viewer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "caps.h"
#include "config.h"
#include "session.h"
#include "memory.h"

typedef struct {
    index_t *index;
    u4t_reader_t *reader;
    pipeline_t *pipeline;
    const viewer_guest_t *guest;
    bool follow;
    unsigned quiet_ms;
    uint64_t seen; /* bytes of the file, when it was last at its end */
    char path[64];
    int fd;
} loader_t;

/* At the end of a file that grows. The lock is let go meanwhile. */
static follow_t wait_for_more(void *context)
{
    enum { NAP_MS = 10, QUIET_MS = 200 };
    loader_t *loader = context;
    const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
    index_unlock(loader->index);
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&loader->index->lock);
    if (atomic_load(&loader->index->stop)) {
        return FOLLOW_STOP;
    }
    if (loader->guest) {
        loader->guest->watch(loader->guest->self);
    }
    uint64_t size = u4t_good_until(loader->reader);
    loader->quiet_ms = size == loader->seen ? loader->quiet_ms + NAP_MS : 0;
    loader->seen = size;
    if (loader->quiet_ms < QUIET_MS) {
        return FOLLOW_AGAIN;
    }
    loader->quiet_ms = 0;
    return FOLLOW_QUIET;
}

static void *load(void *context)
{
    loader_t *loader = context;
    index_t *index = loader->index;
    u4_error_t err = {""};
    pthread_mutex_lock(&index->lock);
    bool ok = loader->follow ? pipeline_follow_file(loader->pipeline, loader->reader, wait_for_more,
                                                    loader, &err)
                             : pipeline_run_file(loader->pipeline, loader->reader, &err);
    if (!ok) {
        index->problem = err;
    }
    index->done = true;
    index_unlock(index);
    return NULL;
}

static void free_app(app_t *app)
{
    for (unsigned i = 0; i < view_count; i++) {
        free(app->tables[i].order);
    }
    if (app->has_regex) {
        regfree(&app->regex);
    }
    chosen_free(app);
    caps_free(app->caps);
    free(app->marks);
    free(app->macros);
    free(app->listed);
    free(app->alive);
    free(app->living);
    free(app);
}

static app_t *new_app(const viewer_options_t *options)
{
    app_t *app = memory_new(1, sizeof(*app));
    app->file = options->guest ? options->guest->name : options->file;
    app->path = options->file;
    app->temporary = options->temporary;
    app->guest = options->guest;
    app->live = options->follow;
    app->stats.opened = stats_now();
    app->follow = true;
    app->scheme = options->scheme;
    app->ascii = options->ascii;
    app->slow_ns = 100000;
    app->cpu_ns = 1000000000;
    app->timeline = (timeline_t){.whole = true, .arrows = true};
    app->pane[1] = 1;
    return app;
}

static bool prepare(app_t *app, const viewer_options_t *options, u4_error_t *err)
{
    marks_load(app);
    app->restores = options->restore;
    if ((options->config && !config_read(app, options->config)) ||
        (options->filter && !find_filter(app, options->filter))) {
        return u4_fail(err, "%s", app->message);
    }
    if (app->restores && !session_restore(app)) {
        return u4_fail(err, "%s (of the last session)", app->message);
    }
    if (options->view && !app_show_named(app, options->view)) {
        return u4_fail(err, "--view: there is no view '%s' (%s, %s ...)", options->view,
                       views[0]->name, views[1]->name);
    }
    return true;
}

static bool show(loader_t *loader, const viewer_options_t *options, u4_error_t *err)
{
    pthread_t thread;
    app_t *app = new_app(options);
    app->index = loader->index;
    app->schema = u4t_schema(loader->reader);
    app->path = loader->path[0] ? loader->path : app->path;
    loader->index->model = pipeline_model(loader->pipeline);
    loader->index->info = u4t_info(loader->reader);
    bool ok = prepare(app, options, err);
    if (ok && pthread_create(&thread, NULL, load, loader) != 0) {
        ok = u4_fail(err, "cannot start a thread");
    } else if (ok) {
        if (options->plain) {
            pthread_join(thread, NULL);
            ok = plain_report(app) == 0 || u4_fail(err, "standard output: cannot write");
        } else {
            app_run(app);
            atomic_store(&loader->index->stop, true);
            pthread_join(thread, NULL);
        }
    }
    if (ok && loader->index->problem.text[0]) {
        *err = loader->index->problem;
        ok = false;
    }
    free_app(app);
    return ok;
}

/* A temporary file loses its name at once, and is gone however this ends. */
static bool hide(loader_t *loader, const char *file, u4_error_t *err)
{
    loader->fd = open(file, O_RDONLY | O_CLOEXEC);
    if (loader->fd < 0) {
        return u4_fail_errno(err, "%s: cannot open it", file);
    }
    snprintf(loader->path, sizeof(loader->path), "/proc/self/fd/%d", loader->fd);
    unlink(file);
    return true;
}

bool viewer_run(const viewer_options_t *options, u4_error_t *err)
{
    loader_t loader = {.follow = options->follow, .guest = options->guest, .fd = -1};
    loader.reader = u4t_open(options->file, err);
    if (!loader.reader || (options->temporary && !hide(&loader, options->file, err))) {
        u4t_close(loader.reader);
        return false;
    }
    index_t *index = memory_new(1, sizeof(*index));
    bool ok = index_open(index, err);
    if (ok) {
        loader.index = index;
        struct stat status;
        index->size = stat(options->file, &status) == 0 ? (uint64_t)status.st_size : 0;
        index->reader = loader.reader;
        loader.pipeline = pipeline_new(u4t_schema(loader.reader), u4t_info(loader.reader));
        pipeline_add(loader.pipeline, &index_sink, index, NULL);
        ok = show(&loader, options, err);
        pipeline_free(loader.pipeline);
        index_close(index);
    }
    free(index);
    u4t_close(loader.reader);
    if (loader.fd >= 0) {
        close(loader.fd);
    }
    return ok;
}

bool viewer_print_config(const viewer_options_t *options, u4_error_t *err)
{
    app_t *app = new_app(options);
    bool ok = !options->config || config_read(app, options->config);
    if (!ok) {
        u4_fail(err, "%s", app->message);
    } else {
        config_print(app, stdout);
        ok = fflush(stdout) == 0 || u4_fail(err, "standard output: cannot write");
    }
    free_app(app);
    return ok;
}
