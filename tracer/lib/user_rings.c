/* SPDX-License-Identifier: BSD-2-Clause */
#include "user_rings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { MAX_SCHEMA = 1 << 20 };

/* What is known of a user ring besides its reader. */
struct user_ring {
    uint16_t ids[TRACE_OWN_MAX]; /* the table's ids of the program's own events; 0: none */
    uint32_t schema_length;      /* of the text that they are from */
    uint64_t last_time;          /* of the last record */
};

static uint64_t entry_paddr(const attach_t *attach, uint32_t place)
{
    return attach->header.user_ring_paddr + place * sizeof(trace_user_ring_t);
}

/* A ring that is in that place, or that was there and has gone unseen since the last look. */
static bool open_place(attach_t *attach, uint32_t place, uint64_t generation)
{
    ring_reader_t *ring = &attach->rings[attach->ring_count];
    if (!(generation & 1)) {
        return attach->user_polled &&
               ring_open_ended(ring, attach->source, entry_paddr(attach, place));
    }
    if (!ring_open_user(ring, attach->source, entry_paddr(attach, place), &attach->problem)) {
        return false;
    }
    if (attach->user_polled) { /* all of it is new */
        ring->first = ring->position = 0;
    }
    return true;
}

/* False: there is a ring that could not be opened just now. */
static bool look_at_place(attach_t *attach, uint32_t place)
{
    uint64_t generation, seen = attach->user_generation[place];
    if (!source_read(attach->source, entry_paddr(attach, place), &generation, 8) ||
        generation == seen || (generation == seen + 1 && seen & 1)) {
        return true;
    }
    attach->user_generation[place] = generation;
    if (attach->ring_count == ATTACH_MAX_RINGS) {
        u4_fail(&attach->problem, "%s: more than %d rings: the last user rings are left out",
                attach->source->name, ATTACH_MAX_RINGS);
    } else if (open_place(attach, place, generation)) {
        attach->user[attach->ring_count++] = memory_new(1, sizeof(struct user_ring));
    } else if (generation & 1) {
        attach->user_generation[place] = attach->user_polled ? seen : generation - 1;
        return false;
    }
    return true;
}

void user_rings_poll(attach_t *attach)
{
    const trace_header_t *header = &attach->header;
    uint32_t count = header->user_rings;
    if (count > TRACE_MAX_USER_RINGS ||
        (attach->user_polled && attach->user_changes == header->user_ring_changes)) {
        return;
    }
    attach->user_changes = header->user_ring_changes;
    for (size_t i = 0; i < attach->ring_count; i++) {
        ring_is_there(&attach->rings[i]);
    }
    bool all = true;
    for (uint32_t place = 0; place < count; place++) {
        all &= look_at_place(attach, place);
    }
    attach->user_polled = true;
    attach->user_changes -= !all; /* look again */
}

/* Reads the description of the program's own events, if there is another one than before. */
static void read_schema(attach_t *attach, size_t index)
{
    const ring_reader_t *ring = &attach->rings[index];
    struct user_ring *user = attach->user[index];
    trace_user_schema_t head;
    uint64_t at = ring->ring_paddr + sizeof(trace_ring_t);
    uint64_t room = ring->data_paddr - at - sizeof(head);
    if (!source_read(attach->source, at, &head, sizeof(head)) ||
        head.length == user->schema_length || head.length > room || head.length > MAX_SCHEMA) {
        return;
    }
    user->schema_length = head.length;
    char *text = memory_new(1, (size_t)head.length + 1);
    if (source_read(attach->source, at + sizeof(head), text, head.length)) {
        schema_add_own(attach->own_schema, text, head.length, user->ids, &attach->problem);
    }
    free(text);
}

static uint16_t id_of(attach_t *attach, size_t index, uint16_t id)
{
    if (id < TRACE_OWN_FIRST) {
        return id >= TRACE_USER_FIRST ? id : 0;
    }
    unsigned own = id - TRACE_OWN_FIRST;
    if (own >= TRACE_OWN_MAX) {
        return 0;
    }
    if (!attach->user[index]->ids[own]) {
        read_schema(attach, index);
    }
    return attach->user[index]->ids[own];
}

/* Nothing can have been written later than this: ticks come far more often than once a second. */
static uint64_t latest(const attach_t *attach)
{
    uint64_t now = attach->header.now;
    source_read(attach->source, attach->header_paddr + offsetof(trace_header_t, now), &now, 8);
    return now + attach->header.timebase_hz;
}

void user_rings_vet(attach_t *attach, size_t index, trace_record_t *records, size_t count)
{
    struct user_ring *user = attach->user[index];
    uint64_t limit = latest(attach);
    for (size_t i = 0; i < count; i++) {
        trace_record_t *r = &records[i];
        if (r->time < user->last_time || r->time > limit) {
            r->time = user->last_time;
        }
        user->last_time = r->time;
        r->thread = (uint32_t)attach->rings[index].owner;
        r->event = id_of(attach, index, r->event);
    }
}

void user_rings_close(attach_t *attach)
{
    for (size_t i = 0; i < ATTACH_MAX_RINGS; i++) {
        free(attach->user[i]);
        attach->user[i] = NULL;
    }
}
