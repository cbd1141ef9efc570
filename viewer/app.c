/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: keys, background slices, drawing. */
#include "app.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "config.h"
#include "session.h"

enum { LEAST_WIDTH = 40, LEAST_HEIGHT = 10, FRAME_MS = 33, WORK_MS = 30 };

static void say(app_t *app, bool bad, const char *format, va_list args)
{
    vsnprintf(app->message, sizeof(app->message), format, args);
    app->message_bad = bad;
}

void app_say(app_t *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(app, false, format, args);
    va_end(args);
}

void app_complain(app_t *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(app, true, format, args);
    va_end(args);
}

const view_t *app_view(const app_t *app)
{
    return views[app->pane[app->focus]];
}

table_t *app_table(app_t *app)
{
    return app_view(app)->table ? &app->tables[app->pane[app->focus]] : NULL;
}

void app_show(app_t *app, unsigned view)
{
    app->search.step = 0;
    app->pane[app->focus] = view;
    table_sync(app, view);
}

bool app_show_named(app_t *app, const char *name)
{
    for (unsigned i = 0; i < view_count; i++) {
        if (*name && strncasecmp(views[i]->name, name, strlen(name)) == 0) {
            app_show(app, i);
            return true;
        }
    }
    return false;
}

/* ---- drawing ---- */

static void lay_out(app_t *app)
{
    int height = getmaxy(stdscr) - 4, width = getmaxx(stdscr);
    app->split = app->split && height >= 8;
    app->focus = app->split ? app->focus : 0;
    int upper = app->split ? (height - 1) / 2 : height;
    app->areas[0] = (rect_t){.y = 2, .x = 0, .height = upper, .width = width};
    app->areas[1] = (rect_t){.y = 3 + upper, .x = 0, .height = height - upper - 1, .width = width};
}

static void draw_pane(app_t *app, unsigned pane)
{
    unsigned view = app->pane[pane];
    bool focused = pane == app->focus;
    if (views[view]->table) {
        table_draw(app, view, app->areas[pane], focused);
    } else {
        views[view]->draw(app, app->areas[pane], focused);
    }
}

static void draw(app_t *app)
{
    int height = getmaxy(stdscr), width = getmaxx(stdscr);
    erase();
    if (height < LEAST_HEIGHT || width < LEAST_WIDTH) {
        char text[80];
        snprintf(text, sizeof(text), "u4 view needs 40x10, this is %dx%d", width, height);
        put(0, 0, width, style(STYLE_NORMAL), text);
        refresh();
        return;
    }
    lay_out(app);
    if (app->help) {
        help_draw(app, (rect_t){.y = 2, .height = height - 4, .width = width});
    } else {
        draw_pane(app, 0);
        if (app->split) {
            char title[80];
            unsigned other = app->focus ? 0 : 1;
            snprintf(title, sizeof(title), " %s%s (^W: other pane)", views[app->pane[1]]->name,
                     other ? "" : " *");
            put(app->areas[1].y - 1, 0, width, style(STYLE_TAB_ON), title);
            draw_pane(app, 1);
        }
    }
    chrome_draw(app);
    refresh();
}

/* ---- keys ---- */

static void set_marker(app_t *app, int key)
{
    bool *has = key == 'a' ? &app->has_a : &app->has_b;
    *(key == 'a' ? &app->a : &app->b) = app->cursor.time;
    *has = true;
}

static void toggle_split(app_t *app)
{
    bool wanted = !app->split;
    app->split = wanted;
    if (app->split && app->pane[1] == app->pane[0]) {
        app->pane[1] = app->pane[0] == 1 ? 0 : 1;
    }
    lay_out(app);
    if (wanted && !app->split) {
        app_complain(app, "too small to split: 12 lines will do");
    }
    table_sync(app, app->pane[1]);
}

static void invert_filter(app_t *app)
{
    char text[sizeof(app->chosen.text) + 4];
    if (app->chosen.filter) {
        snprintf(text, sizeof(text), "!(%s)", app->chosen.text);
        find_filter(app, text);
        table_sync(app, app->pane[app->focus]);
    }
}

