/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists with columns: selection, scrolling, sorting, highlighting of what was searched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "memory.h"

static const table_ops_t *ops_of(unsigned view)
{
    return views[view]->table;
}

/* Of a sorted list those that were arranged last, which are what is on the screen: the trace may
 * have grown since. */
uint64_t table_rows(app_t *app, unsigned view)
{
    const table_ops_t *ops = ops_of(view);
    return ops->sort_key ? app->tables[view].ordered : ops->rows(app);
}

typedef struct {
    double key;
    uint32_t row;
} keyed_t;

static int compare_keys(const void *a, const void *b)
{
    const keyed_t *x = a, *y = b;
    return x->key > y->key ? -1 : x->key < y->key ? 1 : x->row < y->row ? -1 : x->row > y->row;
}

static void sort_rows(app_t *app, unsigned view, uint64_t rows)
{
    const table_ops_t *ops = ops_of(view);
    table_t *table = &app->tables[view];
    if (!table->sort_chosen) {
        table->sort = ops->sort;
        table->sort_chosen = true;
    }
    keyed_t *keys = memory_new(rows + 1, sizeof(*keys));
    for (uint64_t i = 0; i < rows; i++) {
        double key = ops->sort_key(app, i, table->sort);
        keys[i] = (keyed_t){.key = table->ascending ? -key : key, .row = (uint32_t)i};
    }
    qsort(keys, rows, sizeof(*keys), compare_keys);
    table->order = memory_grow(table->order, rows + 1, sizeof(table->order[0]));
    for (uint64_t i = 0; i < rows; i++) {
        table->order[i] = keys[i].row;
    }
    table->ordered = rows;
    free(keys);
}

/* Lists the rows anew, in order, with the selection on what was picked, if it is still there. */
static uint64_t arrange(app_t *app, unsigned view)
{
    const table_ops_t *ops = ops_of(view);
    table_t *table = &app->tables[view];
    uint64_t rows = ops->rows(app);
    if (ops->sort_key) {
        sort_rows(app, view, rows);
    }
    for (uint64_t i = 0; table->picked && i < rows; i++) {
        if (ops->subject(app, table->order[i]) == table->picked) {
            table->selected = i;
            break;
        }
    }
    return rows;
}

static uint64_t real_row(const app_t *app, unsigned view, uint64_t row)
{
    const table_t *table = &app->tables[view];
    return ops_of(view)->sort_key && row < table->ordered ? table->order[row] : row;
}

uint64_t table_row(app_t *app)
{
    unsigned view = app->pane[app->focus];
    return real_row(app, view, app->tables[view].selected);
}

void table_line(app_t *app, unsigned view, uint64_t row, char *text, size_t size)
{
    const table_ops_t *ops = ops_of(view);
    size_t at = 0;
    text[0] = 0;
    for (unsigned c = 0; c < ops->count && at + 2 < size; c++) {
        if (c) {
            text[at++] = ' ';
        }
        text[at] = 0;
        ops->cell(app, real_row(app, view, row), c, text + at, size - at);
        at += strlen(text + at);
    }
}

/* Where each column is; the last without a width takes the rest. */
static void lay_out(const app_t *app, const table_ops_t *ops, uint32_t shown, rect_t at,
                    int widths[MAX_COLUMNS])
{
    int left = at.width, flexible = -1;
    for (unsigned c = 0; c < ops->count; c++) {
        const column_t *column = &ops->columns[c];
        bool there = shown ? shown >> c & 1 : column->need <= at.width;
        there = there && (shown || !column->there || column->there(app));
        widths[c] = there ? column->width : -1;
        if (widths[c] == 0) {
            flexible = (int)c;
        } else if (widths[c] > 0) {
            left -= widths[c] + 1;
        }
    }
    if (flexible >= 0) {
        widths[flexible] = left > 0 ? left : -1;
    }
}

