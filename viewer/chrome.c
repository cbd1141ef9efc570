/* SPDX-License-Identifier: BSD-2-Clause */
/* Title, tabs, status line, key bar, help. */
#include <stdio.h>
#include <string.h>

#include "app.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void source_text(const app_t *app, char *text, size_t size)
{
    const index_t *index = app->index;
    if (index->problem.text[0]) {
        snprintf(text, size, "INCOMPLETE");
    } else if (app->guest_paused && !index->done) {
        snprintf(text, size, "GUEST PAUSED");
    } else if (app->live && !index->done) {
        snprintf(text, size, app->follow ? "LIVE" : "LIVE, paused");
    } else if (!index->done) {
        uint64_t read = u4t_good_until(index->reader);
        unsigned percent = index->size ? (unsigned)(read * 100 / index->size) : 0;
        snprintf(text, size, "indexing %u%%", percent < 100 ? percent : 99);
    } else if (index->info && index->info->panic[0]) {
        snprintf(text, size, "PANIC");
    } else {
        /* A file that was followed to its end was closed in order. */
        bool ended = app->live || (index->info && index->info->ended);
        snprintf(text, size, ended ? "complete" : "cut off");
    }
}

static void loss_text(const app_t *app, char *text, size_t size)
{
    char count[32];
    uint64_t lost = 0;
    for (size_t i = 0; i < app->index->hole_count; i++) {
        lost += app->index->holes[i].loss.count;
    }
    count_text(lost, count, sizeof(count));
    snprintf(text, size, lost ? "%s LOST" : "none lost", count);
}

static void draw_title(const app_t *app, int width)
{
    const index_t *index = app->index;
    char events[32], span[32], source[32], loss[40], right[160], left[256];
    count_text(index->records, events, sizeof(events));
    duration_text(app, index->last_time - index->first_time, span, sizeof(span));
    source_text(app, source, sizeof(source));
    loss_text(app, loss, sizeof(loss));
    snprintf(left, sizeof(left), " %s", base_name(app->file));
    if (width < 60) {
        snprintf(right, sizeof(right), "%s ev, %s ", events, index->done ? loss : source);
    } else {
        snprintf(right, sizeof(right), "%s events in %s, %s, %s ", events, span, loss, source);
    }
    int used = text_width(right);
    put(0, 0, width, style(STYLE_BAR), "");
    put(0, 0, width - used > 0 ? width - used : 0, style(STYLE_BAR), left);
    bool bad = index->hole_count || index->problem.text[0];
    put_right(0, width - used, used, style(bad ? STYLE_WARNING : STYLE_BAR), right);
}

/* The wordiest tabs that fit: with names, closer, with beginnings of names, only numbers. */
enum { TABS_WIDE, TABS_CLOSE, TABS_CUT, TABS_NUMBERS };

static int tab_text(const app_t *app, unsigned view, unsigned words, char *text, size_t size)
{
    bool on = view == app->pane[app->focus];
    char number[8] = " ";
    if (view < 9) {
        snprintf(number, sizeof(number), " %u ", view + 1);
    }
    int most = words == TABS_CUT && !on ? 4 : words == TABS_NUMBERS && !on ? 0 : 20;
    most = most == 0 && view >= 9 ? 1 : most; /* a tenth view has no number */
    snprintf(text, size, "%s%.*s%s", number, most, views[view]->name,
             words == TABS_WIDE ? " " : "");
    return text_width(text);
}

static unsigned tab_words(const app_t *app, int width)
{
    char text[40];
    for (unsigned words = TABS_WIDE; words < TABS_NUMBERS; words++) {
        int used = 0;
        for (unsigned i = 0; i < view_count; i++) {
            used += tab_text(app, i, words, text, sizeof(text));
        }
        if (used <= width) {
            return words;
        }
    }
    return TABS_NUMBERS;
}

static void draw_tabs(const app_t *app, int width)
{
    int x = 0;
    unsigned words = tab_words(app, width);
    put(1, 0, width, style(STYLE_TAB), "");
    for (unsigned i = 0; i < view_count; i++) {
        char text[40];
        int used = tab_text(app, i, words, text, sizeof(text));
        put(1, x, used, style(i == app->pane[app->focus] ? STYLE_TAB_ON : STYLE_TAB), text);
        x += used;
    }
}

