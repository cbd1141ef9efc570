/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CTF exporter's streams. Records that were lost are the difference between the discarded
 * counts of one packet and the one before; so that readers see where, the packet before ends at
 * the loss and the one behind it has a single event.
 */
#include "ctf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporters.h"
#include "memory.h"

enum { PACKET_BYTES = 64 * 1024 };
enum { PACKET_RECORDS = (PACKET_BYTES - sizeof(ctf_packet_t)) / sizeof(ctf_record_t) };

typedef struct {
    int fd;
    char name[16];
    uint32_t count; /* of records in the packet */
    uint64_t time;  /* of the last event: CTF's clocks never go back */
    bool lossy;     /* the packet comes behind a loss */
    struct {
        ctf_packet_t head;
        ctf_record_t records[PACKET_RECORDS];
    } packet;
} stream_t;

typedef struct {
    char *path;
    int dir;
    bool failed;
    u4_error_t error;
    uint16_t end_bits[SCHEMA_MAX_EVENTS]; /* where each event's fields end */
    bool has_text[SCHEMA_MAX_EVENTS];
    bool described[SCHEMA_MAX_EVENTS]; /* the metadata has it; later ones of programs are unknown */
    stream_t *streams[MODEL_MAX_RINGS];
} ctf_t;

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        return false;
    }
    const struct dirent *entry;
    bool empty = true;
    while (empty && (entry = readdir(dir)) != NULL) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    closedir(dir);
    return empty;
}

/* Readers take every file in the directory for a part of the trace: it must be ours alone. */
static bool make_directory(const char *path, u4_error_t *err)
{
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && is_empty(path))) {
        return true;
    }
    if (errno == EEXIST || errno == ENOTDIR || errno == 0) {
        return u4_fail(err,
                       "%s: expected a new or empty directory, found something there: remove "
                       "it or give another name",
                       path);
    }
    return u4_fail_errno(err, "%s: cannot make the directory", path);
}

static void *ctf_open(const char *path, const char *options, u4_error_t *err)
{
    if (options) {
        u4_fail(err, "ctf: it has no options, found '%s'", options);
        return NULL;
    }
    if (!make_directory(path, err)) {
        return NULL;
    }
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        u4_fail_errno(err, "%s: cannot write there", path);
        return NULL;
    }
    ctf_t *ctf = memory_new(1, sizeof(*ctf));
    ctf->path = memory_strdup(path);
    ctf->dir = dir;
    return ctf;
}

static bool give_error(const ctf_t *ctf, u4_error_t *err)
{
    if (ctf->failed) {
        *err = ctf->error;
    }
    return !ctf->failed;
}

static void fail(ctf_t *ctf, const char *name)
{
    if (!ctf->failed) {
        ctf->failed = true;
        u4_fail_errno(&ctf->error, "%s/%s: cannot write", ctf->path, name);
    }
}

static int create(ctf_t *ctf, const char *name)
{
    int fd = openat(ctf->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        fail(ctf, name);
    }
    return fd;
}

static bool ctf_begin(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    ctf_t *ctf = self;
    for (unsigned id = 0; id < SCHEMA_MAX_EVENTS; id++) {
        const schema_event_t *event = model->schema->events[id];
        ctf->described[id] = event != NULL;
        ctf->end_bits[id] = event ? (uint16_t)ctf_event_end(event) : 8 * sizeof(ctf_record_t);
        for (size_t i = 0; event && i < event->field_count; i++) {
            ctf->has_text[id] |= event->fields[i].type == FIELD_STR;
        }
    }
    int fd = create(ctf, "metadata");
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (out) {
        ctf_write_metadata(out, model->schema, info);
        bool bad = ferror(out);
        if (fclose(out) != 0 || bad) {
            fail(ctf, "metadata");
        }
    }
    return give_error(ctf, err);
}

static void flush(ctf_t *ctf, stream_t *stream)
{
    ctf_packet_t *head = &stream->packet.head;
    size_t bytes = sizeof(*head) + stream->count * sizeof(ctf_record_t);
    head->packet_size = head->content_size = 8 * bytes;
    head->begin = head->end = stream->time;
    if (stream->count) {
        const ctf_record_t *last = &stream->packet.records[stream->count - 1];
        head->begin = stream->packet.records[0].time;
        head->content_size -= 8 * sizeof(*last) - ctf->end_bits[last->event];
    }
    const char *from = (const char *)&stream->packet;
    while (bytes && !ctf->failed) {
        ssize_t done = write(stream->fd, from, bytes);
        if (done >= 0) {
            from += done;
            bytes -= (size_t)done;
        } else if (errno != EINTR) {
            fail(ctf, stream->name);
        }
    }
    head->number++;
    stream->count = 0;
    stream->lossy = false;
}

