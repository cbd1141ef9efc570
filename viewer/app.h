/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The viewer: panes that show views, one cursor in time for all of them, the prompt, background
 * work in slices between keys. A view is one file with a view_t, and one line in views.c.
 */
#ifndef VIEWER_APP_H
#define VIEWER_APP_H

#include <regex.h>

#include "index.h"
#include "screen.h"
#include "u4trace/filter.h"
#include "viewer.h"

typedef struct app app_t;
typedef struct view view_t;
typedef struct caps caps_t;
typedef struct writing writing_t;

enum { CELL_MAX = 1280, MAX_COLUMNS = 14, JUMPS = 64, NO_ROW = -1 };

/* ---- tables: views that are lists ---- */

typedef struct {
    const char *title;
    uint8_t width; /* 0: all that is left */
    bool right;    /* numbers */
    uint8_t need;  /* shown on screens at least this wide */
    bool sorts;
    bool (*there)(const app_t *app); /* NULL: always; else whether this trace has such a thing */
} column_t;

typedef struct {
    const column_t *columns;
    unsigned count;
    uint64_t (*rows)(app_t *app);
    /* The text of a cell; returns how it looks. */
    style_t (*cell)(app_t *app, uint64_t row, unsigned column, char *text, size_t size);
    /* Where in time a row is, and at which event; false: nowhere. NULL: never. */
    bool (*place)(app_t *app, uint64_t row, uint64_t *time, uint64_t *event);
    /* The row to show for the cursor; NULL: the selection does not follow it. */
    uint64_t (*row_at)(app_t *app, uint64_t time, uint64_t event);
    /* Fills the order of rows for a sort by a column; NULL: as it is. */
    double (*sort_key)(app_t *app, uint64_t row, unsigned column);
    /* What a row is about, the same however rows are sorted; with sort_key. */
    const void *(*subject)(const app_t *app, uint64_t row);
    bool follows;  /* moving the selection moves the cursor */
    unsigned sort; /* column at first */
} table_ops_t;

typedef struct {
    uint64_t selected, top;
    unsigned sort;
    bool ascending, sort_chosen;
    uint32_t columns; /* bits: shown on every width; 0: as the width allows */
    int left;         /* columns that the last cell is scrolled by */
    uint32_t *order;
    uint64_t ordered; /* rows that it is for */
    /* Sorted: what is selected, wherever it goes; NULL: the first line, whatever is there. */
    const void *picked;
} table_t;

typedef struct {
    const char *keys, *text;
} help_t;

struct view {
    const char *name, *summary;
    const help_t *help;
    const char *bar;          /* for the key bar: "k text|k text" */
    const table_ops_t *table; /* or: */
    void (*draw)(app_t *app, rect_t at, bool focused);
    bool (*key)(app_t *app, int key); /* true: it was for the view */
    void (*mouse)(app_t *app, const MEVENT *mouse, rect_t at);
    bool searches_back; /* '?' searches; F1 helps */
    /* What the line of status says more; NULL: nothing. */
    void (*status)(const app_t *app, char *text, size_t size);
};

extern const view_t *const views[];
extern const unsigned view_count;

/* ---- the cursor ---- */

typedef struct {
    uint64_t time, event;
} place_t;

typedef enum { TIME_ABSOLUTE, TIME_RELATIVE, TIME_DELTA, TIME_MODES } time_mode_t;

/* ---- background work: looking for an event ---- */

typedef bool search_fn(app_t *app, uint64_t row);

typedef struct {
    search_fn *match;
    const char *what; /* for "no more ..." */
    uint64_t row;
    int step; /* +1, -1; 0: nothing to do */
    bool incremental, wrapped;
    uint64_t origin;
    bool in_table; /* rows of the focused table, not events */
} search_t;

/* Which of so many events match. */
enum { CHOSEN_PART = 512 };

typedef struct {
    uint64_t before; /* in all parts before */
    uint64_t bits[CHOSEN_PART / 64];
} chosen_part_t;

typedef struct {
    filter_t *filter;
    char text[256];
    chosen_part_t *parts; /* of the events looked at */
    size_t part_room;
    uint64_t count; /* events that match */
    uint64_t seen;  /* events looked at */
} chosen_t;