static void draw_head(app_t *app, unsigned view, rect_t at, const int widths[MAX_COLUMNS])
{
    const table_ops_t *ops = ops_of(view);
    const table_t *table = &app->tables[view];
    put(at.y, at.x, at.width, style(STYLE_HEAD), "");
    int x = at.x;
    for (unsigned c = 0; c < ops->count; c++) {
        if (widths[c] < 0) {
            continue;
        }
        char title[40];
        bool sorted = ops->sort_key && table->sort == c;
        snprintf(title, sizeof(title), "%s%s", ops->columns[c].title,
                 sorted ? (table->ascending ? glyph(GLYPH_UP) : glyph(GLYPH_SORT)) : "");
        (ops->columns[c].right ? put_right : put)(at.y, x, widths[c], style(STYLE_HEAD), title);
        x += widths[c] + 1;
    }
}

/* Marks what the search pattern matches, in the text that is on the screen. */
static void highlight(const app_t *app, int y, int x, int width, const char *text)
{
    regmatch_t match;
    int at = 0, limit = 64;
    while (app->has_regex && text[at] && limit-- &&
           regexec(&app->regex, text + at, 1, &match, at ? REG_NOTBOL : 0) == 0) {
        int length = (int)(match.rm_eo - match.rm_so), start = at + (int)match.rm_so;
        if (length > 0 && start < width) {
            mvchgat(y, x + start, length > width - start ? width - start : length,
                    style(STYLE_MATCH), (short)PAIR_NUMBER(style(STYLE_MATCH)), NULL);
        }
        at = start + (length > 0 ? length : 1);
    }
}

static void draw_row(app_t *app, unsigned view, uint64_t row, rect_t at, int y,
                     const int widths[MAX_COLUMNS], bool selected)
{
    const table_ops_t *ops = ops_of(view);
    const table_t *table = &app->tables[view];
    char text[CELL_MAX];
    int x = at.x;
    attr_t chosen = style(STYLE_SELECTED);
    put(y, at.x, at.width, selected ? chosen : style(STYLE_NORMAL), "");
    for (unsigned c = 0; c < ops->count; c++) {
        if (widths[c] < 0) {
            continue;
        }
        text[0] = 0;
        style_t look = ops->cell(app, real_row(app, view, row), c, text, sizeof(text));
        const char *shown = text;
        if (ops->columns[c].width == 0) {
            size_t skip = (size_t)table->left;
            shown += skip < strlen(text) ? skip : strlen(text);
        }
        attr_t attr = selected ? chosen : style(look);
        (ops->columns[c].right ? put_right : put)(y, x, widths[c], attr, shown);
        if (!ops->columns[c].right) {
            highlight(app, y, x, widths[c], shown);
        }
        x += widths[c] + 1;
    }
}

static void keep_visible(table_t *table, uint64_t rows, int height)
{
    uint64_t room = height > 0 ? (uint64_t)height : 1;
    table->selected = rows && table->selected >= rows ? rows - 1 : table->selected;
    table->selected = rows ? table->selected : 0;
    if (table->selected < table->top) {
        table->top = table->selected;
    }
    if (table->selected >= table->top + room) {
        table->top = table->selected - room + 1;
    }
    if (table->top && table->top + room > rows) {
        table->top = rows > room ? rows - room : 0;
    }
}

/* After each key, so that what is shown does not depend on how many keys came at once. */
void table_settle(app_t *app, unsigned pane)
{
    unsigned view = app->pane[pane];
    if (ops_of(view)) {
        keep_visible(&app->tables[view], arrange(app, view), app->areas[pane].height - 1);
    }
}

static const void *selected_subject(const app_t *app, unsigned view)
{
    const table_t *table = &app->tables[view];
    bool there = ops_of(view)->subject && table->selected < table->ordered;
    return there ? ops_of(view)->subject(app, table->order[table->selected]) : NULL;
}

void table_draw(app_t *app, unsigned view, rect_t at, bool focused)
{
    const table_ops_t *ops = ops_of(view);
    table_t *table = &app->tables[view];
    int widths[MAX_COLUMNS];
    uint64_t rows = arrange(app, view);
    lay_out(app, ops, table->columns, at, widths);
    if (!focused || app->follow) {
        table_sync(app, view);
    }
    keep_visible(table, rows, at.height - 1);
    draw_head(app, view, at, widths);
    for (int i = 0; i < at.height - 1; i++) {
        uint64_t row = table->top + (uint64_t)i;
        int y = at.y + 1 + i;
        if (row < rows) {
            draw_row(app, view, row, at, y, widths, row == table->selected);
        } else {
            put(y, at.x, at.width, style(STYLE_DIM), rows == 0 && i == 0 ? "(nothing)" : "");
        }
    }
}