bool chrome_tab_at(const app_t *app, int x, unsigned *view)
{
    char text[40];
    unsigned words = tab_words(app, getmaxx(stdscr));
    for (*view = 0; *view < view_count; (*view)++) {
        x -= tab_text(app, *view, words, text, sizeof(text));
        if (x < 0) {
            return true;
        }
    }
    return false;
}

static void markers_text(const app_t *app, char *text, size_t size)
{
    char a[40] = "", b[40] = "", difference[40];
    text[0] = 0;
    if (app->has_a) {
        time_text(app, app->a, a, sizeof(a));
    }
    if (app->has_b) {
        time_text(app, app->b, b, sizeof(b));
    }
    if (app->has_a && app->has_b) {
        duration_text(app, app->a < app->b ? app->b - app->a : app->a - app->b, difference,
                      sizeof(difference));
        snprintf(text, size, "  A %s  B %s  B-A %s%s", a, b, app->b < app->a ? "-" : "",
                 difference);
    } else if (app->has_a || app->has_b) {
        snprintf(text, size, "  %s %s", app->has_a ? "A" : "B", app->has_a ? a : b);
    }
}

/* What is done in the background. */
static void work_text(const app_t *app, char *text, size_t size)
{
    const search_t *search = &app->search;
    uint64_t rows = app->index->spool.count + app->index->line_count;
    text[0] = 0;
    if (search->step) {
        snprintf(text, size, "  searching %u%%", (unsigned)(search->row * 100 / (rows + 1)));
    } else if (app->writing) {
        snprintf(text, size, "  writing %u%% (Esc stops)", write_percent(app));
    }
}

/* How much of a text goes into a line: whole words, if they fit. */
static size_t line_part(const char *text, size_t width)
{
    size_t length = strlen(text), end = width;
    if (length <= width) {
        return length;
    }
    while (end && text[end] != ' ') {
        end--;
    }
    for (end = end ? end : width; end > 1 && (text[end] & 0xc0) == 0x80; end--) {} /* UTF-8 */
    return end;
}

/* In as many lines as it needs, of which the last is `y`; bytes count as columns. */
static void put_lines(int y, int width, attr_t attr, const char *text)
{
    char part[sizeof(((app_t *)0)->message)];
    const char *at = text;
    size_t length = line_part(at, (size_t)width);
    while (at[length]) {
        at += length + (at[length] == ' ');
        length = line_part(at, (size_t)width);
        y--;
    }
    for (at = text;; at += length + (at[length] == ' ')) {
        length = line_part(at, (size_t)width);
        snprintf(part, sizeof(part), "%.*s", (int)length, at);
        put(y++, 0, width, attr, part);
        if (!at[length]) {
            return;
        }
    }
}

static void draw_status(const app_t *app, int y, int width)
{
    char text[1000], time[40], markers[200], filter[320] = "", shown[40], work[40], extra[80] = "";
    if (app->message[0]) {
        put_lines(y, width, style(app->message_bad ? STYLE_WARNING : STYLE_NORMAL), app->message);
        return;
    }
    work_text(app, work, sizeof(work));
    time_text(app, app->cursor.time, time, sizeof(time));
    markers_text(app, markers, sizeof(markers));
    if (app->chosen.filter) {
        const index_t *index = app->index;
        bool more = index->done && app->chosen.seen < index->spool.count;
        unsigned percent = (unsigned)(app->chosen.seen * 100 / (index->spool.count + 1));
        count_text(app->chosen.count, shown, sizeof(shown));
        int at = snprintf(filter, sizeof(filter), "  filter %s: %s", app->chosen.text, shown);
        if (more) {
            snprintf(filter + at, sizeof(filter) - (size_t)at, ", %u%% done", percent);
        }
    }
    if (app_view(app)->status) {
        app_view(app)->status(app, extra, sizeof(extra));
    }
    snprintf(text, sizeof(text), "%s s  #%llu%s%s%s%s", time, (unsigned long long)app->cursor.event,
             work, extra, markers, filter);
    put(y, 0, width, style(STYLE_DIM), text);
}

/* "k text|k text": as many as fit. The last words of an entry are what the key does. */
static void draw_bar(const app_t *app, int y, int width)
{
    const char *at = app_view(app)->bar;
    int x = 0;
    put(y, 0, width, style(STYLE_NORMAL), "");
    while (*at) {
        size_t length = strcspn(at, "|");
        char entry[64];
        snprintf(entry, sizeof(entry), "%.*s", (int)(length < 60 ? length : 60), at);
        char *space = strrchr(entry, ' ');
        int used = text_width(entry) + 1;
        if (space && x + used <= width) {
            *space = 0;
            put(y, x, text_width(entry), style(STYLE_KEY), entry);
            put(y, x + text_width(entry) + 1, text_width(space + 1), style(STYLE_NORMAL),
                space + 1);
        }
        x += used + 1;
        at += length + (at[length] == '|');
    }
}

