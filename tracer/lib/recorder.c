/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The draining thread hands batches to the writing thread over a queue of MAX_QUEUED records.
 * Should the disk fall so far behind that the queue is full, draining waits, the rings overflow,
 * and the loss is counted like any other.
 */
#include "u4trace/recorder.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "memory.h"

enum {
    BATCH_RECORDS = 1 << 14,
    MAX_QUEUED = 128, /* batches: 64 MiB */
    POLL_MIN_NS = 20 * 1000,
    POLL_MAX_NS = 5 * 1000 * 1000,
    POLL_HELD_NS = 50 * 1000 * 1000,
    ROUND_NS = 50 * 1000 * 1000, /* a round reaches the file at least so often */
};

typedef enum {
    BATCH_RECORDS_OF_RING,
    BATCH_START,
    BATCH_ROUND,
    BATCH_CONSOLE,
    BATCH_SCHEMA
} batch_kind_t;

typedef struct batch {
    struct batch *next;
    batch_kind_t kind;
    uint32_t ring, hart, owner;
    uint64_t first;
    size_t count;
    console_t console;
    trace_record_t *records; /* room for BATCH_RECORDS, or NULL */
    char *text;
} batch_t;

struct recorder {
    attach_t *attach;
    u4t_writer_t *writer;
    pthread_t drainer, scribe;
    pthread_mutex_t lock;
    pthread_cond_t wake_scribe, wake_drainer;
    batch_t *head, *tail, *spare;
    size_t queued;
    bool stop, done; /* the drainer is to stop; has stopped */
    bool failed;
    u4_error_t error;
    recorder_totals_t totals;
    uint64_t begun_ns, newest_time;
    uint64_t last_round_ns;
    bool unwritten; /* batches since the last round */
    size_t rings_started;
    size_t schema_length; /* of the table's text that the file has */
    bool from_boot;
    bool set_mask, mask_known;
    uint64_t mask[TRACE_MASK_WORDS];
    uint64_t guest_state;
    batch_t *filling[ATTACH_MAX_RINGS]; /* not yet handed over */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static batch_t *get_batch(recorder_t *r)
{
    pthread_mutex_lock(&r->lock);
    batch_t *batch = r->spare;
    if (batch) {
        r->spare = batch->next;
    }
    pthread_mutex_unlock(&r->lock);
    if (!batch) {
        batch = memory_new(1, sizeof(*batch));
        batch->records = memory_new(BATCH_RECORDS, sizeof(trace_record_t));
    }
    batch->next = NULL;
    batch->count = 0;
    return batch;
}

static void enqueue_locked(recorder_t *r, batch_t *batch)
{
    batch->next = NULL;
    *(r->tail ? &r->tail->next : &r->head) = batch;
    r->tail = batch;
    r->queued++;
    pthread_cond_signal(&r->wake_scribe);
}

static void hand_over(recorder_t *r, batch_t *batch)
{
    pthread_mutex_lock(&r->lock);
    while (r->queued >= MAX_QUEUED && !r->failed) {
        pthread_cond_wait(&r->wake_drainer, &r->lock);
    }
    enqueue_locked(r, batch);
    pthread_mutex_unlock(&r->lock);
}

static void send_round(recorder_t *r)
{
    batch_t *batch = memory_new(1, sizeof(*batch));
    batch->kind = BATCH_ROUND;
    hand_over(r, batch);
}

static void send_start(recorder_t *r, size_t index)
{
    const ring_reader_t *ring = &r->attach->rings[index];
    batch_t *batch = memory_new(1, sizeof(*batch));
    batch->kind = BATCH_START;
    batch->ring = (uint32_t)index;
    batch->owner = (uint32_t)ring->owner;
    batch->first = ring->first;
    hand_over(r, batch);
}

/* Before records that need it; as a copy, since the table goes on growing. */
static void send_schema(recorder_t *r)
{
    const schema_t *schema = r->attach->schema;
    batch_t *batch = memory_new(1, sizeof(*batch));
    batch->kind = BATCH_SCHEMA;
    batch->count = r->schema_length = schema->text_length;
    batch->text = memory_new(1, batch->count);
    memcpy(batch->text, schema->text, batch->count);
    hand_over(r, batch);
}

static void flush_ring(recorder_t *r, size_t ring)
{
    batch_t *batch = r->filling[ring];
    if (batch && batch->count) {
        if (r->schema_length != r->attach->schema->text_length) {
            send_schema(r);
        }
        r->filling[ring] = NULL;
        hand_over(r, batch);
    }
}

static void note_totals(recorder_t *r, const trace_record_t *records, size_t count)
{
    uint64_t newest = records[count - 1].time;
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < count; i++) {
        r->totals.per_event[records[i].event % SCHEMA_MAX_EVENTS]++;
    }
    r->totals.events += count;
    r->newest_time = newest > r->newest_time ? newest : r->newest_time;
    pthread_mutex_unlock(&r->lock);
}