typedef struct {
    char kind; /* ':', '/', '?', '&' (filter); 0: closed */
    char text[256];
    char hint[256];
    size_t length;
    place_t origin;
    uint64_t origin_row;
    const void *origin_picked;
} prompt_t;

typedef struct {
    uint64_t time, event;
    char text[80];
} mark_t;

typedef struct {
    uint64_t start, end; /* ticks */
    bool whole;          /* fitted to the whole trace, and stays so while it grows */
    unsigned lane, top;
    uint32_t lane_uid; /* whose lane it is; 0: a hart's */
    bool all, arrows;
    uint64_t drag_from;
    bool dragging;
} timeline_t;

/* How quick the viewer is; times in us, of a monotonic clock. */
typedef struct {
    uint64_t opened, first, frames;
    uint64_t draw_begun, key_at; /* key_at: 0 if none waits to be drawn */
    uint64_t slowest_draw, slowest_key;
} stats_t;

/* A name for commands: a key or a word of the command line. */
typedef struct {
    int key; /* 0: a word */
    char name[24];
    char commands[256];
} macro_t;

struct app {
    index_t *index;
    const schema_t *schema;
    const char *file; /* as shown */
    const char *path; /* to be opened again; not the same if the file is temporary */
    bool temporary;
    const viewer_guest_t *guest; /* NULL: a file */
    bool guest_paused;
    bool live, follow, quit, help, split, help_search;
    unsigned pane[2]; /* views shown */
    unsigned focus;
    unsigned help_top;
    rect_t areas[2];
    table_t tables[16]; /* by view */
    place_t cursor;
    uint64_t reference; /* time that relative times count from */
    time_mode_t time_mode;
    bool has_a, has_b;
    uint64_t a, b;
    place_t jumps[JUMPS];
    unsigned jump, jump_count;
    search_t search;
    writing_t *writing; /* a file that is being written; NULL: none */
    regex_t regex;
    bool has_regex;
    bool literal, fold; /* the pattern is plain text; case does not matter */
    char pattern[256];
    chosen_t chosen;
    prompt_t prompt;
    char message[256];
    bool message_bad;
    mark_t *marks;
    size_t mark_count, mark_room;
    uint64_t slow_ns;
    uint64_t cpu_ns; /* that processor time is of, up to the cursor; see view_threads.c */
    timeline_t timeline;
    uint64_t drawn; /* what the last frame showed */
    stats_t stats;
    scheme_t scheme;
    bool ascii;
    uint64_t followed_uid, followed_value; /* of jumps to the same thread, object, badge */
    macro_t *macros;
    size_t macro_count;
    unsigned macro_depth; /* of macros that run macros */
    bool playing;         /* keys come from a macro: bindings do not count */
    bool restyle;         /* styles have changed */
    bool restores;        /* begins where one was */
    bool has_wanted;
    place_t wanted;    /* a place to go to once it is indexed */
    caps_t *caps;      /* NULL: not yet asked for */
    bool console_only; /* the log: without events */
    uint32_t *alive;   /* threads that the view of threads lists: uids */
    size_t alive_count, alive_room;
    uint32_t *living; /* coroutines that the view of them lists */
    size_t living_count, living_room;
    uint32_t *listed; /* lanes of the timeline: uids */
    size_t listed_count, listed_room;
};

