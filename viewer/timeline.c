/* SPDX-License-Identifier: BSD-2-Clause */
#include "timeline.h"

#include <stdio.h>
#include <string.h>

uint64_t timeline_time(const canvas_t *canvas, int column)
{
    uint64_t span = canvas->end - canvas->start;
    column = column < 0 ? 0 : column;
    return canvas->start +
           (uint64_t)((unsigned __int128)span * (unsigned)column / (unsigned)canvas->width);
}

int timeline_column(const canvas_t *canvas, uint64_t time)
{
    if (time < canvas->start) {
        return -1;
    }
    if (time >= canvas->end) {
        return canvas->width;
    }
    unsigned __int128 at = (unsigned __int128)(time - canvas->start) * (unsigned)canvas->width;
    int column = (int)(at / (canvas->end - canvas->start));
    while (column + 1 < canvas->width && timeline_time(canvas, column + 1) <= time) {
        column++;
    }
    return column;
}

static void mark_column(const canvas_t *canvas, uint64_t time, const char *text)
{
    int column = timeline_column(canvas, time);
    if (column >= 0 && column < canvas->width) {
        put(canvas->y + 1, canvas->x + column, 1, style(STYLE_MARK), text);
    }
}

/* Ticks of 1, 2 or 5 times a power of ten, ten columns apart or more. */
static uint64_t ruler_step(uint64_t ns_per_label)
{
    uint64_t base = 1;
    for (;; base *= 10) {
        for (unsigned i = 0; i < 3; i++) {
            uint64_t candidate = base * (i == 0 ? 1 : i == 1 ? 2 : 5);
            if (candidate >= ns_per_label || base > UINT64_MAX / 100) {
                return candidate;
            }
        }
    }
}

/* A place on the ruler, in the largest unit that it has one of, as exact as the distance between
 * labels asks for. */
static void label_text(uint64_t ns, uint64_t step, char *text, size_t size)
{
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    unsigned u = 0;
    int digits = 0;
    while (u < 3 && ns < units[u].unit && step < units[u].unit) {
        u++;
    }
    for (uint64_t unit = units[u].unit; step % unit; unit /= 10) {
        digits++;
    }
    snprintf(text, size, "+%.*f%s", digits, (double)ns / (double)units[u].unit, units[u].name);
}

void timeline_ruler(const canvas_t *canvas, int x, int names)
{
    const app_t *app = canvas->app;
    const model_t *model = app->index->model;
    char text[48];
    /* Labels count from the trace's beginning: the guest's clock may have run for long. */
    uint64_t zero = model_ns(model, app->index->first_time);
    uint64_t from = model_ns(model, canvas->start), to = model_ns(model, canvas->end);
    from = from > zero ? from - zero : 0;
    to = to > zero ? to - zero : 0;
    uint64_t span = to > from ? to - from : 1;
    duration_text(app, canvas->end - canvas->start, text, sizeof(text));
    put(canvas->y, x, names, style(STYLE_HEAD), text);
    put(canvas->y, canvas->x, canvas->width, style(STYLE_HEAD), "");
    /* Columns between labels: late and exact ones are long. */
    uint64_t width = (uint64_t)canvas->width;
    uint64_t room = from >= 1000000000 && span / width < 100000 ? 18 : 14;
    uint64_t step = ruler_step(span / width * room + span % width * room / width + 1);
    for (uint64_t ns = (from + step - 1) / step * step; ns < to && ns + step > ns; ns += step) {
        int column = (int)((double)(ns - from) / (double)span * (double)canvas->width + 0.5);
        char label[40];
        label_text(ns, step, label, sizeof(label));
        snprintf(text, sizeof(text), "%s%s", glyph(GLYPH_TICK), label);
        int used = text_width(text);
        if (column + used <= canvas->width) {
            put(canvas->y, canvas->x + column, used, style(STYLE_HEAD), text);
        }
    }
}

static void draw_markers(const canvas_t *canvas)
{
    const app_t *app = canvas->app;
    if (app->has_a) {
        mark_column(canvas, app->a, "A");
    }
    if (app->has_b) {
        mark_column(canvas, app->b, "B");
    }
    mark_column(canvas, app->cursor.time, glyph(GLYPH_CURSOR));
}

void timeline_density(const canvas_t *canvas, int x, int names)
{
    const spool_t *spool = &canvas->app->index->spool;
    uint64_t counts[1024], most = 0;
    int width = canvas->width < 1024 ? canvas->width : 1024;
    uint64_t from = spool_find(spool, canvas->start);
    for (int c = 0; c < width; c++) {
        uint64_t to = spool_find(spool, timeline_time(canvas, c + 1));
        counts[c] = to - from;
        most = counts[c] > most ? counts[c] : most;
        from = to;
    }
    put(canvas->y + 1, x, names - 1, style(STYLE_DIM), "events");
    put(canvas->y + 1, x + names - 1, 1, style(STYLE_DIM), glyph(GLYPH_TICK));
    for (int c = 0; c < width; c++) {
        unsigned eighths = most ? (unsigned)((counts[c] * 8 + most - 1) / most) : 0;
        put(canvas->y + 1, canvas->x + c, 1, style(STYLE_DIM), glyph_bar(eighths));
    }
    draw_markers(canvas);
}

