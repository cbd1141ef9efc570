/* SPDX-License-Identifier: BSD-2-Clause */
/* The line at the bottom in which patterns, filters and commands are typed. */
#include <stdio.h>
#include <string.h>

#include "app.h"

void prompt_open(app_t *app, char kind, const char *text)
{
    const table_t *table = app_table(app);
    app->prompt = (prompt_t){.kind = kind,
                             .origin = app->cursor,
                             .origin_row = table ? table->selected : 0,
                             .origin_picked = table ? table->picked : NULL};
    snprintf(app->prompt.text, sizeof(app->prompt.text), "%s", text);
    app->prompt.length = strlen(app->prompt.text);
    app->message[0] = 0;
}

static void back_to_origin(app_t *app)
{
    table_t *table = app_table(app);
    app->cursor = app->follow ? app->cursor : app->prompt.origin;
    if (table) {
        table->selected = app->prompt.origin_row;
        table->picked = app->prompt.origin_picked;
    }
}

/* The filter's own words on what is wrong, while it is typed. */
static void check_filter(app_t *app)
{
    u4_error_t err;
    prompt_t *prompt = &app->prompt;
    filter_t *filter = prompt->length ? filter_parse(app->schema, prompt->text, &err) : NULL;
    prompt->hint[0] = 0;
    if (prompt->length && !filter) {
        err.text[strcspn(err.text, "\n")] = 0;
        snprintf(prompt->hint, sizeof(prompt->hint), "%.250s", err.text);
    }
    filter_free(filter);
}

static void changed(app_t *app)
{
    prompt_t *prompt = &app->prompt;
    prompt->hint[0] = 0;
    if (prompt->kind == '&') {
        check_filter(app);
    } else if (prompt->kind == '/' || prompt->kind == '?') {
        back_to_origin(app);
        app->search.step = 0;
        app->message[0] = 0;
        if (find_pattern(app, prompt->text)) {
            find_again(app, prompt->kind == '/' ? 1 : -1);
        }
    }
}

static void accept(app_t *app)
{
    prompt_t *prompt = &app->prompt;
    char kind = prompt->kind, text[sizeof(prompt->text)];
    memcpy(text, prompt->text, sizeof(text));
    if (kind == '&') {
        if (!find_filter(app, text)) {
            return; /* stays open, with what is wrong */
        }
        prompt->kind = 0;
        table_sync(app, app->pane[app->focus]);
        return;
    }
    prompt->kind = 0;
    if (kind == ':') {
        command_run_text(app, text);
    }
}

static void cancel(app_t *app)
{
    if (app->prompt.kind == '/' || app->prompt.kind == '?') {
        back_to_origin(app);
        app->search.step = 0;
    }
    app->prompt.kind = 0;
    app->message[0] = 0;
}

void prompt_key(app_t *app, int key)
{
    prompt_t *prompt = &app->prompt;
    switch (key) {
    case '\r':
    case '\n':
    case KEY_ENTER: accept(app); return;
    case 27:
    case 3: cancel(app); return;
    case '\t': complete_word(app); return;
    case 21: prompt->length = 0; break; /* ^U */
    case 23:                            /* ^W */
        while (prompt->length && prompt->text[prompt->length - 1] == ' ') {
            prompt->length--;
        }
        while (prompt->length && prompt->text[prompt->length - 1] != ' ') {
            prompt->length--;
        }
        break;
    case KEY_BACKSPACE:
    case 8:
    case 127:
        if (prompt->length == 0) {
            cancel(app);
            return;
        }
        prompt->length--;
        break;
    default:
        if (key < 32 || key > 255 || prompt->length + 1 >= sizeof(prompt->text)) {
            return;
        }
        prompt->text[prompt->length++] = (char)key;
    }
    prompt->text[prompt->length] = 0;
    changed(app);
}
