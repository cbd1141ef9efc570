/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes protobuf wire format as a stream, in constant memory and without allocation. Two
 * layers: functions that put one field at a cursor and return the cursor behind it (inline, so
 * that the cursor stays in a register), and a buffered writer that hands whole messages on.
 *
 *   uint8_t *p = pb_reserve(w, 200);           room for one top-level message
 *   uint8_t *body = p = pb_open(p, 1);         field 1, a message; its length is patched in
 *   p = pb_uint(p, 2, 7);
 *   p = pb_close(body, p);
 *   pb_commit(w, p);
 *
 * Errors stick: the first errno stays in the writer, later output is dropped, pb_finish()
 * returns it.
 */
#ifndef TRACER_EXPORT_PBWRITER_H
#define TRACER_EXPORT_PBWRITER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

#define PB_MAX_VARINT 10 /* bytes of the longest varint */
/* Bytes that one scalar field takes at most. */
#define PB_MAX_SCALAR (5 + PB_MAX_VARINT)

/*
 * Takes n bytes, whole top-level messages, and keeps nothing of them. Returns 0 or an errno.
 */
typedef int pb_output_t(void *context, const uint8_t *data, size_t n);

typedef struct {
    uint8_t *buffer, *end;
    uint8_t *at;      /* behind the last committed message */
    uint64_t flushed; /* bytes handed on since pb_init() */
    pb_output_t *output;
    void *context;
    int error; /* first errno, 0: none */
} pb_writer_t;

/* Sets up a writer on the caller's buffer; output is called when the buffer is full. */
void pb_init(pb_writer_t *w, void *buffer, size_t size, pb_output_t *output, void *context);

/* Hands on what is buffered. */
void pb_flush(pb_writer_t *w);

/* Flushes; returns 0, or the first error since pb_init(). */
int pb_finish(pb_writer_t *w);

/* An output that writes to the file descriptor that context points to (an int). */
int pb_output_fd(void *context, const uint8_t *data, size_t n);

/* Room for n more bytes, at most the buffer's size; ends with pb_commit(). */
static inline uint8_t *pb_reserve(pb_writer_t *w, size_t n)
{
    if (__builtin_expect((size_t)(w->end - w->at) < n, 0)) {
        pb_flush(w);
    }
    return w->at;
}

/* Bytes committed since pb_init(). */
static inline uint64_t pb_bytes_out(const pb_writer_t *w)
{
    return w->flushed + (uint64_t)(w->at - w->buffer);
}

/* What lies before the cursor `end` is a whole message. */
static inline void pb_commit(pb_writer_t *w, uint8_t *end)
{
    w->at = end;
}

/* The general case of pb_varint(). */
uint8_t *pb_varint_long(uint8_t *p, uint64_t value);

static inline uint8_t *pb_varint(uint8_t *p, uint64_t value)
{
    if (__builtin_expect(value < 0x80, 1)) {
        *p = (uint8_t)value;
        return p + 1;
    }
    if (__builtin_expect(value < 0x4000, 1)) {
        p[0] = (uint8_t)(value | 0x80);
        p[1] = (uint8_t)(value >> 7);
        return p + 2;
    }
    return pb_varint_long(p, value);
}

/* Fields are constants below 2048, so that this is one store. */
static inline uint8_t *pb_tag(uint8_t *p, uint32_t field, enum pb_wire wire)
{
    return pb_varint(p, (uint64_t)field << 3 | wire);
}

/* A field of type uint32, uint64, bool or enum. */
static inline uint8_t *pb_uint(uint8_t *p, uint32_t field, uint64_t value)
{
    return pb_varint(pb_tag(p, field, PB_VARINT), value);
}

/* A field of type int32 or int64 (negative numbers take ten bytes). */
static inline uint8_t *pb_int(uint8_t *p, uint32_t field, int64_t value)
{
    return pb_uint(p, field, (uint64_t)value);
}

static inline uint8_t *pb_fixed64(uint8_t *p, uint32_t field, uint64_t value)
{
    p = pb_tag(p, field, PB_FIXED64);
    for (int i = 0; i < 8; i++) {
        p[i] = (uint8_t)(value >> 8 * i);
    }
    return p + 8;
}

static inline uint8_t *pb_double(uint8_t *p, uint32_t field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return pb_fixed64(p, field, bits);
}

static inline uint8_t *pb_bytes(uint8_t *p, uint32_t field, const void *data, size_t n)
{
    p = pb_varint(pb_tag(p, field, PB_BYTES), n);
    memcpy(p, data, n);
    return p + n;
}

/* A string field; what is longer than `most` bytes is cut, at a character's start. */
uint8_t *pb_string(uint8_t *p, uint32_t field, const char *text, size_t most);

/* Opens a message field: returns the cursor at its body. */
static inline uint8_t *pb_open(uint8_t *p, uint32_t field)
{
    return pb_tag(p, field, PB_BYTES) + 1;
}

/* For bodies of 128 bytes and more: moves the body to make room for its length. */
uint8_t *pb_close_long(uint8_t *body, uint8_t *end);

/* Closes the message whose body began at `body` and ends at `end`; returns the new end, which
 * lies up to 4 bytes further. Inner messages are closed before outer ones. */
static inline uint8_t *pb_close(uint8_t *body, uint8_t *end)
{
    size_t n = (size_t)(end - body);
    if (__builtin_expect(n >= 0x80, 0)) {
        return pb_close_long(body, end);
    }
    body[-1] = (uint8_t)n;
    return end;
}

#endif
