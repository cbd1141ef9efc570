/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace packets: sequences with their clock and interned names, track events with arguments,
 * optional compression. One sequence per ring: its times only ever grow, so each packet carries
 * the time since the one before (one or two bytes), by a clock that the sequence's first packet
 * defines. That clock is finer than the guest's: events of the same tick get a time each, in
 * their order, because Perfetto can neither order nor nest what happens at the same time. A name
 * is written once per sequence, in the first packet that uses it; how packets refer to it is
 * coded once for all. Events of a ring's own hart need no track: it is the sequence's default.
 *
 *   pf_event_t e = pf_event(pf, sequence, time, EVENT_BEGIN, track);
 *   pf_name(&e, &pf->..., ...);  pf_uint(&e, name, value); ...
 *   pf_done(&e);
 *
 * Nothing here allocates; names belong to the caller and must stay until pf_forget().
 */
#ifndef TRACER_EXPORT_PERFETTO_PACKET_H
#define TRACER_EXPORT_PERFETTO_PACKET_H

#include <stdbool.h>
#include <zlib.h>

#include "perfetto_fields.h"
#include "pbwriter.h"

enum {
    PF_SEQUENCES = 64, /* bits of pf_name_t.sent */
    PF_PACKET_MAX = 8192,
    PF_TEXT_MAX = 200, /* bytes of one string; what is longer is cut */
    PF_FRESH_MAX = 32, /* names that one packet can introduce */
    PF_BUFFER = 256 << 10,
    PF_SEQUENCE_CODE = 2,     /* bytes of a sequence's number */
    PF_CODE_MAX = 8,          /* bytes of a reference to a name */
    PF_HART_TRACKS = 1 << 29, /* the default track of sequence n is this + n */
};

/* A text that packets refer to by number. */
typedef struct pf_name {
    const char *text;
    uint64_t sent; /* bit per sequence that knows it */
    uint32_t iid;  /* 0: no packet has used it */
    uint8_t kind;  /* enum pf_interned_field; 0: not registered */
    uint8_t code_length;
    uint8_t code[PF_CODE_MAX]; /* the field that refers to it: tag and iid */
    struct pf_name *next, *prev;
} pf_name_t;

typedef struct {
    uint64_t last; /* time of the last packet, in units of the clock */
    bool live;     /* clock and defaults were written */
    bool ever;
    uint8_t code[4]; /* the sequence's number as a field, and the tag of a track event */
    uint64_t track;  /* its default */
} pf_sequence_t;

typedef struct {
    pb_writer_t out;
    pf_sequence_t sequences[PF_SEQUENCES];
    uint64_t latest; /* time of the newest packet, whatever its sequence */
    uint64_t hz;
    uint32_t unit_ns; /* of the sequences' clock */
    uint32_t units;   /* in a tick; 0: a tick is not a whole number of ns */
    pf_name_t *names;
    uint32_t next_iid[F_ANNOTATION_STRINGS + 1];
    pf_name_t *fresh[PF_FRESH_MAX]; /* introduced by the packet in the making */
    unsigned fresh_count;
    int fd;
    bool compress;
    z_stream deflate;
    uint8_t *buffer, *packed;
    size_t packed_size;
} pf_t;

/* A track event in the making. */
typedef struct {
    pf_t *pf;
    uint8_t *p, *body;
    uint64_t bit; /* of the sequence */
} pf_event_t;

/* Starts a trace on a file descriptor. hz: ticks a second. False: no memory. */
bool pf_open(pf_t *pf, int fd, uint64_t hz, bool compress);

/* Writes what is left; returns 0 or the errno of the first write that failed. */
int pf_finish(pf_t *pf);
void pf_free(pf_t *pf);

/* Guest ticks to units of the sequences' clock. */
static inline uint64_t pf_units(const pf_t *pf, uint64_t ticks)
{
    if (pf->units) {
        return ticks * pf->units;
    }
    return ticks / pf->hz * 1000000000 + ticks % pf->hz * 1000000000 / pf->hz;
}

/* Makes a name known. It gets its number when a packet first uses it, so that the names in use have
 * the smallest ones. The text must stay as it is until pf_forget(). */
void pf_register(pf_t *pf, pf_name_t *name, enum pf_interned_field kind, const char *text);
void pf_forget(pf_t *pf, pf_name_t *name);

/* Makes the sequence start over, with a packet that says that packets before it were lost. */
void pf_mark_dropped(pf_t *pf, unsigned sequence, uint64_t time);

void pf_start_sequence(pf_t *pf, unsigned sequence, uint64_t time, bool dropped);
uint8_t *pf_introduce(pf_t *pf, uint8_t *p);
/* The packet in the making is the first of its sequence to use the name. */
void pf_fresh(pf_event_t *e, pf_name_t *name);

/* ---- packets ---- */

/* The time that a packet of the sequence will bear. */
static inline uint64_t pf_time(const pf_t *pf, unsigned sequence, uint64_t time)
{
    uint64_t last = pf->sequences[sequence].last;
    return time > last ? time : last;
}

