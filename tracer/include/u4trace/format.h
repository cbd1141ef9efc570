/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as text, the same words in every tool. Functions write to a bounded buffer, never past
 * its end, and return the new write position; the text is not NUL-terminated.
 */
#ifndef U4TRACE_FORMAT_H
#define U4TRACE_FORMAT_H

#include "u4trace/model.h"
#include "u4trace/schema.h"

/* Room that format_fields() needs at most. */
enum { FORMAT_MAX = 1024 };

/* One field's value: "call", "fs (0x80a03000)", "0x3", "TCBResume" ... */
char *format_value(char *at, const char *end, const model_t *model, const schema_field_t *field,
                   const trace_record_t *record);

/* All fields: "kind=call length=2 peer=fs ...". Empty enum texts and zero references are left
 * out. */
char *format_fields(char *at, const char *end, const model_t *model, const event_t *event);

/* Seconds with the timebase's resolution: "0.001234500". */
char *format_time(char *at, const char *end, const model_t *model, uint64_t ticks);

/* A duration for people: "850 ns", "12.4 us", "3.10 ms", "2.000 s". */
char *format_duration(char *at, const char *end, uint64_t ns);

/* Pieces. */
char *format_text(char *at, const char *end, const char *text);
char *format_uint(char *at, const char *end, uint64_t value);
char *format_hex(char *at, const char *end, uint64_t value);

#endif
