/* SPDX-License-Identifier: BSD-2-Clause */
/* Events whose fields want a sentence to be understood: faults, and the answers to them. */
#ifndef U4TRACE_EXPLAIN_H
#define U4TRACE_EXPLAIN_H

#include "u4trace/model.h"

/* Appends `thread "fs" faulted: write to 0x18 at pc 0x1022c`, or nothing if the event's fields
 * say all. Bounded and unterminated as in format.h; returns the new write position. */
char *explain_event(char *at, const char *end, const model_t *model, const event_t *event);

#endif
