/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings: keys and macros, columns, styles. A configuration file is a list of commands, and
 * config_print() writes one that says what holds now.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "screen_styles.h"

/* ---- keys and macros: both are names for commands ---- */

static const struct {
    const char *name;
    int key;
} key_names[] = {{"Enter", '\r'},
                 {"Tab", '\t'},
                 {"Space", ' '},
                 {"Esc", 27},
                 {"Up", KEY_UP},
                 {"Down", KEY_DOWN},
                 {"Left", KEY_LEFT},
                 {"Right", KEY_RIGHT},
                 {"Home", KEY_HOME},
                 {"End", KEY_END},
                 {"PageUp", KEY_PPAGE},
                 {"PageDown", KEY_NPAGE},
                 {"Insert", KEY_IC},
                 {"Delete", KEY_DC},
                 {"Backspace", KEY_BACKSPACE},
                 {"ShiftTab", KEY_BTAB},
                 {"Semicolon", ';'}};

/* "x", "^X", "F5", "Enter"; 0: no key is called that. */
static int key_named(const char *name)
{
    char *end;
    long number = name[0] == 'F' ? strtol(name + 1, &end, 10) : 0;
    if (number > 0 && number < 13 && !*end) {
        return KEY_F(number);
    }
    if (name[0] == '^' && isalpha((unsigned char)name[1]) && !name[2]) {
        return toupper((unsigned char)name[1]) & 31;
    }
    for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++) {
        if (strcmp(key_names[i].name, name) == 0) {
            return key_names[i].key;
        }
    }
    return name[0] && !name[1] ? (unsigned char)name[0] : 0;
}

/* The first word into `word`; returns what follows it. */
static const char *first_word(const char *text, char *word, size_t size)
{
    size_t length = strcspn(text, " \t");
    snprintf(word, size, "%.*s", (int)length, text);
    return text + length + strspn(text + length, " \t");
}

static void set_macro(app_t *app, const macro_t *macro)
{
    for (size_t i = 0; i < app->macro_count; i++) {
        macro_t *old = &app->macros[i];
        if (old->key == macro->key && strcmp(old->name, macro->name) == 0) {
            *old = *macro;
            return;
        }
    }
    app->macros = memory_grow(app->macros, app->macro_count + 1, sizeof(*macro));
    app->macros[app->macro_count++] = *macro;
}

bool do_bind(app_t *app, const char *text)
{
    macro_t macro = {0};
    const char *commands = first_word(text, macro.name, sizeof(macro.name));
    macro.key = key_named(macro.name);
    if (!macro.key || !*commands) {
        app_complain(app, "bind: expected a key (x ^X F5 Enter ...) and commands, found '%s'",
                     text);
        return false;
    }
    snprintf(macro.commands, sizeof(macro.commands), "%s", commands);
    set_macro(app, &macro);
    return true;
}

bool do_macro(app_t *app, const char *text)
{
    macro_t macro = {0};
    const char *commands = first_word(text, macro.name, sizeof(macro.name));
    if (!*commands) {
        app_complain(app, "macro: expected a name and commands, found '%s'", text);
        return false;
    }
    snprintf(macro.commands, sizeof(macro.commands), "%s", commands);
    set_macro(app, &macro);
    return true;
}

/* Commands with ';' between them. */
static bool run_all(app_t *app, const char *commands)
{
    enum { DEEPEST = 8 };
    char text[sizeof(((macro_t *)0)->commands)], *rest = text;
    if (app->macro_depth == DEEPEST) {
        app_complain(app, "macros call each other without end");
        return false;
    }
    bool ok = true;
    snprintf(text, sizeof(text), "%s", commands);
    app->macro_depth++;
    while (ok && rest) {
        char *command = strsep(&rest, ";");
        ok = command_run_text(app, command);
    }
    app->macro_depth--;
    return ok;
}

bool macro_run(app_t *app, const char *name, size_t length, bool *ok)
{
    for (size_t i = 0; i < app->macro_count; i++) {
        const macro_t *macro = &app->macros[i];
        if (!macro->key && strlen(macro->name) == length &&
            strncmp(macro->name, name, length) == 0) {
            *ok = run_all(app, macro->commands);
            return true;
        }
    }
    return false;
}

bool binding_run(app_t *app, int key)
{
    for (size_t i = 0; i < app->macro_count && !app->playing; i++) {
        if (app->macros[i].key == key) {
            run_all(app, app->macros[i].commands);
            return true;
        }
    }
    return false;
}

/* Keys as if they were typed, with the meaning that they have without bindings. */
bool do_key(app_t *app, const char *text)
{
    char name[16];
    while (*text) {
        text = first_word(text, name, sizeof(name));
        int key = key_named(name);
        if (!key) {
            app_complain(app, "key: no key is called '%s'", name);
            return false;
        }
        app->playing = true;
        app_key(app, key);
        app->playing = false;
    }
    return true;
}

/* ---- columns ---- */

/* A column's name: the first word of its title, in lower case. */
static void column_name(const column_t *column, char *name, size_t size)
{
    const char *title = column->title + (column->title[0] == '~');
    size_t at = 0;
    for (; at + 1 < size && title[at] && !strchr(" ,", title[at]); at++) {
        name[at] = (char)tolower((unsigned char)title[at]);
    }
    name[at] = 0;
}

