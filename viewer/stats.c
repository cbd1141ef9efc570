/* SPDX-License-Identifier: BSD-2-Clause */
/* :stats, how quick and how large the viewer is. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "app.h"

uint64_t stats_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void stats_draw_begins(app_t *app)
{
    app->stats.draw_begun = stats_now();
}

void stats_drawn(app_t *app)
{
    stats_t *s = &app->stats;
    uint64_t now = stats_now(), took = now - s->draw_begun;
    s->first = s->frames++ ? s->first : now - s->opened;
    s->slowest_draw = took > s->slowest_draw ? took : s->slowest_draw;
    if (s->key_at && now - s->key_at > s->slowest_key) {
        s->slowest_key = now - s->key_at;
    }
    s->key_at = 0;
}

void stats_key(app_t *app, bool pressed)
{
    app->stats.key_at = pressed ? stats_now() : 0;
}

/* The figures of frames since the last time that this was asked for. */
bool do_stats(app_t *app, const char *text)
{
    stats_t *s = &app->stats;
    struct rusage usage;
    uint64_t rows = app->index->spool.count, now = stats_now();
    (void)text;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    app_say(app,
            "first %.0f ms; %llu frames in %.1f s, slowest %.1f ms, key %.1f ms; cpu %.1f s; "
            "index %.1f, events %.1f B/event",
            (double)s->first / 1e3, (unsigned long long)s->frames, (double)(now - s->opened) / 1e6,
            (double)s->slowest_draw / 1e3, (double)s->slowest_key / 1e3, cpu,
            rows ? (double)index_memory(app->index) / (double)rows : 0,
            rows ? (double)series_memory(&app->index->spool.rows) / (double)rows : 0);
    s->slowest_draw = s->slowest_key = 0;
    return true;
}
