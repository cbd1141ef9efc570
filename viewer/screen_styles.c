/* SPDX-License-Identifier: BSD-2-Clause */
#include "screen_styles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    short fore, back; /* -1: the terminal's own */
    attr_t attr;
} look_t;

/* In 16 colours bright ones are bold, as terminals with 8 colours show them. */
static const look_t dark16[STYLES] = {
    [STYLE_NORMAL] = {-1, -1, 0},
    [STYLE_DIM] = {COLOR_CYAN, -1, A_DIM},
    [STYLE_BAR] = {COLOR_WHITE, COLOR_BLUE, A_BOLD},
    [STYLE_TAB] = {-1, -1, 0},
    [STYLE_TAB_ON] = {COLOR_BLACK, COLOR_CYAN, 0},
    [STYLE_HEAD] = {COLOR_BLACK, COLOR_GREEN, 0},
    [STYLE_SELECTED] = {COLOR_BLACK, COLOR_CYAN, 0},
    [STYLE_KEY] = {COLOR_BLACK, COLOR_CYAN, 0},
    [STYLE_RUNNING] = {COLOR_GREEN, -1, A_BOLD},
    [STYLE_READY] = {COLOR_YELLOW, -1, 0},
    [STYLE_SENDING] = {COLOR_MAGENTA, -1, A_BOLD},
    [STYLE_RECEIVING] = {COLOR_BLUE, -1, 0},
    [STYLE_REPLY] = {COLOR_MAGENTA, -1, 0},
    [STYLE_NTFN] = {COLOR_CYAN, -1, 0},
    [STYLE_FAULT] = {COLOR_RED, -1, A_BOLD},
    [STYLE_IDLE] = {-1, -1, A_DIM},
    [STYLE_CONSOLE] = {COLOR_WHITE, -1, A_BOLD},
    [STYLE_MARK] = {COLOR_YELLOW, -1, A_BOLD},
    [STYLE_MATCH] = {COLOR_BLACK, COLOR_YELLOW, 0},
    [STYLE_WARNING] = {COLOR_WHITE, COLOR_RED, A_BOLD},
};

static const look_t dark256[STYLES] = {
    [STYLE_NORMAL] = {-1, -1, 0},        [STYLE_DIM] = {245, -1, 0},
    [STYLE_BAR] = {231, 24, A_BOLD},     [STYLE_TAB] = {250, 236, 0},
    [STYLE_TAB_ON] = {16, 80, A_BOLD},   [STYLE_HEAD] = {16, 71, 0},
    [STYLE_SELECTED] = {231, 60, 0},     [STYLE_KEY] = {16, 80, 0},
    [STYLE_RUNNING] = {77, -1, 0},       [STYLE_READY] = {221, -1, 0},
    [STYLE_SENDING] = {213, -1, 0},      [STYLE_RECEIVING] = {67, -1, 0},
    [STYLE_REPLY] = {140, -1, 0},        [STYLE_NTFN] = {37, -1, 0},
    [STYLE_FAULT] = {203, -1, A_BOLD},   [STYLE_IDLE] = {240, -1, 0},
    [STYLE_CONSOLE] = {231, -1, A_BOLD}, [STYLE_MARK] = {226, -1, A_BOLD},
    [STYLE_MATCH] = {16, 220, 0},        [STYLE_WARNING] = {231, 160, A_BOLD},
};

static const look_t light256[STYLES] = {
    [STYLE_NORMAL] = {16, 231, 0},       [STYLE_DIM] = {244, 231, 0},
    [STYLE_BAR] = {231, 25, A_BOLD},     [STYLE_TAB] = {238, 254, 0},
    [STYLE_TAB_ON] = {231, 31, A_BOLD},  [STYLE_HEAD] = {231, 65, 0},
    [STYLE_SELECTED] = {16, 153, 0},     [STYLE_KEY] = {231, 31, 0},
    [STYLE_RUNNING] = {28, 231, 0},      [STYLE_READY] = {136, 231, 0},
    [STYLE_SENDING] = {127, 231, 0},     [STYLE_RECEIVING] = {25, 231, 0},
    [STYLE_REPLY] = {91, 231, 0},        [STYLE_NTFN] = {30, 231, 0},
    [STYLE_FAULT] = {160, 231, A_BOLD},  [STYLE_IDLE] = {250, 231, 0},
    [STYLE_CONSOLE] = {16, 231, A_BOLD}, [STYLE_MARK] = {130, 231, A_BOLD},
    [STYLE_MATCH] = {16, 220, 0},        [STYLE_WARNING] = {231, 160, A_BOLD},
};

