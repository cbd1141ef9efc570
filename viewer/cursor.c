/* SPDX-License-Identifier: BSD-2-Clause */
/* The cursor in time, where it has been, bookmarks, and jumps to what is related. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "memory.h"

void app_move(app_t *app, uint64_t time, uint64_t event)
{
    app->cursor = (place_t){.time = time, .event = event};
    app->follow = false;
    timeline_t *t = &app->timeline;
    uint64_t span = t->end - t->start;
    if (!t->whole && (time < t->start || time >= t->end)) {
        t->start = time > span / 2 ? time - span / 2 : 0;
        t->end = t->start + span;
    }
}

void app_move_time(app_t *app, uint64_t time)
{
    app_move(app, time, spool_find(&app->index->spool, time));
}

static void sync_all(app_t *app)
{
    for (unsigned i = 0; i < 2; i++) {
        table_sync(app, app->pane[i]);
    }
}

void app_goto(app_t *app, uint64_t time, uint64_t event)
{
    if (app->jump == JUMPS) {
        memmove(app->jumps, app->jumps + 1, (JUMPS - 1) * sizeof(app->jumps[0]));
        app->jump--;
    }
    app->jumps[app->jump++] = app->cursor;
    app->jump_count = app->jump;
    app_move(app, time, event);
    sync_all(app);
}

void app_back(app_t *app, bool forward)
{
    if (forward ? app->jump >= app->jump_count : app->jump == 0) {
        app_say(app, forward ? "no later jump" : "no earlier jump");
        return;
    }
    if (!forward) {
        app->jump--;
    }
    place_t to = app->jumps[app->jump];
    app->jumps[app->jump] = app->cursor;
    if (forward) {
        app->jump++;
    }
    app_move(app, to.time, to.event);
    sync_all(app);
}

/* ---- to what is related ---- */

static row_t row_at(const app_t *app, uint64_t event)
{
    return spool_row(&app->index->spool, event);
}

static bool same_thread(app_t *app, uint64_t event)
{
    return row_at(app, event).thread == app->followed_uid;
}

static bool same_object(app_t *app, uint64_t event)
{
    row_t row = row_at(app, event);
    return row_object(app, &row) == app->followed_value;
}

static bool same_badge(app_t *app, uint64_t event)
{
    uint64_t badge;
    row_t row = row_at(app, event);
    return row_badge(app, &row, &badge) && badge == app->followed_value;
}

static bool same_flow(app_t *app, uint64_t event)
{
    return row_at(app, event).call == app->followed_uid;
}

static void jump_related(app_t *app, int key)
{
    const row_t row = row_at(app, app->cursor.event);
    int step = strchr("]})f", key) ? 1 : -1;
    uint64_t badge = 0;
    if (key == ']' || key == '[') {
        app->followed_uid = row.thread;
        find_start(app, same_thread, "event of this thread", step, false);
    } else if (key == '}' || key == '{') {
        app->followed_value = row_object(app, &row);
        if (!app->followed_value) {
            app_complain(app, "this event names no object");
            return;
        }
        find_start(app, same_object, "event of this object", step, false);
    } else if (key == ')' || key == '(') {
        if (!row_badge(app, &row, &badge)) {
            app_complain(app, "this event has no badge");
            return;
        }
        app->followed_value = badge;
        find_start(app, same_badge, "event with this badge", step, false);
    } else {
        if (!row.call) {
            app_complain(app, "this event belongs to no message");
            return;
        }
        app->followed_uid = row.call;
        find_start(app, same_flow, "event of this message", step, false);
    }
}

static void jump_loss(app_t *app, bool forward)
{
    const index_t *index = app->index;
    for (size_t n = 0; n < index->hole_count; n++) {
        size_t i = forward ? n : index->hole_count - 1 - n;
        const hole_t *hole = &index->holes[i];
        if (forward ? hole->row > app->cursor.event : hole->row < app->cursor.event) {
            char count[32];
            count_text(hole->loss.count, count, sizeof(count));
            app_goto(app, hole->loss.until, hole->row < index->spool.count ? hole->row : 0);
            app_say(app, "%s records lost on hart %u before this event", count, hole->loss.hart);
            return;
        }
    }
    app_say(app, "no %s gap", forward ? "later" : "earlier");
}

static bool is_slow(const app_t *app, const message_t *message)
{
    const model_t *model = app->index->model;
    return message->whole && message->begun < message->done &&
           model_ns(model, message->done) - model_ns(model, message->begun) >= app->slow_ns;
}

