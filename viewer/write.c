/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * :write and y: the selection (what the filter lets through, from A to B if both are set) in any
 * format that there is, chosen by the file's name; a line for the terminal's clipboard.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "cut.h"
#include "u4trace/export.h"

void app_selection(const app_t *app, uint64_t *from, uint64_t *to)
{
    bool both = app->has_a && app->has_b;
    *from = !both ? 0 : app->a < app->b ? app->a : app->b;
    *to = !both ? UINT64_MAX : app->a < app->b ? app->b : app->a;
}

static bool write_text(app_t *app, const char *path, u4_error_t *err)
{
    FILE *out = fopen(path, "wx");
    if (!out) {
        return u4_fail_errno(err, "%s: cannot write it", path);
    }
    uint64_t from, to;
    char text[CELL_MAX];
    app_selection(app, &from, &to);
    for (uint64_t i = 0; i < chosen_count(app); i++) {
        uint64_t event = chosen_event(app, i);
        uint64_t time = spool_time(&app->index->spool, event);
        if (time >= from && time <= to) {
            row_text(app, event, text, sizeof(text));
            fprintf(out, "%s\n", text);
        }
    }
    bool ok = !ferror(out);
    ok = fclose(out) == 0 && ok;
    return ok || u4_fail(err, "%s: could not write all of it", path);
}

static bool ends_in(const char *path, const char *end)
{
    size_t length = strlen(path), tail = strlen(end);
    return length > tail && strcmp(path + length - tail, end) == 0;
}

/* The whole file once more, through the exporter: it needs the model from the beginning on. */
static bool export_with(app_t *app, const exporter_t *exporter, const char *path, u4_error_t *err)
{
    uint64_t from, to, zero = model_ns(app->index->model, app->index->first_time);
    u4t_reader_t *reader = u4t_open(app->path, err);
    void *self = reader ? exporter->open(path, NULL, err) : NULL;
    bool ok = false;
    if (self) {
        pipeline_t *pipeline = pipeline_new(u4t_schema(reader), u4t_info(reader));
        app_selection(app, &from, &to);
        uint64_t from_ns = from ? model_ns(app->index->model, from) - zero : 0;
        uint64_t until_ns =
            to < UINT64_MAX ? model_ns(app->index->model, to + 1) - zero : UINT64_MAX;
        pipeline_set_range(pipeline, from_ns, until_ns);
        pipeline_add(pipeline, &exporter->sink, self, app->chosen.filter);
        ok = pipeline_run_file(pipeline, reader, err);
        exporter->close(self);
        pipeline_free(pipeline);
    }
    u4t_close(reader);
    return ok;
}

static bool write_file(app_t *app, const char *path, u4_error_t *err)
{
    if (access(path, F_OK) == 0) {
        return u4_fail(err, "%s: is there already", path);
    }
    if (ends_in(path, ".u4t")) {
        return cut_write(app, path, err);
    }
    for (size_t i = 0; exporters[i]; i++) {
        if (ends_in(path, exporters[i]->extension)) {
            return export_with(app, exporters[i], path, err);
        }
    }
    return write_text(app, path, err);
}

bool do_write(app_t *app, const char *path)
{
    u4_error_t err = {""};
    if (!*path) {
        app_complain(app, "write: which file? .txt .csv .json .perfetto-trace .u4t");
        return false;
    }
    while (filter_slice(app)) {}
    if (!write_file(app, path, &err)) {
        err.text[strcspn(err.text, "\n")] = 0;
        app_complain(app, "write: %s", err.text);
        return false;
    }
    app_say(app, "written: %s%s%s", path, app->chosen.filter ? ", filtered" : "",
            app->has_a && app->has_b ? ", from A to B" : "");
    return true;
}

/* ---- the clipboard ---- */

static size_t base64(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = strlen(text), at = 0;
    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) {
            bits = bits << 8 | (i + k < length ? (unsigned char)text[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            out[at++] = i + k > length ? '=' : digits[bits >> (18 - 6 * k) & 63];
        }
    }
    return at;
}

/* By the escape sequence OSC 52, which also works over ssh and in tmux. */
void app_copy(app_t *app)
{
    static const char begin[] = "\033]52;c;", end[] = "\007";
    char text[CELL_MAX], out[sizeof(begin) + CELL_MAX * 4 / 3 + 8];
    unsigned view = app->pane[app->focus];
    if (app_table(app) && table_rows(app, view)) {
        table_line(app, view, app_table(app)->selected, text, sizeof(text));
    } else if (app->index->spool.count) {
        row_text(app, app->cursor.event, text, sizeof(text));
    } else {
        return;
    }
    memcpy(out, begin, sizeof(begin) - 1);
    size_t length = sizeof(begin) - 1 + base64(text, out + sizeof(begin) - 1);
    memcpy(out + length, end, sizeof(end) - 1);
    length += sizeof(end) - 1;
    if (write(STDOUT_FILENO, out, length) != (ssize_t)length) {
        app_complain(app, "copy: %s", strerror(errno));
        return;
    }
    app_say(app, "copied: %.200s", text);
}