static bool prompt_keys(app_t *app, int key)
{
    switch (key) {
    case '/': prompt_open(app, '/', ""); return true;
    case ':': prompt_open(app, ':', ""); return true;
    case '&': prompt_open(app, '&', app->chosen.text); return true;
    case '\\':
        find_filter(app, "");
        table_sync(app, app->pane[app->focus]);
        return true;
    case '!': invert_filter(app); return true;
    case 'n': find_again(app, 1); return true;
    case 'N': find_again(app, -1); return true;
    case '?':
        if (app_view(app)->searches_back) {
            prompt_open(app, '?', "");
        } else {
            app->help = true;
        }
        return true;
    default: return false;
    }
}

/* A search goes through the rows of the pane that it began in. */
static void set_focus(app_t *app, unsigned pane)
{
    app->search.step = app->focus == pane ? app->search.step : 0;
    app->focus = pane;
}

static bool view_keys(app_t *app, int key)
{
    unsigned now = app->pane[app->focus];
    if (key >= '1' && key <= '9' && key < '1' + (int)view_count) {
        app_show(app, (unsigned)(key - '1'));
        return true;
    }
    switch (key) {
    case '\t': app_show(app, (now + 1) % view_count); return true;
    case KEY_BTAB: app_show(app, (now + view_count - 1) % view_count); return true;
    case 'B': app_show_named(app, "Marks"); return true;
    case 'v': toggle_split(app); return true;
    case 23: set_focus(app, app->split ? !app->focus : 0); return true; /* ^W */
    case KEY_F(1): app->help = true; return true;
    case 'q': app->quit = write_may_leave(app); return true;
    default: return false;
    }
}

/* Of a search and a file that is being written, the search first. */
static void stop_work(app_t *app)
{
    if (!app->search.step) {
        write_stop(app);
    }
    app->search.step = 0;
}

static void common_keys(app_t *app, int key)
{
    switch (key) {
    case 'a':
    case 'b': set_marker(app, key); break;
    case 'x': app->has_a = app->has_b = false; break;
    case 'm': app_mark(app, ""); break;
    case 15: app_back(app, false); break;  /* ^O */
    case 16: app_back(app, true); break;   /* ^P */
    case 12: clearok(stdscr, TRUE); break; /* ^L */
    case 27: stop_work(app); break;
    case 'P': (app->guest_paused ? guest_resume : guest_pause)(app, ""); break;
    case 'M': prompt_open(app, ':', "trace "); break;
    case 'y': app_copy(app); break;
    case 'p':
        app->follow = app->live && !app->follow;
        app_say(app, app->live ? (app->follow ? "follows the end" : "stays here")
                               : "not a live trace (u4 view -f)");
        break;
    default: break;
    }
}

static void on_mouse_event(app_t *app, const MEVENT *event)
{
    if (event->y == 1 && event->bstate & MOUSE_DOWN) {
        unsigned view;
        if (chrome_tab_at(app, event->x, &view)) {
            app_show(app, view);
        }
        return;
    }
    for (unsigned i = 0; i < (app->split ? 2u : 1u); i++) {
        const rect_t *at = &app->areas[i];
        if (event->y >= at->y && event->y < at->y + at->height) {
            set_focus(app, i);
            if (app_view(app)->table) {
                table_mouse(app, event, *at);
            } else if (app_view(app)->mouse) {
                app_view(app)->mouse(app, event, *at);
            }
        }
    }
}

/* What came at once is one key for ncurses, which gives the last event first. */
static void on_mouse(app_t *app)
{
    enum { MOST = 8 }; /* that ncurses keeps */
    MEVENT events[MOST];
    unsigned count = 0;
    while (count < MOST && getmouse(&events[count]) == OK) {
        count++;
    }
    while (count) {
        on_mouse_event(app, &events[--count]);
        table_settle(app, app->focus);
    }
}