static void jump_slow(app_t *app, bool forward)
{
    const index_t *index = app->index;
    char text[32];
    uint64_t at = series_before(&index->messages, app->cursor.time + forward);
    while (forward ? at < index->messages.count : at > 0) {
        message_t message;
        series_get(&index->messages, forward ? at : at - 1, &message);
        if (is_slow(app, &message)) {
            duration_text(app, message.done - message.begun, text, sizeof(text));
            app_goto(app, message.done, spool_find(&index->spool, message.done));
            app_say(app, "%s -> %s took %s", index_name(index, (uint32_t)message.client),
                    index_name(index, (uint32_t)message.server), text);
            return;
        }
        at = forward ? at + 1 : at - 1;
    }
    ns_text(app->slow_ns, text, sizeof(text));
    app_say(app, "no %s message of %s or more (:slow sets the bound)",
            forward ? "later" : "earlier", text);
}

static void jump_mark(app_t *app, bool forward)
{
    const mark_t *best = NULL;
    for (size_t i = 0; i < app->mark_count; i++) {
        const mark_t *mark = &app->marks[i];
        bool beyond = forward ? mark->event > app->cursor.event : mark->event < app->cursor.event;
        if (beyond &&
            (!best || (forward ? mark->event < best->event : mark->event > best->event))) {
            best = mark;
        }
    }
    if (!best) {
        app_say(app, "no %s bookmark", forward ? "later" : "earlier");
        return;
    }
    app_goto(app, best->time, best->event);
    app_say(app, "bookmark: %s", best->text);
}

bool app_jump_key(app_t *app, int key)
{
    if (key <= 0 || key > 126 || !app->index->spool.count) {
        return false;
    }
    if (strchr("][}{)(fF", key)) {
        jump_related(app, key);
        return true;
    }
    switch (key) {
    case 'e': jump_loss(app, true); return true;
    case 'E': jump_loss(app, false); return true;
    case 'w': jump_slow(app, true); return true;
    case 'W': jump_slow(app, false); return true;
    case '.': jump_mark(app, true); return true;
    case ',': jump_mark(app, false); return true;
    default: return false;
    }
}

/* ---- bookmarks: FILE.marks beside the trace, one a line: event time text ---- */

static FILE *open_marks(const app_t *app, const char *mode)
{
    char path[4200];
    snprintf(path, sizeof(path), "%s.marks", app->file);
    return fopen(path, mode);
}

static mark_t *new_mark(app_t *app)
{
    if (app->mark_count == app->mark_room) {
        app->mark_room = app->mark_room * 2 + 16;
        app->marks = memory_grow(app->marks, app->mark_room, sizeof(mark_t));
    }
    return &app->marks[app->mark_count++];
}

void marks_load(app_t *app)
{
    FILE *in = app->temporary ? NULL : open_marks(app, "r");
    char line[256];
    while (in && fgets(line, sizeof(line), in)) {
        mark_t mark = {0};
        int at = 0;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%" SCNu64 " %" SCNu64 " %n", &mark.event, &mark.time, &at) == 2 && at) {
            snprintf(mark.text, sizeof(mark.text), "%s", line + at);
            *new_mark(app) = mark;
        }
    }
    if (in) {
        fclose(in);
    }
}

bool marks_save(app_t *app)
{
    if (app->temporary) {
        return true; /* they last as long as the trace */
    }
    FILE *out = open_marks(app, "w");
    if (!out) {
        app_complain(app, "%s.marks: cannot write bookmarks", app->file);
        return false;
    }
    for (size_t i = 0; i < app->mark_count; i++) {
        fprintf(out, "%" PRIu64 " %" PRIu64 " %s\n", app->marks[i].event, app->marks[i].time,
                app->marks[i].text);
    }
    return fclose(out) == 0;
}

bool app_unmark(app_t *app, size_t i)
{
    if (i >= app->mark_count) {
        return false;
    }
    memmove(&app->marks[i], &app->marks[i + 1], (app->mark_count - i - 1) * sizeof(mark_t));
    app->mark_count--;
    app_say(app, "bookmark removed");
    return marks_save(app);
}

bool app_mark(app_t *app, const char *text)
{
    for (size_t i = 0; i < app->mark_count; i++) {
        if (app->marks[i].event == app->cursor.event && !*text) {
            return app_unmark(app, i);
        }
    }
    mark_t *mark = new_mark(app);
    *mark = (mark_t){.time = app->cursor.time, .event = app->cursor.event};
    if (*text) {
        snprintf(mark->text, sizeof(mark->text), "%s", text);
    } else {
        snprintf(mark->text, sizeof(mark->text), "event %" PRIu64, app->cursor.event);
    }
    app_say(app, "bookmark set: %s", mark->text);
    return marks_save(app);
}