static const attr_t mono[STYLES] = {
    [STYLE_DIM] = A_DIM,
    [STYLE_BAR] = A_REVERSE,
    [STYLE_TAB_ON] = A_REVERSE | A_BOLD,
    [STYLE_HEAD] = A_UNDERLINE,
    [STYLE_SELECTED] = A_REVERSE,
    [STYLE_KEY] = A_REVERSE,
    [STYLE_RUNNING] = A_BOLD,
    [STYLE_FAULT] = A_BOLD,
    [STYLE_IDLE] = A_DIM,
    [STYLE_CONSOLE] = A_BOLD,
    [STYLE_MARK] = A_BOLD,
    [STYLE_MATCH] = A_UNDERLINE | A_BOLD,
    [STYLE_WARNING] = A_REVERSE | A_BOLD,
};

static const char *const names[STYLES] = {
    [STYLE_NORMAL] = "normal",     [STYLE_DIM] = "dim",         [STYLE_BAR] = "bar",
    [STYLE_TAB] = "tab",           [STYLE_TAB_ON] = "tab-on",   [STYLE_HEAD] = "head",
    [STYLE_SELECTED] = "selected", [STYLE_KEY] = "key",         [STYLE_RUNNING] = "running",
    [STYLE_READY] = "ready",       [STYLE_SENDING] = "sending", [STYLE_RECEIVING] = "receiving",
    [STYLE_REPLY] = "reply",       [STYLE_NTFN] = "signal",     [STYLE_FAULT] = "fault",
    [STYLE_IDLE] = "idle",         [STYLE_CONSOLE] = "console", [STYLE_MARK] = "mark",
    [STYLE_MATCH] = "match",       [STYLE_WARNING] = "warning",
};

static const struct {
    const char *name;
    attr_t attr;
} attributes[] = {
    {"bold", A_BOLD}, {"dim", A_DIM}, {"underline", A_UNDERLINE}, {"reverse", A_REVERSE}};

static attr_t attrs[STYLES];
static look_t chosen[STYLES]; /* by the user */
static bool is_chosen[STYLES];

bool style_named(const char *name, style_t *what)
{
    for (unsigned i = 0; i < STYLES; i++) {
        if (strcmp(names[i], name) == 0) {
            *what = (style_t)i;
            return true;
        }
    }
    return false;
}

const char *style_name(style_t what)
{
    return names[what];
}

static bool take_attribute(look_t *look, const char *word)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (strcmp(attributes[i].name, word) == 0) {
            look->attr |= attributes[i].attr;
            return true;
        }
    }
    return false;
}

bool styles_set(style_t what, const char *text)
{
    look_t look = {0};
    int at = 0;
    char word[16];
    if (sscanf(text, "%hd %hd%n", &look.fore, &look.back, &at) != 2 || look.fore < -1 ||
        look.fore > 255 || look.back < -1 || look.back > 255) {
        return false;
    }
    for (int used = 0; sscanf(text + at, "%15s%n", word, &used) == 1; at += used) {
        if (!take_attribute(&look, word)) {
            return false;
        }
    }
    chosen[what] = look;
    is_chosen[what] = true;
    return true;
}

bool styles_text(style_t what, char *text, size_t size)
{
    const look_t *look = is_chosen[what] ? &chosen[what] : &dark256[what];
    int used = snprintf(text, size, "%d %d", look->fore, look->back);
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (look->attr & attributes[i].attr && used > 0 && (size_t)used < size) {
            used += snprintf(text + used, size - (size_t)used, " %s", attributes[i].name);
        }
    }
    return is_chosen[what];
}

static const look_t *looks_of(scheme_t scheme)
{
    const char *no = getenv("NO_COLOR");
    if (scheme == SCHEME_MONO || !has_colors() || (scheme == SCHEME_AUTO && no && *no)) {
        return NULL;
    }
    if (COLORS < 256 || scheme == SCHEME_16) {
        return dark16;
    }
    return scheme == SCHEME_LIGHT ? light256 : dark256;
}

void styles_choose(scheme_t scheme)
{
    const look_t *looks = looks_of(scheme);
    if (looks) {
        start_color();
        use_default_colors();
    }
    for (short i = 0; i < STYLES; i++) {
        const look_t *look = is_chosen[i] ? &chosen[i] : looks ? &looks[i] : NULL;
        attrs[i] = look ? look->attr : mono[i];
        if (looks) {
            init_pair((short)(i + 1), look->fore, look->back);
            attrs[i] |= (attr_t)COLOR_PAIR(i + 1);
        }
    }
}

attr_t styles_attr(style_t what)
{
    return attrs[what];
}
