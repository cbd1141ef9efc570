/* SPDX-License-Identifier: BSD-2-Clause */
/* Completion of the word before the cursor of the prompt. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app.h"

typedef struct {
    const char *word;
    size_t length, common;
    char first[128];
    char list[256];
    unsigned count;
} candidates_t;

static void consider(candidates_t *c, const char *name)
{
    if (strncmp(name, c->word, c->length) != 0 || strlen(name) >= sizeof(c->first)) {
        return;
    }
    if (c->count == 0) {
        snprintf(c->first, sizeof(c->first), "%s", name);
        c->common = strlen(name);
    } else if (strcmp(c->first, name) == 0) {
        return;
    }
    for (size_t i = 0; i < c->common; i++) {
        c->common = c->first[i] == name[i] ? c->common : i;
    }
    size_t used = strlen(c->list);
    if (!strstr(c->list, name)) {
        snprintf(c->list + used, sizeof(c->list) - used, "%s ", name);
    }
    c->count++;
}

static void consider_filter(const app_t *app, candidates_t *c)
{
    static const char *const names[] = {"event", "class",  "thread",   "process", "hart",
                                        "time",  "waited", "position", "other"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        consider(c, names[i]);
    }
    for (size_t i = 0; i < app->schema->class_count; i++) {
        consider(c, app->schema->classes[i].name);
    }
    for (size_t i = 0; i < SCHEMA_MAX_EVENTS; i++) {
        const schema_event_t *event = app->schema->events[i];
        for (size_t f = 0; event && f < event->field_count; f++) {
            consider(c, event->fields[f].name);
        }
        if (event) {
            consider(c, event->full_name);
        }
    }
    for (size_t i = 0; i < app->index->life_count; i++) {
        consider(c, index_name(app->index, app->index->order[i]));
    }
}

static void consider_commands(candidates_t *c)
{
    for (size_t i = 0; command_name(i); i++) {
        consider(c, command_name(i));
    }
    for (unsigned i = 0; i < view_count; i++) {
        consider(c, views[i]->name);
    }
}

void complete_word(app_t *app)
{
    prompt_t *prompt = &app->prompt;
    size_t start = prompt->length;
    while (start && (isalnum((unsigned char)prompt->text[start - 1]) ||
                     strchr("._-@", prompt->text[start - 1]))) {
        start--;
    }
    candidates_t c = {.word = prompt->text + start, .length = prompt->length - start};
    bool filters = prompt->kind == '&' || strncmp(prompt->text, "filter ", 7) == 0 ||
                   strncmp(prompt->text, "trace ", 6) == 0;
    if (prompt->kind == ':' && !filters) {
        consider_commands(&c);
    } else {
        consider_filter(app, &c);
    }
    if (c.count == 0) {
        snprintf(prompt->hint, sizeof(prompt->hint), "no name begins so");
        return;
    }
    if (c.common > c.length && start + c.common < sizeof(prompt->text)) {
        memcpy(prompt->text + start, c.first, c.common);
        prompt->length = start + c.common;
        prompt->text[prompt->length] = 0;
    }
    snprintf(prompt->hint, sizeof(prompt->hint), "%s", c.count > 1 ? c.list : "");
}