/* app.c */
void app_say(app_t *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_complain(app_t *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
const view_t *app_view(const app_t *app);
table_t *app_table(app_t *app);
void app_show(app_t *app, unsigned view);
bool app_show_named(app_t *app, const char *name);
/* Until the user leaves. */
void app_run(app_t *app);
void app_key(app_t *app, int key);

/* cursor.c: moving. `app_goto` remembers where it came from. */
void app_move(app_t *app, uint64_t time, uint64_t event);
void app_move_time(app_t *app, uint64_t time);
void app_goto(app_t *app, uint64_t time, uint64_t event);
void app_back(app_t *app, bool forward);
bool app_jump_key(app_t *app, int key);
bool app_mark(app_t *app, const char *text);
bool app_unmark(app_t *app, size_t mark);
void marks_load(app_t *app);
bool marks_save(app_t *app);

/* find.c: searching and filtering, in slices. */
bool find_pattern(app_t *app, const char *pattern);
void find_start(app_t *app, search_fn *match, const char *what, int step, bool in_table);
void find_again(app_t *app, int step);
bool find_slice(app_t *app);
bool find_filter(app_t *app, const char *text);
bool filter_slice(app_t *app);
uint64_t chosen_count(const app_t *app);
uint64_t chosen_event(const app_t *app, uint64_t row);
uint64_t chosen_before(const app_t *app, uint64_t event); /* how many are before it */
uint64_t chosen_row(const app_t *app, uint64_t event);    /* the last one up to it */
void chosen_free(app_t *app);

/* table.c */
void table_draw(app_t *app, unsigned view, rect_t at, bool focused);
void table_settle(app_t *app, unsigned pane);
bool table_key(app_t *app, int key);
void table_mouse(app_t *app, const MEVENT *mouse, rect_t at);
void table_select(app_t *app, uint64_t row);
void table_sync(app_t *app, unsigned view);
uint64_t table_row(app_t *app); /* selected in the focused view, before sorting */
uint64_t table_rows(app_t *app, unsigned view);
void table_line(app_t *app, unsigned view, uint64_t row, char *text, size_t size);

/* prompt.c, command.c, complete.c */
void prompt_open(app_t *app, char kind, const char *text);
void prompt_key(app_t *app, int key);
bool command_run_text(app_t *app, const char *text);
const char *command_name(size_t i); /* NULL behind the last */
void complete_word(app_t *app);
bool config_read(app_t *app, const char *path);
bool parse_time(const app_t *app, const char *text, uint64_t *ticks);

/* text.c */
void row_fields(const app_t *app, const row_t *row, char *text, size_t size);
void row_text(const app_t *app, uint64_t event, char *text, size_t size);
void row_event(const app_t *app, const row_t *row, event_t *event);
uint32_t row_object(const app_t *app, const row_t *row);
bool row_badge(const app_t *app, const row_t *row, uint64_t *badge);
void time_text(const app_t *app, uint64_t ticks, char *text, size_t size);
void duration_text(const app_t *app, uint64_t ticks, char *text, size_t size);
void ns_text(uint64_t ns, char *text, size_t size);
/* "1/10 ms": of each period; "5 ms": round robin; "?": unknown. */
void budget_text(const share_t *share, char *text, size_t size);
void count_text(uint64_t count, char *text, size_t size);
style_t state_style(thread_state_t state);
style_t event_style(const app_t *app, unsigned event);

/* chrome.c: what is around the views. */
void chrome_draw(app_t *app);
bool chrome_tab_at(const app_t *app, int x, unsigned *view); /* false: no tab there */
void help_draw(app_t *app, rect_t at);

/* writing.c: the selection into a file, in the background. */
bool do_write(app_t *app, const char *path);
bool write_look(app_t *app);              /* says how it ended; false: nothing is under way */
unsigned write_percent(const app_t *app); /* done */
void write_stop(app_t *app);
/* False, with a message, the first time that leaving would give up a file. */
bool write_may_leave(app_t *app);
void write_end(app_t *app); /* stops it and waits; not under the lock */

/* write.c: the selection, as times from and to; a line into the clipboard. */
void app_selection(const app_t *app, uint64_t *from, uint64_t *to);
void app_copy(app_t *app);

/* stats.c */
uint64_t stats_now(void);
void stats_draw_begins(app_t *app);
void stats_drawn(app_t *app);
void stats_key(app_t *app, bool pressed);
bool do_stats(app_t *app, const char *text);

/* guest.c: the running guest, as commands. */
bool guest_pause(app_t *app, const char *text);
bool guest_resume(app_t *app, const char *text);
bool guest_trace(app_t *app, const char *text);

/* view_caps.c: shows an object or a thread there, by reference; false with a message. */
bool caps_show_object(app_t *app, uint32_t ref);
bool caps_show_thread(app_t *app, uint32_t ref);

/* plain.c: everything as text, when there is no terminal. */
int plain_report(app_t *app);

#endif