/* Who a hart ran in a column: the only one, or, of many, nobody. */
static uint32_t ran_in(const series_t *turns, uint64_t from, uint64_t to, bool *many)
{
    turn_t turn;
    uint64_t until = to - (to > from);
    *many = series_until(turns, until) - series_until(turns, from) > 2;
    return series_at(turns, until, &turn) ? (uint32_t)turn.thread : 0;
}

static void put_names(const canvas_t *canvas, int y, int from, int to, uint32_t uid, bool idle)
{
    if (uid && to - from >= 4 && !idle) {
        const char *name = index_name(canvas->app->index, uid);
        int room = text_width(name);
        put(y, canvas->x + from, room < to - from ? room : to - from,
            style(STYLE_RUNNING) | A_REVERSE, name);
    }
}

void timeline_hart(const canvas_t *canvas, int y, unsigned hart)
{
    const index_t *index = canvas->app->index;
    const series_t *turns = &index->turns[hart];
    uint32_t last = 0;
    int since = 0;
    bool last_idle = true;
    for (int c = 0; c <= canvas->width; c++) {
        uint64_t from = timeline_time(canvas, c), to = timeline_time(canvas, c + 1);
        bool many = false, past = c == canvas->width || from > index->last_time;
        uint32_t uid = past ? 0 : ran_in(turns, from, to, &many);
        const life_t *life = index_life(index, uid);
        bool idle = !life || life->thread.idle;
        uid = many ? UINT32_MAX : uid;
        if (uid != last || c == canvas->width) {
            put_names(canvas, y, since, c, last == UINT32_MAX ? 0 : last, last_idle);
            last = uid;
            since = c;
            last_idle = idle;
        }
        if (c < canvas->width) {
            const char *what = many ? glyph(GLYPH_MANY) : idle ? " " : glyph_bar(8);
            put(y, canvas->x + c, 1, style(STYLE_RUNNING), what);
        }
    }
}

static const char *state_glyph(thread_state_t state)
{
    static const glyph_t glyphs[THREAD_STATES] = {
        [THREAD_READY] = GLYPH_READY,         [THREAD_SENDING] = GLYPH_SENDING,
        [THREAD_CALLING] = GLYPH_CALLING,     [THREAD_RECEIVING] = GLYPH_RECEIVING,
        [THREAD_REPLY] = GLYPH_REPLY,         [THREAD_NTFN] = GLYPH_NTFN,
        [THREAD_FAULTED] = GLYPH_FAULT,       [THREAD_BLOCKED] = GLYPH_BLOCKED,
        [THREAD_POSTPONED] = GLYPH_POSTPONED,
    };
    bool blank = state == THREAD_STOPPED || state == THREAD_DEAD || state == THREAD_UNKNOWN ||
                 state == THREAD_RUNNING || state == THREAD_IDLE;
    return blank ? " " : glyph(glyphs[state]);
}

/* Running wins if it took part of the column; else the state in which the column ends. */
void timeline_thread(const canvas_t *canvas, int y, const life_t *life)
{
    for (int c = 0; c < canvas->width; c++) {
        uint64_t from = timeline_time(canvas, c), to = timeline_time(canvas, c + 1);
        to = to > from ? to : from + 1;
        uint64_t busy = index_busy(life, to) - index_busy(life, from);
        band_t band;
        if (!index_band(life, to - 1, &band) || from > canvas->app->index->last_time) {
            put(y, canvas->x + c, 1, style(STYLE_NORMAL), " ");
        } else if (busy > 0) {
            unsigned eighths = (unsigned)((busy * 8 + (to - from) - 1) / (to - from));
            put(y, canvas->x + c, 1, style(STYLE_RUNNING), glyph_bar(eighths));
        } else {
            put(y, canvas->x + c, 1, style(state_style(band.state)), state_glyph(band.state));
        }
    }
}

void timeline_losses(const canvas_t *canvas, int y, int height, int first)
{
    const index_t *index = canvas->app->index;
    for (size_t i = 0; i < index->hole_count; i++) {
        const loss_t *loss = &index->holes[i].loss;
        int line = first - (int)canvas->app->timeline.top; /* not used for threads */
        int from = timeline_column(canvas, loss->after), to = timeline_column(canvas, loss->until);
        line = (int)loss->hart - (int)canvas->app->timeline.top;
        if (line < 0 || line >= height || line >= first || to < 0 || from >= canvas->width) {
            continue;
        }
        from = from < 0 ? 0 : from;
        for (int c = from; c <= to && c < canvas->width; c++) {
            put(y + line, canvas->x + c, 1, style(STYLE_WARNING), glyph(GLYPH_LOST));
        }
    }
}
