/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One expression language for choosing events, in every tool:
 *
 *   class==ipc && thread=="fs" && badge==0x3 && time>1ms
 *   event==ipc.transfer && (kind==call || kind==fault)
 *   thread=~"^client" && !(class==kernel)
 *
 * Names: event, class, thread, process, hart, time (since the guest's clock began), waited (how
 * long whoever waited for this had waited), position, other (the second thread), and every field
 * of the event table. A field that an event does not
 * have makes the comparison false, whatever the operator. Operators: == != < <= > >= =~ (regular
 * expression, POSIX extended) && || ! ( ). Values: numbers (decimal, 0x), times (ns us ms s),
 * words, "strings"; enumerations compare by name, threads by name or by reference.
 */
#ifndef U4TRACE_FILTER_H
#define U4TRACE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "u4trace/error.h"
#include "u4trace/model.h"

typedef struct filter filter_t;

/* Compiles; the message of an error says the column and shows the place. */
filter_t *filter_parse(const schema_t *schema, const char *text, u4_error_t *err);
void filter_free(filter_t *filter);

bool filter_match(const filter_t *filter, const model_t *model, const event_t *event);

#endif
