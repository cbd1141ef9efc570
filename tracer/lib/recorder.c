/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The draining thread hands batches to the writing one (scribe.h). Should the disk fall so far
 * behind that the queue between them is full, draining waits, the rings overflow, and the loss is
 * counted like any other.
 */
#include "u4trace/recorder.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "memory.h"
#include "scribe.h"

enum {
    POLL_MIN_NS = 20 * 1000,
    POLL_MAX_NS = 5 * 1000 * 1000,
    POLL_HELD_NS = 50 * 1000 * 1000,
    ROUND_NS = 50 * 1000 * 1000, /* a round reaches the file at least so often */
};

struct recorder {
    attach_t *attach;
    scribe_t *scribe;
    pthread_t drainer;
    pthread_mutex_t lock;
    bool stop; /* the drainer is to */
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
    uint32_t fired;
    batch_t *filling[ATTACH_MAX_RINGS]; /* not yet handed over */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void send_round(recorder_t *r)
{
    batch_t *batch = memory_new(1, sizeof(*batch));
    batch->kind = BATCH_ROUND;
    scribe_give(r->scribe, batch);
}

static void send_start(recorder_t *r, size_t index)
{
    const ring_reader_t *ring = &r->attach->rings[index];
    batch_t *batch = memory_new(1, sizeof(*batch));
    batch->kind = BATCH_START;
    batch->ring = (uint32_t)index;
    batch->owner = (uint32_t)ring->owner;
    batch->first = ring->first;
    scribe_give(r->scribe, batch);
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
    scribe_give(r->scribe, batch);
}

static void flush_ring(recorder_t *r, size_t ring)
{
    batch_t *batch = r->filling[ring];
    if (batch && batch->count) {
        if (r->schema_length != r->attach->schema->text_length) {
            send_schema(r);
        }
        r->filling[ring] = NULL;
        scribe_give(r->scribe, batch);
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
            batch = r->filling[index] = scribe_batch(r->scribe);
            batch->kind = BATCH_RECORDS_OF_RING;
            batch->ring = (uint32_t)index;
            batch->hart = ring->hart;
            batch->owner = (uint32_t)ring->owner;
        }
        uint64_t first;
        trace_record_t *to = batch->records + batch->count;
        size_t got =
            attach_read(r->attach, index, head, to, SCRIBE_BATCH_RECORDS - batch->count, &first);
        if (got == 0) {
            return total;
        }
        if (batch->count && first != batch->first + batch->count) { /* a loss between */
            batch_t *after = scribe_batch(r->scribe);
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
        if (batch->count == SCRIBE_BATCH_RECORDS) {
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
    bool set = r->set_mask;
    for (size_t i = r->rings_started; r->mask_known && i < r->attach->ring_count; i++) {
        set |= r->attach->user[i] == NULL; /* a hart that comes up late; user rings know theirs */
    }
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
    u4_error_t why = {""};
    u4_fail(&why, "%s: the guest cannot be reached any more", r->attach->source->name);
    scribe_fail(r->scribe, &why);
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
    r->fired = attach->header.fired;
    pthread_mutex_unlock(&r->lock);
    uint64_t now = now_ns();
    if (r->unwritten && now - r->last_round_ns >= ROUND_NS) {
        end_round(r, now);
    }
    return fullest;
}

static bool stop_wanted(recorder_t *r)
{
    uint64_t bytes;
    u4_error_t ignored;
    pthread_mutex_lock(&r->lock);
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return stop || !scribe_state(r->scribe, &bytes, &ignored);
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
    return NULL;
}

recorder_t *recorder_start(attach_t *attach, u4t_writer_t *writer, bool from_boot, u4_error_t *err)
{
    recorder_t *r = memory_new(1, sizeof(*r));
    r->from_boot = from_boot;
    r->guest_state = attach->header.state;
    r->fired = attach->header.fired;
    r->schema_length = attach->schema->text_length;
    r->attach = attach;
    r->begun_ns = r->last_round_ns = now_ns();
    pthread_mutex_init(&r->lock, NULL);
    r->scribe = scribe_start(writer, err);
    if (!r->scribe) {
        free(r);
        return NULL;
    }
    if (pthread_create(&r->drainer, NULL, drain, r) != 0) {
        uint64_t bytes;
        u4_error_t ignored;
        u4_fail_errno(err, "cannot start a thread to read the trace");
        scribe_stop(r->scribe, &bytes, &ignored);
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

uint64_t recorder_guest_state(recorder_t *r, uint32_t *fired)
{
    pthread_mutex_lock(&r->lock);
    uint64_t state = r->guest_state;
    *fired = r->fired;
    pthread_mutex_unlock(&r->lock);
    return state;
}

void recorder_console(recorder_t *r, const char *text, size_t length)
{
    pthread_mutex_lock(&r->lock);
    uint64_t newest = r->newest_time;
    pthread_mutex_unlock(&r->lock);
    scribe_console(r->scribe, text, length, now_ns() - r->begun_ns, newest);
}

bool recorder_totals(recorder_t *r, recorder_totals_t *totals, u4_error_t *err)
{
    pthread_mutex_lock(&r->lock);
    *totals = r->totals;
    pthread_mutex_unlock(&r->lock);
    return scribe_state(r->scribe, &totals->bytes, err);
}

bool recorder_stop(recorder_t *r, recorder_totals_t *totals, uint64_t emitted[ATTACH_MAX_RINGS],
                   u4_error_t *err)
{
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->drainer, NULL);
    for (size_t i = 0; i < ATTACH_MAX_RINGS; i++) {
        emitted[i] = i < r->attach->ring_count ? r->attach->rings[i].position : 0;
        scribe_free_batch(r->filling[i]);
    }
    *totals = r->totals;
    bool ok = scribe_stop(r->scribe, &totals->bytes, err);
    pthread_mutex_destroy(&r->lock);
    free(r);
    return ok;
}
