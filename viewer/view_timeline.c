/* SPDX-License-Identifier: BSD-2-Clause */
/* Lanes over time: what each hart ran, what state each thread was in, who sent to whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "memory.h"
#include "timeline.h"
#include "trace/ids.h"
#include "views.h"

enum { HEAD = 2 /* ruler and density */ };

/* The whole trace, if it is to be that, or if nothing has been chosen yet. */
static void fit(app_t *app)
{
    timeline_t *t = &app->timeline;
    if (!t->whole && t->end > t->start) {
        return;
    }
    t->start = app->index->first_time;
    t->end = app->index->last_time < UINT64_MAX ? app->index->last_time + 1 : UINT64_MAX;
    if (t->end <= t->start) { /* times that a damaged trace may have */
        t->start = t->end - (t->end > 0);
        t->end = t->start + 1;
    }
}

static int name_width(rect_t at)
{
    return at.width < 60 ? 9 : at.width < 120 ? 13 : 20;
}

/* Threads that live in the window; unless all are wanted, with something to tell. */
static bool has_lane(const app_t *app, const life_t *life)
{
    const timeline_t *t = &app->timeline;
    band_t band;
    if (!series_before(&life->bands, t->end) ||
        (index_band(life, t->start, &band) && band.state == THREAD_DEAD)) {
        return false;
    }
    bool told = life->bands.count > 2 || life->thread.named;
    return app->timeline.all || (told && !life->thread.idle);
}

static void list_lanes(app_t *app)
{
    const index_t *index = app->index;
    app->listed_count = 0;
    for (size_t i = 0; i < index->life_count; i++) {
        if (!has_lane(app, index_life(index, index->order[i]))) {
            continue;
        }
        if (app->listed_count == app->listed_room) {
            app->listed_room = app->listed_room * 2 + 64;
            app->listed = memory_grow(app->listed, app->listed_room, sizeof(app->listed[0]));
        }
        app->listed[app->listed_count++] = index->order[i];
    }
}

static unsigned hart_count(const app_t *app)
{
    unsigned count = 0;
    while (count < MODEL_MAX_HARTS && app->index->turns[count].count) {
        count++;
    }
    return count;
}

static canvas_t canvas_of(const app_t *app, rect_t at)
{
    int names = name_width(at);
    return (canvas_t){.app = app,
                      .y = at.y,
                      .x = at.x + names,
                      .width = at.width - names > 1 ? at.width - names : 1,
                      .start = app->timeline.start,
                      .end = app->timeline.end};
}

/* The selected lane stays with its thread, whatever other lanes come and go with the window. */
static void follow_lane(app_t *app, unsigned harts)
{
    timeline_t *t = &app->timeline;
    for (unsigned i = 0; t->lane_uid && i < app->listed_count; i++) {
        if (app->listed[i] == t->lane_uid) {
            t->lane = harts + i;
        }
    }
}

/* Moves the selection to another lane, and remembers whose it is. */
static void choose_lane(app_t *app, unsigned lane)
{
    timeline_t *t = &app->timeline;
    unsigned harts = hart_count(app), lanes = harts + (unsigned)app->listed_count;
    t->lane = lane < lanes ? lane : lanes ? lanes - 1 : 0;
    t->lane_uid = t->lane >= harts && lanes ? app->listed[t->lane - harts] : 0;
}

static void keep_lane(app_t *app, int room)
{
    timeline_t *t = &app->timeline;
    unsigned harts = hart_count(app), lanes = harts + (unsigned)app->listed_count;
    follow_lane(app, harts);
    unsigned height = room > 0 ? (unsigned)room : 1;
    t->lane = lanes && t->lane >= lanes ? lanes - 1 : t->lane;
    t->top = t->lane < t->top ? t->lane : t->top;
    t->top = t->lane >= t->top + height ? t->lane - height + 1 : t->top;
    t->top = t->top + height > lanes ? (lanes > height ? lanes - height : 0) : t->top;
}