void table_sync(app_t *app, unsigned view)
{
    const table_ops_t *ops = ops_of(view);
    if (ops && ops->row_at && ops->rows(app)) {
        app->tables[view].selected = ops->row_at(app, app->cursor.time, app->cursor.event);
    }
}

void table_select(app_t *app, uint64_t row)
{
    unsigned view = app->pane[app->focus];
    const table_ops_t *ops = ops_of(view);
    uint64_t rows = table_rows(app, view), time, event;
    app->tables[view].selected = rows && row >= rows ? rows - 1 : row;
    app->tables[view].picked = selected_subject(app, view);
    if (rows && ops->follows && ops->place &&
        ops->place(app, real_row(app, view, app->tables[view].selected), &time, &event)) {
        app_move(app, time, event);
    }
}

static void choose_sort(app_t *app, unsigned view)
{
    const table_ops_t *ops = ops_of(view);
    table_t *table = &app->tables[view];
    for (unsigned i = 1; i <= ops->count; i++) {
        unsigned c = (table->sort + i) % ops->count;
        if (ops->columns[c].sorts) {
            table->sort = c;
            app_say(app, "sorted by %s", ops->columns[c].title);
            return;
        }
    }
}

static void go_to_place(app_t *app, unsigned view)
{
    const table_ops_t *ops = ops_of(view);
    uint64_t time, event;
    if (table_rows(app, view) && ops->place &&
        ops->place(app, real_row(app, view, app->tables[view].selected), &time, &event)) {
        app_goto(app, time, event);
        app_show_named(app, "Events");
    }
}

/* Where the selection goes; false if the key does not move it. */
static bool moved_to(const table_t *table, int key, uint64_t rows, uint64_t page, uint64_t *row)
{
    uint64_t now = table->selected;
    switch (key) {
    case 'j':
    case KEY_DOWN: *row = now + 1; return true;
    case 'k':
    case KEY_UP: *row = now ? now - 1 : 0; return true;
    case 4: /* ^D */
    case KEY_NPAGE:
    case ' ': *row = now + page; return true;
    case 21: /* ^U */
    case KEY_PPAGE: *row = now > page ? now - page : 0; return true;
    case 'g':
    case KEY_HOME: *row = 0; return true;
    case 'G':
    case KEY_END: *row = rows ? rows - 1 : 0; return true;
    default: return false;
    }
}

bool table_key(app_t *app, int key)
{
    unsigned view = app->pane[app->focus];
    const table_ops_t *ops = ops_of(view);
    table_t *table = &app->tables[view];
    int height = app->areas[app->focus].height - 1;
    uint64_t rows = table_rows(app, view), row;
    if (moved_to(table, key, rows, height > 1 ? (uint64_t)height - 1 : 1, &row)) {
        table_select(app, row);
        table->picked = key == 'g' || key == KEY_HOME ? NULL : table->picked;
        return true;
    }
    switch (key) {
    case 'h':
    case KEY_LEFT: table->left = table->left > 8 ? table->left - 8 : 0; return true;
    case 'l':
    case KEY_RIGHT: table->left += table->left < CELL_MAX - 100 ? 8 : 0; return true;
    case '\r':
    case KEY_ENTER: go_to_place(app, view); return true;
    case 's':
        if (ops->sort_key) {
            choose_sort(app, view);
        }
        return ops->sort_key != NULL;
    case 'r': table->ascending = !table->ascending; return ops->sort_key != NULL;
    default: return false;
    }
}

void table_mouse(app_t *app, const MEVENT *mouse, rect_t at)
{
    unsigned view = app->pane[app->focus];
    table_t *table = &app->tables[view];
    if (mouse->bstate & BUTTON4_PRESSED) {
        table_select(app, table->selected > 3 ? table->selected - 3 : 0);
    } else if (mouse->bstate & BUTTON5_PRESSED) {
        table_select(app, table->selected + 3);
    } else if (mouse->bstate & MOUSE_DOWN && mouse->y > at.y) {
        table_select(app, table->top + (uint64_t)(mouse->y - at.y - 1));
    }
}
