/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal: colours by meaning, text that never leaves its place, glyphs in UTF-8 or ASCII,
 * and a terminal that is put back in order however the program ends.
 */
#ifndef VIEWER_SCREEN_H
#define VIEWER_SCREEN_H

#include <stdbool.h>

#include <curses.h>

/* A button went down; ncurses may have put that together with what came at once after it. */
#define MOUSE_DOWN \
    (BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON1_TRIPLE_CLICKED)

typedef enum {
    STYLE_NORMAL,
    STYLE_DIM,
    STYLE_BAR, /* the title */
    STYLE_TAB,
    STYLE_TAB_ON,
    STYLE_HEAD, /* a table's column names */
    STYLE_SELECTED,
    STYLE_KEY,
    STYLE_RUNNING,
    STYLE_READY,
    STYLE_SENDING,
    STYLE_RECEIVING,
    STYLE_REPLY,
    STYLE_NTFN,
    STYLE_FAULT,
    STYLE_IDLE,
    STYLE_CONSOLE,
    STYLE_MARK,
    STYLE_MATCH,
    STYLE_WARNING,
    STYLES,
} style_t;

typedef enum { SCHEME_AUTO, SCHEME_MONO, SCHEME_16, SCHEME_256, SCHEME_LIGHT, SCHEMES } scheme_t;

typedef enum {
    GLYPH_READY,
    GLYPH_SENDING,
    GLYPH_CALLING,
    GLYPH_RECEIVING,
    GLYPH_REPLY,
    GLYPH_NTFN,
    GLYPH_FAULT,
    GLYPH_BLOCKED,
    GLYPH_POSTPONED,
    GLYPH_MANY, /* more than fits into a cell */
    GLYPH_LOST,
    GLYPH_CURSOR,
    GLYPH_LINE, /* of an arrow */
    GLYPH_DOWN,
    GLYPH_UP,
    GLYPH_TICK,
    GLYPH_DOTS, /* text was cut */
    GLYPH_SORT,
    GLYPHS,
} glyph_t;

typedef struct {
    int y, x, height, width;
} rect_t;

void screen_open(scheme_t scheme, bool ascii);
void screen_close(void);
bool screen_told_to_end(void); /* by a signal */
void screen_scheme(scheme_t scheme);
void screen_ascii(bool ascii);

/* By name ("mono", "16", "256", "light", "auto"); false: none of these. */
const char *screen_scheme_name(scheme_t scheme);
bool screen_scheme_named(const char *name, scheme_t *scheme);

attr_t style(style_t what);
const char *glyph(glyph_t which);

/* A bar filled to `eighths` of 8; 0 is a space. */
const char *glyph_bar(unsigned eighths);

/* Writes text into `width` columns and pads with spaces; what does not fit ends in dots.
 * Anything that is not printable becomes '?'. */
void put(int y, int x, int width, attr_t attr, const char *text);
void put_right(int y, int x, int width, attr_t attr, const char *text);

/* Columns that a text takes. */
int text_width(const char *text);

#endif