static stream_t *stream_new(ctf_t *ctf, uint32_t ring, uint32_t hart)
{
    stream_t *stream = ctf->streams[ring] = memory_new(1, sizeof(*stream));
    stream->packet.head = (ctf_packet_t){.magic = CTF_MAGIC, .cpu_id = hart, .ring = ring};
    snprintf(stream->name, sizeof(stream->name), "%s%u", hart == ring ? "hart" : "ring", ring);
    stream->fd = create(ctf, stream->name);
    return stream;
}

static void set_text(ctf_record_t *to, const event_t *event)
{
    for (size_t i = 0; i < event->type->field_count; i++) {
        const schema_field_t *field = &event->type->fields[i];
        if (field->type == FIELD_STR) {
            char text[13] = "";
            schema_field_str(field, event->record, text);
            memcpy((char *)to + ctf_field_position(field) / 8, text, 12);
        }
    }
}

static bool ctf_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    (void)model;
    ctf_t *ctf = self;
    const trace_record_t *from = event->record;
    stream_t *stream = ctf->streams[event->ring];
    if (!stream) {
        stream = stream_new(ctf, event->ring, event->hart);
    }
    stream->time = event->time > stream->time ? event->time : stream->time;
    ctf_record_t *to = &stream->packet.records[stream->count++];
    *to = (ctf_record_t){.time = stream->time,
                         .event = ctf->described[event->type->id] ? event->type->id : CTF_UNKNOWN,
                         .thread = from->thread,
                         .h = from->h,
                         .args = {from->a, from->b, from->c, from->d}};
    if (to->event == CTF_UNKNOWN) {
        to->h = from->event;
    } else if (ctf->has_text[to->event]) {
        set_text(to, event);
    }
    if (stream->count == PACKET_RECORDS || stream->lossy) {
        flush(ctf, stream);
        return give_error(ctf, err);
    }
    return true;
}

static void ctf_loss(void *self, const model_t *model, const loss_t *loss)
{
    (void)model;
    ctf_t *ctf = self;
    stream_t *stream = ctf->streams[loss->ring];
    if (!stream) {
        stream = stream_new(ctf, loss->ring, loss->hart);
        stream->time = loss->after;
    }
    /* Readers count from one packet to the next: there must be one before. */
    if (stream->count || stream->packet.head.number == 0) {
        flush(ctf, stream);
    }
    stream->packet.head.discarded += loss->count;
    stream->lossy = true;
    stream->time = loss->until > stream->time ? loss->until : stream->time;
}

static void ctf_idle(void *self, const model_t *model)
{
    (void)model;
    ctf_t *ctf = self;
    for (size_t i = 0; i < MODEL_MAX_RINGS; i++) {
        if (ctf->streams[i] && ctf->streams[i]->count) {
            flush(ctf, ctf->streams[i]);
        }
    }
}

static bool ctf_end(void *self, const model_t *model, const trace_info_t *info, u4_error_t *err)
{
    ctf_t *ctf = self;
    (void)model;
    for (uint32_t i = 0; i < info->harts && i < MODEL_MAX_HARTS; i++) {
        if (!ctf->streams[i]) { /* a hart of which nothing is known is there, too */
            stream_new(ctf, i, i);
        }
    }
    for (size_t i = 0; i < MODEL_MAX_RINGS; i++) {
        stream_t *stream = ctf->streams[i];
        if (stream && (stream->count || stream->lossy || stream->packet.head.number == 0)) {
            flush(ctf, stream);
        }
        if (stream && stream->fd >= 0) {
            if (close(stream->fd) != 0) {
                fail(ctf, stream->name);
            }
            stream->fd = -1;
        }
    }
    return give_error(ctf, err);
}

static void ctf_close(void *self)
{
    ctf_t *ctf = self;
    for (size_t i = 0; i < MODEL_MAX_RINGS; i++) {
        if (ctf->streams[i] && ctf->streams[i]->fd >= 0) {
            close(ctf->streams[i]->fd);
        }
        free(ctf->streams[i]);
    }
    close(ctf->dir);
    free(ctf->path);
    free(ctf);
}

const exporter_t exporter_ctf = {
    .name = "ctf",
    .summary = "Common Trace Format 1.8, a directory for babeltrace2 and Trace Compass",
    .extension = ".ctf",
    .binary = true,
    .directory = true,
    .open = ctf_open,
    .sink = {.name = "ctf",
             .begin = ctf_begin,
             .event = ctf_event,
             .loss = ctf_loss,
             .idle = ctf_idle,
             .end = ctf_end},
    .close = ctf_close,
};