/* Opens a packet of the sequence. Times are in units; one that lies before the sequence's last
 * counts as that. */
static inline uint8_t *pf_packet(pf_t *pf, unsigned sequence, uint64_t time)
{
    pf_sequence_t *s = &pf->sequences[sequence];
    if (__builtin_expect(!s->live, 0)) {
        pf_start_sequence(pf, sequence, time, false);
    }
    uint8_t *p = pb_open(pb_reserve(&pf->out, PF_PACKET_MAX), F_TRACE_PACKET);
    uint64_t delta = time > s->last ? time - s->last : 0;
    s->last += delta;
    pf->latest = s->last > pf->latest ? s->last : pf->latest;
    p = pb_uint(p, F_TIMESTAMP, delta);
    memcpy(p, s->code, sizeof(s->code));
    return p + PF_SEQUENCE_CODE;
}

/* The same for a packet that refers to nothing that its sequence knows, and is no track event. If
 * it is of the newest time of all, it needs neither time nor sequence: readers take what has no
 * time to be of the newest that they have met. */
static inline uint8_t *pf_packet_alone(pf_t *pf, unsigned sequence, uint64_t time)
{
    if (pf->sequences[sequence].last != pf->latest || time > pf->latest) {
        return pf_packet(pf, sequence, time);
    }
    return pb_open(pb_reserve(&pf->out, PF_PACKET_MAX), F_TRACE_PACKET);
}

static inline void pf_packet_done(pf_t *pf, uint8_t *p)
{
    if (__builtin_expect(pf->fresh_count > 0, 0)) {
        p = pf_introduce(pf, p);
    }
    pb_commit(&pf->out, pb_close(pf->out.at + 2, p));
}

/* ---- track events ---- */

/* Inlined wherever it is used: making events is what an export does most. */
__attribute__((always_inline)) static inline pf_event_t pf_event(pf_t *pf, unsigned sequence,
                                                                 uint64_t time,
                                                                 enum pf_event_type type,
                                                                 uint64_t track)
{
    uint8_t *body = pf_packet(pf, sequence, time) + 2; /* its tag is part of the code */
    uint8_t *p = pb_uint(body, F_EVENT_TYPE, type);
    if (track != pf->sequences[sequence].track) {
        p = pb_uint(p, F_EVENT_TRACK, track);
    }
    return (pf_event_t){.pf = pf, .p = p, .body = body, .bit = 1ull << sequence};
}

static inline void pf_done(pf_event_t *e)
{
    pf_packet_done(e->pf, pb_close(e->body, e->p));
}

/* Adds a reference to a name at the cursor; the packet introduces the name if it is the first of
 * its sequence to use it. */
static inline uint8_t *pf_refer(pf_event_t *e, uint8_t *p, pf_name_t *name)
{
    if (__builtin_expect(!(name->sent & e->bit), 0)) {
        pf_fresh(e, name);
    }
    memcpy(p, name->code, PF_CODE_MAX);
    return p + name->code_length;
}

static inline void pf_categorised(pf_event_t *e, pf_name_t *category)
{
    e->p = pf_refer(e, e->p, category);
}

static inline void pf_name(pf_event_t *e, pf_name_t *name)
{
    e->p = pf_refer(e, e->p, name);
}

static inline void pf_named(pf_event_t *e, pf_name_t *category, pf_name_t *name)
{
    e->p = pf_refer(e, pf_refer(e, e->p, category), name);
}

/* Flow ids are small numbers, for which the older fields (varint) take less than half of what
 * the newer ones (fixed64, for hashes) do; Perfetto reads both. */
static inline void pf_flow(pf_event_t *e, uint64_t id)
{
    e->p = pb_uint(e->p, F_EVENT_FLOW, id);
}

static inline void pf_flow_end(pf_event_t *e, uint64_t id)
{
    e->p = pb_uint(e->p, F_EVENT_FLOW_END, id);
}

static inline void pf_arg(pf_event_t *e, pf_name_t *name, enum pf_annotation_field type,
                          uint64_t value)
{
    uint8_t *body = pb_open(e->p, F_EVENT_ANNOTATION);
    uint8_t *p = pf_refer(e, body, name);
    e->p = pb_close(body, pb_uint(p, type, value));
}

static inline void pf_arg_uint(pf_event_t *e, pf_name_t *name, uint64_t value)
{
    pf_arg(e, name, F_ANNOTATION_UINT, value);
}

static inline void pf_arg_hex(pf_event_t *e, pf_name_t *name, uint64_t value)
{
    pf_arg(e, name, F_ANNOTATION_POINTER, value);
}

static inline void pf_arg_name(pf_event_t *e, pf_name_t *name, pf_name_t *value)
{
    uint8_t *body = pb_open(e->p, F_EVENT_ANNOTATION);
    e->p = pb_close(body, pf_refer(e, pf_refer(e, body, name), value));
}

/* A text that is not worth a number. */
void pf_arg_text(pf_event_t *e, pf_name_t *name, const char *text);

#endif