/* Everything of one ring up to `head`; returns how many records. */
static uint64_t drain_ring(recorder_t *r, size_t index, uint64_t head)
{
    ring_reader_t *ring = &r->attach->rings[index];
    uint64_t total = 0;
    for (;;) {
        batch_t *batch = r->filling[index];
        if (!batch) {
            batch = r->filling[index] = get_batch(r);
            batch->kind = BATCH_RECORDS_OF_RING;
            batch->ring = (uint32_t)index;
            batch->hart = ring->hart;
            batch->owner = (uint32_t)ring->owner;
        }
        uint64_t first;
        trace_record_t *to = batch->records + batch->count;
        size_t got = attach_read(r->attach, index, head, to, BATCH_RECORDS - batch->count, &first);
        if (got == 0) {
            return total;
        }
        if (batch->count && first != batch->first + batch->count) { /* a loss between */
            batch_t *after = get_batch(r);
            memcpy(after->records, to, got * sizeof(*to));
            after->kind = BATCH_RECORDS_OF_RING;
            after->ring = batch->ring;
            after->hart = batch->hart;
            after->owner = batch->owner;
            flush_ring(r, index);
            batch = r->filling[index] = after;
        }
        batch->first = batch->count ? batch->first : first;
        note_totals(r, batch->records + batch->count, got);
        batch->count += got;
        total += got;
        if (batch->count == BATCH_RECORDS) {
            flush_ring(r, index);
        }
    }
}

static void end_round(recorder_t *r, uint64_t now)
{
    for (size_t i = 0; i < r->attach->ring_count; i++) {
        flush_ring(r, i);
    }
    send_round(r);
    r->last_round_ns = now;
    r->unwritten = false;
}

static void apply_mask(recorder_t *r)
{
    uint64_t mask[TRACE_MASK_WORDS];
    pthread_mutex_lock(&r->lock);
    bool set = r->set_mask || (r->mask_known && r->rings_started < r->attach->ring_count);
    r->set_mask = false;
    memcpy(mask, r->mask, sizeof(mask));
    pthread_mutex_unlock(&r->lock);
    if (set) {
        u4_error_t ignored; /* whether memory can be written was seen when it was opened */
        attach_set_mask(r->attach, mask, &ignored);
    }
}

static void out_of_reach(recorder_t *r)
{
    pthread_mutex_lock(&r->lock);
    if (!r->failed) {
        u4_fail(&r->error, "%s: the guest cannot be reached any more", r->attach->source->name);
    }
    r->failed = true;
    pthread_mutex_unlock(&r->lock);
}

