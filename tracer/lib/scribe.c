/* SPDX-License-Identifier: BSD-2-Clause */
#include "scribe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct scribe {
    u4t_writer_t *writer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more, room;
    batch_t *head, *tail, *spare;
    size_t queued;
    bool stop; /* once the queue is empty */
    bool failed;
    u4_error_t error;
    uint64_t bytes;
};

batch_t *scribe_batch(scribe_t *s)
{
    pthread_mutex_lock(&s->lock);
    batch_t *batch = s->spare;
    if (batch) {
        s->spare = batch->next;
    }
    pthread_mutex_unlock(&s->lock);
    if (!batch) {
        batch = memory_new(1, sizeof(*batch));
        batch->records = memory_new(SCRIBE_BATCH_RECORDS, sizeof(trace_record_t));
    }
    batch->next = NULL;
    batch->count = 0;
    return batch;
}

void scribe_free_batch(batch_t *batch)
{
    if (batch) {
        free(batch->records);
        free(batch->text);
        free(batch);
    }
}

static void enqueue_locked(scribe_t *s, batch_t *batch)
{
    batch->next = NULL;
    *(s->tail ? &s->tail->next : &s->head) = batch;
    s->tail = batch;
    s->queued++;
    pthread_cond_signal(&s->more);
}

void scribe_give(scribe_t *s, batch_t *batch)
{
    pthread_mutex_lock(&s->lock);
    while (s->queued >= SCRIBE_MAX_QUEUED && !s->failed) {
        pthread_cond_wait(&s->room, &s->lock);
    }
    enqueue_locked(s, batch);
    pthread_mutex_unlock(&s->lock);
}

/* Consoles come in drips: what belongs to the same moment is one piece. */
static bool append_console_locked(scribe_t *s, const char *text, size_t length, uint64_t time)
{
    enum { PIECE = 4096 };
    batch_t *last = s->tail;
    if (!last || last->kind != BATCH_CONSOLE || last->console.guest_time != time ||
        last->console.length + length > PIECE) {
        return false;
    }
    last->text = memory_grow(last->text, last->console.length + length, 1);
    memcpy(last->text + last->console.length, text, length);
    last->console.text = last->text;
    last->console.length += length;
    return true;
}

void scribe_console(scribe_t *s, const char *text, size_t length, uint64_t host_ns,
                    uint64_t guest_time)
{
    pthread_mutex_lock(&s->lock);
    if (!append_console_locked(s, text, length, guest_time)) {
        batch_t *batch = memory_new(1, sizeof(*batch));
        batch->kind = BATCH_CONSOLE;
        batch->text = memory_new(1, length + 1);
        memcpy(batch->text, text, length);
        batch->console = (console_t){
            .text = batch->text, .length = length, .host_ns = host_ns, .guest_time = guest_time};
        enqueue_locked(s, batch);
    }
    pthread_mutex_unlock(&s->lock);
}

void scribe_fail(scribe_t *s, const u4_error_t *why)
{
    pthread_mutex_lock(&s->lock);
    s->error = s->failed ? s->error : *why;
    s->failed = true;
    pthread_mutex_unlock(&s->lock);
}

bool scribe_state(scribe_t *s, uint64_t *bytes, u4_error_t *err)
{
    pthread_mutex_lock(&s->lock);
    *bytes = s->bytes;
    bool ok = !s->failed;
    if (!ok) {
        *err = s->error;
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static bool write_batch(scribe_t *s, const batch_t *batch, u4_error_t *err)
{
    switch (batch->kind) {
    case BATCH_RECORDS_OF_RING:
        return u4t_write_records(s->writer, batch->ring, batch->hart, batch->owner, batch->first,
                                 batch->records, batch->count, err);
    case BATCH_START:
        u4t_write_start(s->writer, batch->ring, batch->owner, batch->first);
        return true;
    case BATCH_ROUND: return u4t_write_round(s->writer, err);
    case BATCH_SCHEMA: return u4t_write_schema(s->writer, batch->text, batch->count, err);
    case BATCH_CONSOLE: return u4t_write_console(s->writer, &batch->console, err);
    }
    return true;
}

static void put_back_locked(scribe_t *s, batch_t *batch)
{
    if (batch->records) {
        batch->next = s->spare;
        s->spare = batch;
    } else {
        scribe_free_batch(batch);
    }
}

static void *scribble(void *argument)
{
    scribe_t *s = argument;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        batch_t *batch = s->head;
        if (!batch && s->stop) {
            break;
        }
        if (!batch) {
            pthread_cond_wait(&s->more, &s->lock);
            continue;
        }
        s->head = batch->next;
        s->tail = s->head ? s->tail : NULL;
        bool failed = s->failed;
        pthread_mutex_unlock(&s->lock);
        u4_error_t err;
        bool ok = failed || write_batch(s, batch, &err);
        pthread_mutex_lock(&s->lock);
        if (!ok) {
            s->failed = true;
            s->error = err;
        }
        put_back_locked(s, batch);
        s->queued--;
        s->bytes = u4t_written(s->writer);
        pthread_cond_signal(&s->room);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void free_scribe(scribe_t *s)
{
    while (s->spare) {
        batch_t *next = s->spare->next;
        scribe_free_batch(s->spare);
        s->spare = next;
    }
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->more);
    pthread_cond_destroy(&s->room);
    free(s);
}

scribe_t *scribe_start(u4t_writer_t *writer, u4_error_t *err)
{
    scribe_t *s = memory_new(1, sizeof(*s));
    s->writer = writer;
    s->bytes = u4t_written(writer);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, NULL);
    pthread_cond_init(&s->room, NULL);
    if (pthread_create(&s->thread, NULL, scribble, s) != 0) {
        u4_fail_errno(err, "cannot start a thread to write the trace");
        free_scribe(s);
        return NULL;
    }
    return s;
}

bool scribe_stop(scribe_t *s, uint64_t *bytes, u4_error_t *err)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    bool ok = scribe_state(s, bytes, err);
    free_scribe(s);
    return ok;
}
