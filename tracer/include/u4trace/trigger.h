/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a user writes as a trigger, turned into what the kernel looks for by itself
 * (abi/trace/trigger.h). Forms:
 *
 *   fault.raised                          the next event of that name
 *   event==ipc.transfer && badge==0x7     an event and comparisons of its fields, joined by &&
 *   call>50us                             something takes longer than that: call, wake (until the
 *                                         thread runs), irq (until it is acknowledged), fault
 *                                         (until it is answered), kernel (entry to exit)
 *   FIRST => SECOND by KEY:KEY > TIME     the same for any two events: KEY is the field of the
 *                                         first and of the second by which they belong together,
 *                                         "current" the thread that is current, "none" nothing
 */
#ifndef U4TRACE_TRIGGER_H
#define U4TRACE_TRIGGER_H

#include "abi/trace/trigger.h"
#include "u4trace/error.h"
#include "u4trace/schema.h"

typedef struct {
    trace_trigger_t trigger[2]; /* the last one is to act; one before it marks the beginning */
    unsigned count;
} trigger_plan_t;

/* A thread's reference by its name; false if there is none. */
typedef bool trigger_name_fn(void *context, const char *name, uint32_t *ref);

/* False with a message that shows the place. `name` may be NULL: threads by reference only. */
bool trigger_parse(const schema_t *schema, const char *text, uint64_t timebase_hz,
                   trigger_name_fn *name, void *context, trigger_plan_t *plan, u4_error_t *err);

#endif
