/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Searching and filtering. Both look at some thousand rows at a time, between keys, so that the
 * screen answers at once however large the trace is.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "index_private.h"
#include "memory.h"

enum { SEARCH_SLICE = 4096, FILTER_SLICE = 32768 };

uint64_t chosen_count(const app_t *app)
{
    return app->chosen.filter ? app->chosen.count : app->index->spool.count;
}

/* The last part with no more than `row` matches before it; then the word, then the bit. */
uint64_t chosen_event(const app_t *app, uint64_t row)
{
    const chosen_part_t *parts = app->chosen.parts;
    if (!app->chosen.filter || !app->chosen.seen) {
        return row;
    }
    uint64_t low = 0, high = (app->chosen.seen - 1) / CHOSEN_PART;
    while (low < high) {
        uint64_t middle = (low + high + 1) / 2;
        if (parts[middle].before <= row) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    uint64_t left = row - parts[low].before;
    unsigned word = 0;
    for (; word + 1 < CHOSEN_PART / 64; word++) {
        unsigned there = (unsigned)__builtin_popcountll(parts[low].bits[word]);
        if (left < there) {
            break;
        }
        left -= there;
    }
    uint64_t bits = parts[low].bits[word];
    for (; left && bits; left--) {
        bits &= bits - 1;
    }
    unsigned bit = bits ? (unsigned)__builtin_ctzll(bits) : 63;
    return low * CHOSEN_PART + word * 64 + bit;
}

uint64_t chosen_before(const app_t *app, uint64_t event)
{
    const chosen_t *chosen = &app->chosen;
    if (!chosen->filter) {
        return event < app->index->spool.count ? event : app->index->spool.count;
    }
    if (event >= chosen->seen) {
        return chosen->count;
    }
    const chosen_part_t *part = &chosen->parts[event / CHOSEN_PART];
    unsigned bit = event % CHOSEN_PART;
    uint64_t before = part->before;
    for (unsigned word = 0; word < bit / 64; word++) {
        before += (unsigned)__builtin_popcountll(part->bits[word]);
    }
    uint64_t below = ((uint64_t)1 << bit % 64) - 1;
    return before + (unsigned)__builtin_popcountll(part->bits[bit / 64] & below);
}

void chosen_free(app_t *app)
{
    filter_free(app->chosen.filter);
    index_drop(app->chosen.parts, app->chosen.part_room, sizeof(app->chosen.parts[0]));
}

static void choose(chosen_t *chosen, bool match)
{
    uint64_t event = chosen->seen++;
    unsigned bit = event % CHOSEN_PART;
    if (bit == 0) {
        chosen->parts = index_grow(chosen->parts, event / CHOSEN_PART, &chosen->part_room,
                                   sizeof(chosen->parts[0]));
        chosen->parts[event / CHOSEN_PART] = (chosen_part_t){.before = chosen->count};
    }
    chosen->parts[event / CHOSEN_PART].bits[bit / 64] |= (uint64_t)match << bit % 64;
    chosen->count += match;
}

uint64_t chosen_row(const app_t *app, uint64_t event)
{
    uint64_t before = chosen_before(app, event + 1);
    return before ? before - 1 : 0;
}

static bool matches_pattern(app_t *app, uint64_t row)
{
    char text[CELL_MAX];
    unsigned view = app->pane[app->focus];
    if (views[view]->table) {
        table_line(app, view, row, text, sizeof(text));
    } else {
        row_text(app, row, text, sizeof(text));
    }
    if (app->literal) {
        return (app->fold ? strcasestr : strstr)(text, app->pattern) != NULL;
    }
    return regexec(&app->regex, text, 0, NULL, 0) == 0;
}

/* Lower case only: case does not matter. */
static bool has_upper(const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' && text[1]) {
            text++;
        } else if (isupper((unsigned char)*text)) {
            return true;
        }
    }
    return false;
}