/* One look at all rings. Returns the fill of the fullest, in 1/256 of its capacity. */
static unsigned poll_once(recorder_t *r)
{
    attach_t *attach = r->attach;
    uint64_t heads[ATTACH_MAX_RINGS] = {0};
    unsigned fullest = 0;
    if (!source_hold(attach->source, true)) {
        out_of_reach(r);
        return 0;
    }
    attach_poll(attach);
    apply_mask(r);
    for (; r->rings_started < attach->ring_count; r->rings_started++) {
        ring_reader_t *ring = &attach->rings[r->rings_started];
        if (r->from_boot && !ring->ended) {
            ring->first = ring->position = 0;
        }
        send_start(r, r->rings_started);
    }
    /* All heads first: see merge.h on rounds. */
    for (size_t i = 0; i < attach->ring_count; i++) {
        if (!ring_head(&attach->rings[i], &heads[i])) {
            heads[i] = 0;
        }
    }
    uint64_t lost = 0, skipped = 0;
    for (size_t i = 0; i < attach->ring_count; i++) {
        uint64_t behind =
            heads[i] > attach->rings[i].position ? heads[i] - attach->rings[i].position : 0;
        uint64_t fill = behind * 256 / attach->rings[i].capacity;
        fullest = fill > fullest ? (unsigned)(fill < 256 ? fill : 256) : fullest;
        r->unwritten |= drain_ring(r, i, heads[i]) > 0;
        lost += attach->rings[i].lost;
        skipped += attach->rings[i].first;
    }
    source_hold(attach->source, false);
    pthread_mutex_lock(&r->lock);
    r->totals.lost = lost;
    r->totals.skipped = skipped;
    r->totals.rings = (uint32_t)attach->ring_count;
    r->totals.polls++;
    r->guest_state = attach->header.state;
    pthread_mutex_unlock(&r->lock);
    uint64_t now = now_ns();
    if (r->unwritten && now - r->last_round_ns >= ROUND_NS) {
        end_round(r, now);
    }
    return fullest;
}

static bool stop_wanted(recorder_t *r)
{
    pthread_mutex_lock(&r->lock);
    bool stop = r->stop || r->failed;
    pthread_mutex_unlock(&r->lock);
    return stop;
}

