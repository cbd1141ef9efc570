/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/explain.h"

#include <string.h>

#include "trace/ids.h"
#include "u4trace/format.h"

/* A field of an event by name; 0 if the event has no such field. */
static uint64_t field_of(const event_t *event, const char *name)
{
    const schema_field_t *field = schema_find_field(event->type, name);
    return field ? schema_field(field, event->record) : 0;
}

/* What an enumeration's field says; "" if the event has no such field. */
static const char *text_of(const event_t *event, const char *name)
{
    const schema_field_t *field = schema_find_field(event->type, name);
    return field && field->values ? schema_value_text(field->values, field_of(event, name)) : "";
}

static char *put_thread(char *at, const char *end, const thread_t *thread)
{
    at = format_text(at, end, "thread \"");
    at = format_text(at, end, thread ? thread->name : "?");
    return format_text(at, end, "\"");
}

static char *put_access(char *at, const char *end, const event_t *event)
{
    /* RISC-V's access fault causes, by which seL4 reports page faults too. */
    enum { FETCH = 1, LOAD = 5, STORE = 7 };
    uint64_t code = field_of(event, "code");
    at = format_text(at, end,
                     code == STORE   ? "write to "
                     : code == LOAD  ? "read of "
                     : code == FETCH ? "instruction fetch from "
                                     : "access to ");
    return format_hex(at, end, field_of(event, "address"));
}

static const char *exception_name(uint64_t number)
{
    static const char *const names[] = {
        "misaligned instruction", "instruction access", "illegal instruction", "breakpoint",
        "misaligned load",        "load access",        "misaligned store",    "store access",
    };
    return number < sizeof(names) / sizeof(names[0]) ? names[number] : "exception";
}

static char *explain_raised(char *at, const char *end, const event_t *event)
{
    at = put_thread(at, end, event->thread);
    at = format_text(at, end, " faulted: ");
    switch (field_of(event, "kind")) {
    case TRACE_FAULT_KIND_VM: at = put_access(at, end, event); break;
    case TRACE_FAULT_KIND_CAP:
        at = format_text(at, end, "nothing usable at capability pointer ");
        at = format_hex(at, end, field_of(event, "address"));
        at = format_text(at, end,
                         field_of(event, "in_receive") ? ", to receive from" : ", to send to");
        break;
    case TRACE_FAULT_KIND_UNKNOWN_SYSCALL:
        at = format_text(at, end, "no system call ");
        at = format_hex(at, end, field_of(event, "address"));
        break;
    default: at = format_text(at, end, exception_name(field_of(event, "code"))); break;
    }
    at = format_text(at, end, " at pc ");
    at = format_hex(at, end, field_of(event, "pc"));
    const char *why = text_of(event, "why");
    if (!*why) {
        return at;
    }
    at = format_text(at, end, " (");
    at = format_text(at, end, why);
    return format_text(at, end, ")");
}

static char *explain_reply(char *at, const char *end, const event_t *event)
{
    at = put_thread(at, end, event->thread);
    at = format_text(at, end, " answered the fault of ");
    at = put_thread(at, end, event->other);
    return format_text(at, end,
                       field_of(event, "restarted") ? ", which goes on" : ", which stays stopped");
}

static char *explain_unhandled(char *at, const char *end, const event_t *event)
{
    at = put_thread(at, end, event->thread);
    at = format_text(at, end, " has no fault handler that can be told (capability pointer ");
    at = format_hex(at, end, field_of(event, "handler"));
    return format_text(at, end, "): it stays stopped");
}

static char *put_number(char *at, const char *end, const char *text, uint64_t number)
{
    return format_uint(format_text(at, end, text), end, number);
}

/* What the walk from the thread's CSpace root met (seL4 reference manual, "Lookup Failures"). */
static char *explain_lookup(char *at, const char *end, const event_t *event)
{
    uint64_t depth = field_of(event, "depth");
    at = format_text(at, end, "capability pointer ");
    at = format_hex(at, end, field_of(event, "cptr"));
    switch (field_of(event, "failure")) {
    case TRACE_LOOKUP_FAILURE_INVALID_ROOT:
        return format_text(at, end, ": the CSpace's root is no CNode");
    case TRACE_LOOKUP_FAILURE_MISSING:
        at = format_text(at, end,
                         ": to receive from, an endpoint or notification is needed; found: ");
        return format_text(at, end, text_of(event, "found"));
    case TRACE_LOOKUP_FAILURE_DEPTH:
        at = put_number(at, end, ": a CNode resolves ", depth);
        return put_number(at, end,
                          " bits where only so many are left: ", field_of(event, "bits_left"));
    case TRACE_LOOKUP_FAILURE_GUARD:
        at = put_number(at, end, ": with so many bits left: ", field_of(event, "bits_left"));
        at = put_number(at, end, ", a CNode has a guard of size ", depth);
        at = format_text(at, end, " and value ");
        at = format_hex(at, end, field_of(event, "guard"));
        return format_text(at, end, ", which the pointer does not match");
    default: return at;
    }
}

char *explain_event(char *at, const char *end, const model_t *model, const event_t *event)
{
    (void)model;
    if (strcmp(event->type->class_name, "fault") != 0) {
        return at;
    }
    if (strcmp(event->type->full_name, "fault.raised") == 0) {
        return explain_raised(at, end, event);
    }
    if (strcmp(event->type->full_name, "fault.lookup") == 0) {
        return explain_lookup(at, end, event);
    }
    if (strcmp(event->type->full_name, "fault.reply") == 0) {
        return explain_reply(at, end, event);
    }
    if (strcmp(event->type->full_name, "fault.unhandled") == 0) {
        return explain_unhandled(at, end, event);
    }
    return at;
}