bool find_pattern(app_t *app, const char *pattern)
{
    if (app->has_regex) {
        regfree(&app->regex);
        app->has_regex = false;
    }
    snprintf(app->pattern, sizeof(app->pattern), "%s", pattern);
    if (!*pattern) {
        return false;
    }
    app->fold = !has_upper(pattern);
    app->literal = !strpbrk(pattern, "\\^$.[]()|*+?{}");
    int flags = REG_EXTENDED | (app->fold ? REG_ICASE : 0);
    int failed = regcomp(&app->regex, pattern, flags);
    if (failed) {
        char why[160];
        regerror(failed, &app->regex, why, sizeof(why));
        app_complain(app, "%s", why);
        return false;
    }
    app->has_regex = true;
    return true;
}

static uint64_t here(const app_t *app, bool in_table)
{
    return in_table && app_view(app)->table ? app->tables[app->pane[app->focus]].selected
                                            : app->cursor.event;
}

void find_start(app_t *app, search_fn *match, const char *what, int step, bool in_table)
{
    uint64_t origin = here(app, in_table);
    app->search = (search_t){.match = match,
                             .what = what,
                             .step = step,
                             .origin = origin,
                             .row = origin + (uint64_t)(int64_t)step,
                             .in_table = in_table && app_view(app)->table};
}

void find_again(app_t *app, int step)
{
    if (!app->has_regex) {
        app_complain(app, "nothing to search for: / asks");
        return;
    }
    find_start(app, matches_pattern, "match", step, true);
}

static void found(app_t *app)
{
    uint64_t row = app->search.row;
    app->search.step = 0;
    if (app->search.in_table) {
        table_select(app, row);
        return;
    }
    uint64_t time = spool_time(&app->index->spool, row);
    app_goto(app, time, row);
}

bool find_slice(app_t *app)
{
    search_t *search = &app->search;
    if (!search->step) {
        return false;
    }
    uint64_t rows =
        search->in_table ? table_rows(app, app->pane[app->focus]) : app->index->spool.count;
    for (unsigned i = 0; search->step && i < SEARCH_SLICE; i++) {
        if (search->row >= rows) { /* also below 0 */
            if (search->wrapped || search->match != matches_pattern) {
                app_say(app, "no %s %s", search->step > 0 ? "later" : "earlier", search->what);
                search->step = 0;
                return false;
            }
            search->wrapped = true;
            search->row = search->step > 0 || !rows ? 0 : rows - 1;
            app_say(app, "search goes on at the %s", search->step > 0 ? "top" : "bottom");
            continue;
        }
        if (search->match(app, search->row)) {
            found(app);
            return false;
        }
        if (search->wrapped && search->row == search->origin) {
            app_say(app, "no match for '%s'", app->pattern);
            search->step = 0;
            return false;
        }
        search->row += (uint64_t)(int64_t)search->step;
    }
    return search->step != 0;
}

bool find_filter(app_t *app, const char *text)
{
    u4_error_t err;
    filter_t *filter = *text ? filter_parse(app->schema, text, &err) : NULL;
    if (*text && !filter) {
        err.text[strcspn(err.text, "\n")] = 0;
        app_complain(app, "%s", err.text);
        return false;
    }
    filter_free(app->chosen.filter);
    app->chosen.filter = filter;
    app->chosen.count = app->chosen.seen = 0;
    snprintf(app->chosen.text, sizeof(app->chosen.text), "%s", text);
    for (unsigned i = 0; i < 32 && app->chosen.count == 0 && filter_slice(app); i++) {}
    return true;
}

bool filter_slice(app_t *app)
{
    chosen_t *chosen = &app->chosen;
    const index_t *index = app->index;
    if (!chosen->filter || chosen->seen >= index->spool.count) {
        return false;
    }
    uint64_t until = chosen->seen + FILTER_SLICE;
    until = until < index->spool.count ? until : index->spool.count;
    while (chosen->seen < until) {
        event_t event;
        const row_t row = spool_row(&index->spool, chosen->seen);
        row_event(app, &row, &event);
        choose(chosen, filter_match(chosen->filter, index->model, &event));
    }
    return true;
}