static void draw_prompt(const app_t *app, int y, int width)
{
    char text[300];
    const prompt_t *prompt = &app->prompt;
    snprintf(text, sizeof(text), "%c%s", prompt->kind, prompt->text);
    if (prompt->kind == '&') {
        snprintf(text, sizeof(text), "filter: %s", prompt->text);
    }
    int used = text_width(text);
    const char *shown = used >= width ? text + (used - width + 1) : text;
    put(y, 0, width, style(STYLE_NORMAL), shown);
    put(y, text_width(shown), 1, style(STYLE_SELECTED), " ");
    const char *hint = prompt->hint[0] ? prompt->hint : app->message;
    style_t look = prompt->hint[0] || app->message_bad ? STYLE_MARK : STYLE_DIM;
    put_lines(y - 1, width, style(look), hint);
}

void chrome_draw(app_t *app)
{
    int height = getmaxy(stdscr), width = getmaxx(stdscr);
    draw_title(app, width);
    draw_tabs(app, width);
    draw_status(app, height - 2, width);
    if (app->prompt.kind) {
        draw_prompt(app, height - 1, width);
    } else {
        draw_bar(app, height - 1, width);
    }
}

static const help_t common[] = {
    {"1..9 B", "views, bookmarks"},
    {"Tab Shift-Tab", "next, previous view"},
    {"arrows", "move"},
    {"h j k l", "left, down, up, right"},
    {"PgUp PgDn", "a page up, down"},
    {"^U ^D space", "a page up, down, down"},
    {"g G Home End", "first, last"},
    {"/ n N", "search: regular expression, lower case ignores case"},
    {"?", "search backwards in Events and Log, this help elsewhere"},
    {"F1", "this help"},
    {"& \\ !", "filter (Tab completes), clear it, invert it"},
    {": ", "goto 12ms, event N, filter E, view V, mark T, slow 10us, write F.csv"},
    {"a b x", "marker A, marker B at the cursor, clear both"},
    {"m . ,", "bookmark here, next, previous"},
    {"^O ^P", "back to before the jump, forward again"},
    {"] [ } { ) (", "next, previous event of the same thread, object, badge"},
    {"f F", "along the message of this event"},
    {"e E  w W", "next, previous gap; next, previous slow message"},
    {"v ^W", "split the screen; other pane"},
    {"p P M", "live: follow the end or stay; pause the guest; what it traces"},
    {"y", "copy the line to the clipboard"},
    {"Esc", "ends a search or :write that is under way"},
    {"^L", "draws the screen anew"},
    {"q", "leave"},
    {NULL, NULL},
};

enum { HELP_KEYS = 14 /* columns */ };

static int help_lines(const help_t *help, int line, const app_t *app, rect_t at)
{
    char part[200];
    for (; help->keys; help++) {
        const char *keys = help->keys, *text = help->text;
        do {
            int y = line++ - (int)app->help_top;
            size_t length = line_part(text, (size_t)(at.width - HELP_KEYS));
            snprintf(part, sizeof(part), "%.*s", (int)length, text);
            if (y >= 1 && y < at.height) {
                put(at.y + y, at.x, HELP_KEYS, style(STYLE_MARK), keys);
                put(at.y + y, at.x + HELP_KEYS, at.width - HELP_KEYS, style(STYLE_NORMAL), part);
            }
            text += length + (text[length] == ' ');
            keys = "";
        } while (*text);
    }
    return line;
}

void help_draw(app_t *app, rect_t at)
{
    char title[160];
    for (int y = 0; y < at.height; y++) {
        put(at.y + y, at.x, at.width, style(STYLE_NORMAL), "");
    }
    snprintf(title, sizeof(title), "%s: %s (any key leaves, arrows scroll)", app_view(app)->name,
             app_view(app)->summary);
    put(at.y, at.x, at.width, style(STYLE_HEAD), title);
    int line = help_lines(app_view(app)->help, 1, app, at);
    help_lines(common, line + 1, app, at);
}