static void *drain(void *argument)
{
    recorder_t *r = argument;
    /* A guest that stands still while it is read should not do so all the time. */
    const bool held = r->attach->source->ops->hold != NULL;
    uint64_t interval = held ? POLL_HELD_NS : POLL_MIN_NS;
    /* Whoever may go first should: a ring that waits too long loses. Not allowed is no failure. */
    setpriority(PRIO_PROCESS, 0, -15);
    bool stop;
    do {
        stop = stop_wanted(r); /* asked before the last look, so that look sees everything */
        unsigned fullest = poll_once(r);
        if (held) {
            interval = POLL_HELD_NS;
        } else if (fullest > 16) {
            interval = interval / 2 > POLL_MIN_NS ? interval / 2 : POLL_MIN_NS;
        } else if (fullest < 4) {
            interval = interval * 5 / 4 < POLL_MAX_NS ? interval * 5 / 4 : POLL_MAX_NS;
        }
        if (!stop && (held || fullest <= 64)) {
            struct timespec t = {.tv_nsec = (long)interval};
            nanosleep(&t, NULL);
        }
    } while (!stop);
    end_round(r, now_ns());
    pthread_mutex_lock(&r->lock);
    r->done = true;
    pthread_cond_signal(&r->wake_scribe);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static bool write_batch(recorder_t *r, const batch_t *batch, u4_error_t *err)
{
    switch (batch->kind) {
    case BATCH_RECORDS_OF_RING:
        return u4t_write_records(r->writer, batch->ring, batch->hart, batch->owner, batch->first,
                                 batch->records, batch->count, err);
    case BATCH_START:
        u4t_write_start(r->writer, batch->ring, batch->owner, batch->first);
        return true;
    case BATCH_ROUND: return u4t_write_round(r->writer, err);
    case BATCH_SCHEMA: return u4t_write_schema(r->writer, batch->text, batch->count, err);
    case BATCH_CONSOLE: return u4t_write_console(r->writer, &batch->console, err);
    }
    return true;
}

static void put_back(recorder_t *r, batch_t *batch)
{
    if (batch->records) {
        batch->next = r->spare;
        r->spare = batch;
    } else {
        free(batch->text);
        free(batch);
    }
}

static void *scribble(void *argument)
{
    recorder_t *r = argument;
    pthread_mutex_lock(&r->lock);
    for (;;) {
        batch_t *batch = r->head;
        if (!batch && r->done) {
            break;
        }
        if (!batch) {
            pthread_cond_wait(&r->wake_scribe, &r->lock);
            continue;
        }
        r->head = batch->next;
        r->tail = r->head ? r->tail : NULL;
        bool failed = r->failed;
        pthread_mutex_unlock(&r->lock);
        u4_error_t err;
        bool ok = failed || write_batch(r, batch, &err);
        pthread_mutex_lock(&r->lock);
        if (!ok) {
            r->failed = true;
            r->error = err;
        }
        put_back(r, batch);
        r->queued--;
        r->totals.bytes = u4t_written(r->writer);
        pthread_cond_signal(&r->wake_drainer);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

recorder_t *recorder_start(attach_t *attach, u4t_writer_t *writer, bool from_boot, u4_error_t *err)
{
    recorder_t *r = memory_new(1, sizeof(*r));
    r->from_boot = from_boot;
    r->guest_state = attach->header.state;
    r->schema_length = attach->schema->text_length;
    r->attach = attach;
    r->writer = writer;
    r->begun_ns = r->last_round_ns = now_ns();
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake_scribe, NULL);
    pthread_cond_init(&r->wake_drainer, NULL);
    if (pthread_create(&r->scribe, NULL, scribble, r) != 0) {
        u4_fail_errno(err, "cannot start a thread to write the trace");
        free(r);
        return NULL;
    }
    if (pthread_create(&r->drainer, NULL, drain, r) != 0) {
        u4_fail_errno(err, "cannot start a thread to read the trace");
        r->done = true;
        pthread_join(r->scribe, NULL);
        free(r);
        return NULL;
    }
    return r;
}

void recorder_set_mask(recorder_t *r, const uint64_t mask[TRACE_MASK_WORDS])
{
    pthread_mutex_lock(&r->lock);
    memcpy(r->mask, mask, sizeof(r->mask));
    r->set_mask = r->mask_known = true;
    pthread_mutex_unlock(&r->lock);
}

uint64_t recorder_guest_state(recorder_t *r)
{
    pthread_mutex_lock(&r->lock);
    uint64_t state = r->guest_state;
    pthread_mutex_unlock(&r->lock);
    return state;
}

/* Consoles come in drips: what belongs to the same moment is one piece. */
static bool append_console_locked(recorder_t *r, const char *text, size_t length)
{
    enum { PIECE = 4096 };
    batch_t *last = r->tail;
    if (!last || last->kind != BATCH_CONSOLE || last->console.guest_time != r->newest_time ||
        last->console.length + length > PIECE) {
        return false;
    }
    last->text = memory_grow(last->text, last->console.length + length, 1);
    memcpy(last->text + last->console.length, text, length);
    last->console.text = last->text;
    last->console.length += length;
    return true;
}

void recorder_console(recorder_t *r, const char *text, size_t length)
{
    pthread_mutex_lock(&r->lock);
    if (!append_console_locked(r, text, length)) {
        batch_t *batch = memory_new(1, sizeof(*batch));
        batch->kind = BATCH_CONSOLE;
        batch->text = memory_new(1, length + 1);
        memcpy(batch->text, text, length);
        batch->console = (console_t){.text = batch->text,
                                     .length = length,
                                     .host_ns = now_ns() - r->begun_ns,
                                     .guest_time = r->newest_time};
        enqueue_locked(r, batch);
    }
    pthread_mutex_unlock(&r->lock);
}

bool recorder_totals(recorder_t *r, recorder_totals_t *totals, u4_error_t *err)
{
    pthread_mutex_lock(&r->lock);
    *totals = r->totals;
    bool ok = !r->failed;
    if (!ok) {
        *err = r->error;
    }
    pthread_mutex_unlock(&r->lock);
    return ok;
}

static void free_batches(batch_t *batch)
{
    while (batch) {
        batch_t *next = batch->next;
        free(batch->records);
        free(batch->text);
        free(batch);
        batch = next;
    }
}

bool recorder_stop(recorder_t *r, recorder_totals_t *totals, uint64_t emitted[ATTACH_MAX_RINGS],
                   u4_error_t *err)
{
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->drainer, NULL);
    pthread_join(r->scribe, NULL);
    for (size_t i = 0; i < ATTACH_MAX_RINGS; i++) {
        emitted[i] = i < r->attach->ring_count ? r->attach->rings[i].position : 0;
        free_batches(r->filling[i]);
    }
    r->totals.bytes = u4t_written(r->writer);
    bool ok = recorder_totals(r, totals, err);
    free_batches(r->head);
    free_batches(r->spare);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->wake_scribe);
    pthread_cond_destroy(&r->wake_drainer);
    free(r);
    return ok;
}