static void draw(app_t *app, rect_t at, bool focused)
{
    (void)focused;
    timeline_t *t = &app->timeline;
    fit(app);
    if (app->live && app->follow && !t->whole) {
        uint64_t span = t->end - t->start;
        t->end = app->index->last_time + 1;
        t->start = t->end > span ? t->end - span : 0;
    }
    list_lanes(app);
    int room = at.height - HEAD, names = name_width(at);
    keep_lane(app, room);
    canvas_t canvas = canvas_of(app, at);
    timeline_ruler(&canvas, at.x, names);
    timeline_density(&canvas, at.x, names);
    unsigned harts = hart_count(app);
    for (int i = 0; i < room; i++) {
        unsigned lane = t->top + (unsigned)i;
        int y = at.y + HEAD + i;
        attr_t attr = style(lane == t->lane ? STYLE_SELECTED : STYLE_NORMAL);
        char name[32];
        if (lane < harts) {
            snprintf(name, sizeof(name), "hart %u", lane);
            put(y, at.x, names - 1, attr, name);
            put(y, at.x + names - 1, 1, style(STYLE_DIM), glyph(GLYPH_TICK));
            timeline_hart(&canvas, y, lane);
        } else if (lane < harts + app->listed_count) {
            uint32_t uid = app->listed[lane - harts];
            put(y, at.x, names - 1, attr, index_name(app->index, uid));
            put(y, at.x + names - 1, 1, style(STYLE_DIM), glyph(GLYPH_TICK));
            timeline_thread(&canvas, y, index_life(app->index, uid));
        } else {
            put(y, at.x, at.width, style(STYLE_NORMAL), "");
        }
    }
    timeline_losses(&canvas, at.y + HEAD, room, (int)harts - (int)t->top);
    if (t->arrows) {
        timeline_arrows(&canvas, at.y + HEAD, room, (int)harts - (int)t->top);
    }
}

static uint64_t column_ticks(const app_t *app)
{
    canvas_t canvas = canvas_of(app, app->areas[app->focus]);
    uint64_t span = app->timeline.end - app->timeline.start;
    return span / (uint64_t)canvas.width ? span / (uint64_t)canvas.width : 1;
}

/* Around the cursor, which stays in its column. */
static void zoom(app_t *app, bool in)
{
    timeline_t *t = &app->timeline;
    uint64_t span = t->end > t->start ? t->end - t->start : 1, middle = app->cursor.time;
    span = span < UINT64_MAX / 4 ? span : UINT64_MAX / 4;
    middle = middle < t->start || middle > t->end ? t->start + span / 2 : middle;
    uint64_t wanted = in ? span / 2 : span * 2;
    uint64_t least = (uint64_t)canvas_of(app, app->areas[app->focus]).width / 4 + 1;
    uint64_t most = 2 * (app->index->last_time - app->index->first_time + 1);
    wanted = wanted < least ? least : wanted > most ? most : wanted;
    uint64_t before = (uint64_t)((double)(middle - t->start) / (double)span * (double)wanted);
    t->start = middle > before ? middle - before : 0;
    t->end = t->start + wanted;
    t->whole = false;
}

static void pan(app_t *app, bool right)
{
    timeline_t *t = &app->timeline;
    uint64_t span = t->end - t->start, by = span / 4 ? span / 4 : 1;
    if (right) {
        t->start = t->start + by > app->index->last_time ? t->start : t->start + by;
    } else {
        t->start = t->start > by ? t->start - by : 0;
    }
    t->end = t->start + span;
    t->whole = false;
}

static void step(app_t *app, bool right, unsigned columns)
{
    uint64_t by = column_ticks(app) * columns, now = app->cursor.time;
    uint64_t first = app->index->first_time, last = app->index->last_time;
    uint64_t to = right ? now + by : now > by ? now - by : 0;
    app_move_time(app, to < first ? first : to > last ? last : to);
}

/* To the next or previous change of the selected lane. */
static void step_lane(app_t *app, bool right)
{
    unsigned harts = hart_count(app), lane = app->timeline.lane;
    if (lane < harts || lane - harts >= app->listed_count) {
        return;
    }
    const life_t *life = index_life(app->index, app->listed[lane - harts]);
    uint64_t time = app->cursor.time;
    uint64_t to = right ? series_until(&life->bands, time) : series_before(&life->bands, time) - 1;
    band_t band;
    if (to < life->bands.count) { /* nor before the first: that is beyond any */
        series_get(&life->bands, to, &band);
        app_move_time(app, band.time);
    }
}

