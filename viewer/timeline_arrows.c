/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages as arrows from the sender's lane to the receiver's, and back for the reply; signals
 * from who sends them to who is woken; those of interrupts have no beginning. */
#include "timeline.h"

enum { SCAN = 20000 /* messages looked at for one screen */ };

typedef struct {
    const canvas_t *canvas;
    int y, height, first;
} arrows_t;

static int line_of(const arrows_t *arrows, uint64_t uid)
{
    const app_t *app = arrows->canvas->app;
    for (size_t i = 0; i < app->listed_count; i++) {
        if (app->listed[i] == uid) {
            int line = arrows->first + (int)i;
            return line >= 0 && line < arrows->height ? line : -1;
        }
    }
    return -1;
}

static void draw_arrow(arrows_t *arrows, uint64_t time, int start, int end, style_t look)
{
    const canvas_t *canvas = arrows->canvas;
    int column = time ? timeline_column(canvas, time) : -1;
    if (column < 0 || column >= canvas->width || start < 0 || end < 0 || start == end) {
        return;
    }
    int step = end > start ? 1 : -1;
    for (int line = start + step; line != end; line += step) {
        put(arrows->y + line, canvas->x + column, 1, style(look), glyph(GLYPH_LINE));
    }
    put(arrows->y + end, canvas->x + column, 1, style(look),
        glyph(step > 0 ? GLYPH_DOWN : GLYPH_UP));
}

static void draw_messages(arrows_t *arrows, uint64_t begin)
{
    const index_t *index = arrows->canvas->app->index;
    for (uint64_t i = begin; i < index->messages.count && i < begin + SCAN; i++) {
        message_t message;
        series_get(&index->messages, i, &message);
        if (message.begun > arrows->canvas->end) {
            break;
        }
        int client = line_of(arrows, message.client), server = line_of(arrows, message.server);
        draw_arrow(arrows, message.received, client, server, STYLE_SENDING);
        draw_arrow(arrows, message.replied, server, client, STYLE_SENDING);
    }
}

/* With more of them than every fourth column could show, arrows would hide the lanes. */
void timeline_arrows(const canvas_t *canvas, int y, int height, int first)
{
    const index_t *index = canvas->app->index;
    arrows_t arrows = {.canvas = canvas, .y = y, .height = height, .first = first};
    uint64_t begin = series_before(&index->messages, canvas->start);
    uint64_t end = series_before(&index->messages, canvas->end);
    uint64_t wake = series_before(&index->wakes, canvas->start);
    uint64_t last = series_before(&index->wakes, canvas->end);
    if (end - begin + last - wake > (size_t)canvas->width / 4 + 1) {
        return;
    }
    draw_messages(&arrows, begin);
    for (; wake < last; wake++) {
        wake_t w;
        series_get(&index->wakes, wake, &w);
        int to = line_of(&arrows, w.to);
        draw_arrow(&arrows, w.time, w.from ? line_of(&arrows, w.from) : to - 1, to, STYLE_NTFN);
    }
}