static void help_key(app_t *app, int key)
{
    if (key == KEY_DOWN || key == 'j' || key == ' ' || key == KEY_NPAGE) {
        app->help_top += app->help_top < 80;
    } else if (key == KEY_UP || key == 'k' || key == KEY_PPAGE) {
        app->help_top -= app->help_top > 0;
    } else {
        app->help = false;
        app->help_top = 0;
    }
}

void app_key(app_t *app, int key)
{
    if (key == KEY_RESIZE) {
        return;
    }
    if (app->help) {
        help_key(app, key);
        return;
    }
    if (app->prompt.kind) {
        prompt_key(app, key);
        return;
    }
    app->message[0] = 0;
    if (key == KEY_MOUSE) {
        on_mouse(app);
        return;
    }
    const view_t *view = app_view(app);
    if (binding_run(app, key)) {
        return;
    }
    if (view->key && view->key(app, key)) {
        return;
    }
    if (view->table && table_key(app, key)) {
        return;
    }
    if (!view_keys(app, key) && !prompt_keys(app, key) && !app_jump_key(app, key)) {
        common_keys(app, key);
    }
}

static void follow_end(app_t *app)
{
    const index_t *index = app->index;
    if (app->follow && index->spool.count) {
        app->cursor = (place_t){.time = index->last_time, .event = index->spool.count - 1};
        table_sync(app, app->pane[0]);
        table_sync(app, app->pane[1]);
    }
    app->follow = app->follow && (app->live || !index->done);
    if (!app->follow && app->cursor.time < index->first_time) {
        app->cursor.time = index->first_time;
    }
}

/* What a frame shows, for as long as nobody presses a key: if that has not changed, neither has
 * the screen. */
static uint64_t content(const app_t *app)
{
    const index_t *index = app->index;
    return index->spool.count + index->line_count + index->hole_count + app->chosen.seen +
           app->search.row + write_percent(app) + index->done + u4t_good_until(index->reader);
}

/* Background work until the next frame is due, but at least some: a list is searched to its end
 * before the next key, however late it is. True: there is more. */
static bool work(app_t *app, uint64_t until)
{
    bool busy;
    do {
        busy = filter_slice(app);
        busy = find_slice(app) || busy;
    } while (busy && stats_now() / 1000 < until);
    return busy;
}

static void take_keys(app_t *app, int key)
{
    index_lock(app->index);
    for (unsigned n = 0; key != ERR && n < 100; n++) { /* what was typed meanwhile, too */
        app_key(app, key);
        lay_out(app);
        table_settle(app, app->focus);
        timeout(0);
        key = app->search.step ? ERR : getch();
    }
    index_unlock(app->index);
}

/* One frame, and the wait for the next or for a key. */
static void frame(app_t *app, bool *redraw)
{
    uint64_t due = stats_now() / 1000 + FRAME_MS;
    bool writes = write_look(app);
    index_lock(app->index);
    bool busy = work(app, stats_now() / 1000 + WORK_MS);
    session_place(app);
    follow_end(app);
    uint64_t now = content(app);
    if (*redraw || now != app->drawn) {
        stats_draw_begins(app);
        draw(app);
        stats_drawn(app);
        app->drawn = now;
    }
    bool waits = app->index->done && !busy && !writes;
    index_unlock(app->index);
    uint64_t time = stats_now() / 1000;
    timeout(busy ? 0 : waits ? 1000 : due > time ? (int)(due - time) : 0);
    int key = getch();
    stats_key(app, key != ERR);
    *redraw = key != ERR || waits;
    take_keys(app, key);
}

void app_run(app_t *app)
{
    scheme_t scheme = app->scheme;
    bool ascii = app->ascii, redraw = true;
    screen_open(scheme, ascii);
    while (!app->quit && !screen_told_to_end()) {
        if (app->scheme != scheme || app->ascii != ascii || app->restyle) {
            app->restyle = false;
            screen_scheme(scheme = app->scheme);
            screen_ascii(ascii = app->ascii);
        }
        frame(app, &redraw);
    }
    screen_close();
    write_end(app);
    session_save(app);
}
