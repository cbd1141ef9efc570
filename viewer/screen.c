/* SPDX-License-Identifier: BSD-2-Clause */
#include "screen.h"

#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "screen_styles.h"

static bool is_ascii, is_open;
static struct termios terminal;
static char restore[256]; /* what puts the terminal's screen back */
static size_t restore_length;

static const struct {
    const char *utf8, *ascii;
} glyphs[GLYPHS] = {
    [GLYPH_READY] = {"░", "+"},     [GLYPH_SENDING] = {"›", ">"}, [GLYPH_CALLING] = {"»", ">"},
    [GLYPH_RECEIVING] = {"·", "."}, [GLYPH_REPLY] = {"═", "="},   [GLYPH_NTFN] = {"~", "~"},
    [GLYPH_FAULT] = {"✗", "!"},     [GLYPH_BLOCKED] = {"-", "-"}, [GLYPH_MANY] = {"▒", "%"},
    [GLYPH_LOST] = {"╳", "X"},      [GLYPH_CURSOR] = {"▼", "v"},  [GLYPH_LINE] = {"│", "|"},
    [GLYPH_DOWN] = {"▼", "v"},      [GLYPH_UP] = {"▲", "^"},      [GLYPH_TICK] = {"│", "|"},
    [GLYPH_DOTS] = {"…", "~"},      [GLYPH_SORT] = {"▾", "v"},    [GLYPH_POSTPONED] = {"$", "$"},
};

const char *glyph(glyph_t which)
{
    return is_ascii ? glyphs[which].ascii : glyphs[which].utf8;
}

const char *glyph_bar(unsigned eighths)
{
    static const char *const utf8[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", "_", "_", "o", "o", "o", "O", "O", "#"};
    return (is_ascii ? ascii : utf8)[eighths > 8 ? 8 : eighths];
}

attr_t style(style_t what)
{
    return styles_attr(what);
}

void screen_scheme(scheme_t scheme)
{
    styles_choose(scheme);
    bkgdset(style(STYLE_NORMAL) | ' ');
}

void screen_ascii(bool ascii)
{
    is_ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static const char *const scheme_names[SCHEMES] = {"auto", "mono", "16", "256", "light"};

const char *screen_scheme_name(scheme_t scheme)
{
    return scheme_names[scheme];
}

bool screen_scheme_named(const char *name, scheme_t *scheme)
{
    for (unsigned i = 0; i < SCHEMES; i++) {
        if (strcmp(name, scheme_names[i]) == 0) {
            *scheme = (scheme_t)i;
            return true;
        }
    }
    return false;
}

/* Only calls that a signal handler may make. */
static void on_crash(int number)
{
    if (is_open) {
        ssize_t ignored = write(STDOUT_FILENO, restore, restore_length);
        (void)ignored;
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void add_restore(const char *text)
{
    if (text && text != (char *)-1 && restore_length + strlen(text) < sizeof(restore)) {
        memcpy(restore + restore_length, text, strlen(text));
        restore_length += strlen(text);
    }
}

static void catch_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT};
    add_restore("\033[?1000l\033[?1002l\033[?1006l"); /* no mouse reports */
    add_restore(tigetstr("sgr0"));
    add_restore(tigetstr("cnorm"));
    add_restore(tigetstr("rmcup"));
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], &action, NULL);
    }
}

static volatile sig_atomic_t told_to_end;

static void on_end(int number)
{
    told_to_end = number;
}

bool screen_told_to_end(void)
{
    return told_to_end;
}

static void catch_ends(void)
{
    struct sigaction action = {.sa_handler = on_end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to be told */
}

void screen_open(scheme_t scheme, bool ascii)
{
    tcgetattr(STDIN_FILENO, &terminal);
    set_escdelay(25);
    initscr();
    catch_crashes();
    catch_ends();
    is_open = true;
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    mouseinterval(0);
    mousemask(ALL_MOUSE_EVENTS | REPORT_MOUSE_POSITION, NULL);
    screen_ascii(ascii);
    screen_scheme(scheme);
}

void screen_close(void)
{
    if (is_open) {
        endwin();
        is_open = false;
    }
}

/* The next character of a text; anything strange becomes '?'. */
static wchar_t next_char(const char **text, mbstate_t *state)
{
    wchar_t c;
    size_t n = mbrtowc(&c, *text, MB_CUR_MAX, state);
    if (n == (size_t)-1 || n == (size_t)-2) {
        memset(state, 0, sizeof(*state));
        (*text)++;
        return L'?';
    }
    *text += n ? n : 1;
    return wcwidth(c) < 1 || (is_ascii && c > 126) ? L'?' : c;
}

int text_width(const char *text)
{
    mbstate_t state = {0};
    int width = 0;
    while (*text) {
        width += wcwidth(next_char(&text, &state));
    }
    return width;
}

void put(int y, int x, int width, attr_t attr, const char *text)
{
    int height = getmaxy(stdscr), right = getmaxx(stdscr);
    width = x + width > right ? right - x : width;
    if (y < 0 || y >= height || x < 0 || width <= 0) {
        return;
    }
    mbstate_t state = {0};
    bool cut = text_width(text) > width;
    int left = cut ? width - 1 : width;
    attrset(attr);
    move(y, x);
    while (*text) {
        wchar_t c[2] = {next_char(&text, &state), 0};
        if (wcwidth(c[0]) > left) {
            break;
        }
        left -= wcwidth(c[0]);
        addwstr(c);
    }
    if (cut) {
        addstr(glyph(GLYPH_DOTS));
    }
    while (left-- > 0) {
        addch(' ');
    }
    attrset(A_NORMAL);
}

void put_right(int y, int x, int width, attr_t attr, const char *text)
{
    int used = text_width(text);
    if (used < width) {
        put(y, x, width - used, attr, "");
        x += width - used;
        width = used;
    }
    put(y, x, width, attr, text);
}
