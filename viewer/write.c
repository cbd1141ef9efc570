/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The selection (what the filter lets through, from A to B if both are set) in any format that
 * there is, chosen by the file's name; a line for the terminal's clipboard.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cut.h"
#include "text_output.h"
#include "u4trace/export.h"
#include "writing.h"

void app_selection(const app_t *app, uint64_t *from, uint64_t *to)
{
    bool both = app->has_a && app->has_b;
    *from = !both ? 0 : app->a < app->b ? app->a : app->b;
    *to = !both ? UINT64_MAX : app->a < app->b ? app->b : app->a;
}

/* What is formatted under the lock goes into the file without it. */
static bool make_room(writing_t *writing, text_output_t *out)
{
    if (out->end - out->at >= CELL_MAX) {
        return true;
    }
    index_unlock(writing->app->index);
    bool ok = text_output_room(out, CELL_MAX, &writing->err);
    index_lock(writing->app->index);
    return ok;
}

static bool put_rows(writing_t *writing, text_output_t *out)
{
    const app_t *app = writing->app;
    row_t row;
    writing->first = spool_find(&app->index->spool, writing->from);
    for (uint64_t i = writing->first; writing_row(writing, i, &row); i++) {
        if (!writing_wants(writing, &row)) {
            continue;
        }
        if (!make_room(writing, out)) {
            return false;
        }
        row_text(app, i, out->at, CELL_MAX - 1);
        out->at += strlen(out->at);
        *out->at++ = '\n';
    }
    return true;
}

static bool write_text(writing_t *writing)
{
    text_output_t *out = text_output_open(writing->part, &writing->err);
    if (!out) {
        return false;
    }
    text_output_stop(out, &writing->stop);
    index_lock(writing->app->index);
    bool ok = put_rows(writing, out);
    index_unlock(writing->app->index);
    ok = ok && text_output_finish(out, &writing->err);
    text_output_free(out);
    return ok;
}

typedef struct {
    writing_t *writing;
    const u4t_reader_t *reader;
} export_t;

static bool export_goes_on(void *context)
{
    export_t *export = context;
    uint64_t read = u4t_good_until(export->reader), size = export->writing->size;
    atomic_store(&export->writing->percent, size ? (unsigned)(read * 100 / size) : 0);
    return !atomic_load(&export->writing->stop);
}

/* The whole file once more, through the exporter: it needs the model from the beginning on. */
static bool export_with(writing_t *writing, const exporter_t *exporter)
{
    u4_error_t *err = &writing->err;
    u4t_reader_t *reader = u4t_open(writing->app->path, err);
    void *self = reader ? exporter->open(writing->part, NULL, err) : NULL;
    bool ok = false;
    if (self) {
        export_t export = {writing, reader};
        pipeline_t *pipeline = pipeline_new(u4t_schema(reader), u4t_info(reader));
        pipeline_set_range(pipeline, writing->from_ns, writing->until_ns);
        pipeline_add(pipeline, &exporter->sink, self, writing->filter);
        pipeline_set_watch(pipeline, export_goes_on, &export);
        ok = pipeline_run_file(pipeline, reader, err);
        exporter->close(self);
        pipeline_free(pipeline);
    }
    u4t_close(reader);
    return ok;
}

bool write_selection(writing_t *writing)
{
    const exporter_t *exporter = exporter_by_output(writing->path);
    size_t length = strlen(writing->path);
    if (exporter) {
        return export_with(writing, exporter);
    }
    bool cut = length > 4 && strcmp(writing->path + length - 4, ".u4t") == 0;
    return cut ? cut_write(writing) : write_text(writing);
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
