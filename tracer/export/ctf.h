/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Common Trace Format, version 1.8: a directory with a text file `metadata` (TSDL), which
 * says what is where, and a file of packets for each ring. A record stays what it is, 32 bytes
 * in the same order, but for `h`, which changes places with `thread` so that an event's own
 * fields lie together behind what all events have.
 */
#ifndef TRACER_CTF_H
#define TRACER_CTF_H

#include <stdint.h>
#include <stdio.h>

#include "abi/trace/layout.h"
#include "u4trace/pipeline.h"

#define CTF_MAGIC 0xc1fc1fc1u

/* In front of each packet's records: CTF's packet header and packet context. */
typedef struct {
    uint32_t magic;
    uint32_t stream_id;
    uint64_t content_size; /* bits */
    uint64_t packet_size;  /* bits */
    uint64_t begin, end;   /* times of the first and last event */
    uint64_t discarded;    /* events of the stream lost so far */
    uint64_t number;       /* of the packet in its stream */
    uint32_t cpu_id;       /* hart; the name is the one that readers look for */
    uint32_t ring;
} ctf_packet_t;

typedef struct __attribute__((packed)) {
    uint64_t time;
    uint16_t event;
    uint32_t thread;
    uint16_t h;
    uint32_t args[4]; /* a, b, c, d */
} ctf_record_t;

_Static_assert(sizeof(ctf_packet_t) == 2 * sizeof(ctf_record_t), "records are aligned to 32 bytes");
_Static_assert(sizeof(ctf_record_t) == sizeof(trace_record_t), "a record stays what it is");

/* The id that stands for events that the table does not have; their own is in `h`. */
enum { CTF_UNKNOWN = 0 };

/* Where a field lies in a ctf_record_t, in bits. */
unsigned ctf_field_position(const schema_field_t *field);

/* Where the last field of an event ends, in bits from the record's beginning. */
unsigned ctf_event_end(const schema_event_t *event);

/* Writes the metadata. Errors are left in the FILE. */
void ctf_write_metadata(FILE *out, const schema_t *schema, const trace_info_t *info);

#endif