static int column_named(const table_ops_t *ops, const char *wanted)
{
    char name[32];
    for (unsigned c = 0; c < ops->count; c++) {
        column_name(&ops->columns[c], name, sizeof(name));
        if (strcmp(name, wanted) == 0) {
            return (int)c;
        }
    }
    return -1;
}

static int view_named(const char *name)
{
    for (unsigned i = 0; i < view_count; i++) {
        if (strcasecmp(views[i]->name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* "threads thread,state,cpu%" shows these on every width; "threads auto" goes by the width. */
bool do_columns(app_t *app, const char *text)
{
    char word[16], list[256], *rest = list;
    const char *names = first_word(text, word, sizeof(word));
    int view = view_named(word);
    if (view < 0 || !views[view]->table || !*names) {
        app_complain(app, "columns: expected a view that is a table and names or auto, found '%s'",
                     text);
        return false;
    }
    uint32_t shown = 0;
    snprintf(list, sizeof(list), "%s", names);
    while (rest && strcmp(names, "auto") != 0) {
        char *name = strsep(&rest, ", ");
        int column = column_named(views[view]->table, name);
        if (column < 0 && *name) {
            app_complain(app, "columns: %s has no column '%s'", views[view]->name, name);
            return false;
        }
        shown |= column < 0 ? 0 : 1u << column;
    }
    app->tables[view].columns = shown;
    return true;
}

/* ---- styles ---- */

bool do_style(app_t *app, const char *text)
{
    char name[24];
    const char *look = first_word(text, name, sizeof(name));
    style_t which;
    if (!style_named(name, &which) || !styles_set(which, look)) {
        app_complain(app, "style: expected a style, two colours, attributes, found '%s'", text);
        return false;
    }
    app->restyle = true;
    return true;
}

/* ---- files ---- */

bool config_read(app_t *app, const char *path)
{
    FILE *in = fopen(path, "r");
    char line[512];
    bool ok = true;
    for (unsigned number = 1; in && ok && fgets(line, sizeof(line), in); number++) {
        line[strcspn(line, "\n")] = 0;
        const char *text = line + strspn(line, " \t");
        ok = *text == '#' || command_run_text(app, text);
        if (!ok) {
            char why[200];
            snprintf(why, sizeof(why), "%.190s", app->message);
            app_complain(app, "%.40s:%u: %s", path, number, why);
        }
    }
    if (in) {
        fclose(in);
    }
    return ok;
}

static void print_columns(const app_t *app, FILE *out, bool defaults)
{
    char name[32];
    for (unsigned i = 0; i < view_count; i++) {
        const table_ops_t *ops = views[i]->table;
        uint32_t shown = app->tables[i].columns;
        if (!ops || (!shown && !defaults)) {
            continue;
        }
        fprintf(out, shown ? "columns %s " : "columns %s auto\n# ", views[i]->name);
        for (unsigned c = 0, n = 0; c < ops->count; c++) {
            column_name(&ops->columns[c], name, sizeof(name));
            if (name[0] && (!shown || shown & 1u << c)) {
                fprintf(out, "%s%s", n++ ? "," : "", name);
            }
        }
        fputc('\n', out);
    }
}

void config_print(const app_t *app, FILE *out)
{
    static const char *const times[TIME_MODES] = {"absolute", "relative", "delta"};
    fprintf(out, "# Settings: general\nset colour %s\n", screen_scheme_name(app->scheme));
    fprintf(out, "set ascii %s\n", app->ascii ? "on" : "off");
    fprintf(out, "set arrows %s\n", app->timeline.arrows ? "on" : "off");
    fprintf(out, "set all %s\n", app->timeline.all ? "on" : "off");
    fprintf(out, "set time %s\n", times[app->time_mode]);
    fprintf(out, "set restore %s\n", app->restores ? "on" : "off");
    fprintf(out, "set cpu %lluns\n", (unsigned long long)app->cpu_ns);
    fprintf(out, "slow %lluns\n", (unsigned long long)app->slow_ns);
    fprintf(out, "\n# Columns; auto: as many as the width has room for\n");
    print_columns(app, out, true);
    fprintf(out, "\n# Styles: text and background (0 to 255, -1 the terminal's), attributes\n");
    for (style_t s = 0; s < STYLES; s++) {
        char look[64];
        bool given = styles_text(s, look, sizeof(look));
        fprintf(out, "%sstyle %s %s\n", given ? "" : "#", style_name(s), look);
    }
    fprintf(out, "\n# Keys: F1 lists them. bind KEY COMMAND; COMMAND gives one another meaning,\n"
                 "# bind KEY key OTHER that of another key. macro NAME COMMAND; COMMAND makes a "
                 "command.\n#bind ^Q quit\n#bind Z key z\n"
                 "#macro ipc-only filter class==ipc; view events\n");
    for (size_t i = 0; i < app->macro_count; i++) {
        const macro_t *macro = &app->macros[i];
        fprintf(out, "%s %s %s\n", macro->key ? "bind" : "macro", macro->name, macro->commands);
    }
}
