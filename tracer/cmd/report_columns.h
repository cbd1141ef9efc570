/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The columns of a report by choice: facts that every event has, and fields of the event table.
 * An event without the field has "-" there.
 */
#ifndef TRACER_REPORT_COLUMNS_H
#define TRACER_REPORT_COLUMNS_H

#include "u4trace/model.h"

typedef struct columns columns_t;

/* "time,thread,event,badge"; NULL, with a message, for a name that is none. */
columns_t *columns_parse(const schema_t *schema, const char *list, u4_error_t *err);
void columns_free(columns_t *columns);

/* The head's line, without its end; and the line of an event. Both write at most to `end`; a line
 * needs COLUMNS_ROOM at most. */
enum { COLUMNS_MAX = 32, COLUMNS_ROOM = 4096 };
char *columns_head(const columns_t *columns, char *at, const char *end);
char *columns_line(columns_t *columns, char *at, const char *end, const model_t *model,
                   const event_t *event);

#endif