static bool zoom_to_marks(app_t *app)
{
    timeline_t *t = &app->timeline;
    if (!app->has_a || !app->has_b || app->a == app->b) {
        app_complain(app, "z shows A to B: set them with a and b");
        return true;
    }
    t->start = app->a < app->b ? app->a : app->b;
    t->end = (app->a < app->b ? app->b : app->a) + 1;
    t->whole = false;
    return true;
}

static bool key(app_t *app, int key_)
{
    timeline_t *t = &app->timeline;
    fit(app); /* keys may come before the first frame */
    list_lanes(app);
    switch (key_) {
    case 'l':
    case KEY_RIGHT: step(app, true, 1); return true;
    case 'h':
    case KEY_LEFT: step(app, false, 1); return true;
    case 'L':
    case KEY_NPAGE: pan(app, true); return true;
    case 'H':
    case KEY_PPAGE: pan(app, false); return true;
    case 'j':
    case KEY_DOWN: choose_lane(app, t->lane + 1); return true;
    case 'k':
    case KEY_UP: choose_lane(app, t->lane - (t->lane > 0)); return true;
    case '+':
    case '=': zoom(app, true); return true;
    case '-': zoom(app, false); return true;
    case '0': t->whole = true; return true;
    case 'z': return zoom_to_marks(app);
    case 'g':
    case KEY_HOME: app_move_time(app, app->index->first_time); return true;
    case 'G':
    case KEY_END: app_move_time(app, app->index->last_time); return true;
    case 'i': t->arrows = !t->arrows; return true;
    case 'o': t->all = !t->all; return true;
    case ' ':
    case 'J': step_lane(app, true); return true;
    case 'K': step_lane(app, false); return true;
    case '\r':
    case KEY_ENTER: app_show_named(app, "Events"); return true;
    default: return false;
    }
}

static void mouse(app_t *app, const MEVENT *event, rect_t at)
{
    canvas_t canvas = canvas_of(app, at);
    timeline_t *t = &app->timeline;
    if (event->bstate & BUTTON4_PRESSED || event->bstate & BUTTON5_PRESSED) {
        app_move_time(app, timeline_time(&canvas, event->x - canvas.x));
        zoom(app, event->bstate & BUTTON4_PRESSED);
        return;
    }
    uint64_t time = timeline_time(&canvas, event->x - canvas.x);
    if (event->bstate & BUTTON1_RELEASED && t->dragging && time != t->drag_from) {
        app->a = t->drag_from;
        app->b = time;
        app->has_a = app->has_b = true;
    }
    if (event->bstate & BUTTON1_PRESSED) {
        t->drag_from = time;
    }
    bool ends = event->bstate & (BUTTON1_RELEASED | BUTTON1_CLICKED);
    t->dragging = (t->dragging || event->bstate & BUTTON1_PRESSED) && !ends;
    if (event->y >= at.y + HEAD) {
        choose_lane(app, t->top + (unsigned)(event->y - at.y - HEAD));
    }
    if (event->x >= canvas.x) {
        app_move_time(app, time);
    }
}

static const help_t help[] = {
    {"h l  H L", "move the cursor a column, the window a quarter"},
    {"+ = - 0", "zoom in (both), out, whole trace"},
    {"J K space", "next, previous change in the selected lane"},
    {"a b z x", "markers A and B, zoom to them, clear them"},
    {"i o", "arrows of messages; all threads or those that did something"},
    {"", "Lanes are those of threads that live in the window."},
    {"Enter", "events at the cursor"},
    {"", "Bars: share of a column in which the thread ran."},
    {NULL, NULL},
};

const view_t view_timeline = {
    .name = "Timeline",
    .summary = "harts and threads over time",
    .help = help,
    .bar = "+ - 0 Zoom|hl Cursor|HL Pan|a b z Mark|i Arrows|Enter Events|? Help|q Quit",
    .draw = draw,
    .key = key,
    .mouse = mouse,
};
