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
    return format_hex(at, end, field_of(event, "pc"));
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

char *explain_event(char *at, const char *end, const model_t *model, const event_t *event)
{
    (void)model;
    if (strcmp(event->type->class_name, "fault") != 0) {
        return at;
    }
    if (strcmp(event->type->full_name, "fault.raised") == 0) {
        return explain_raised(at, end, event);
    }
    if (strcmp(event->type->full_name, "fault.reply") == 0) {
        return explain_reply(at, end, event);
    }
    if (strcmp(event->type->full_name, "fault.unhandled") == 0) {
        return explain_unhandled(at, end, event);
    }
    return at;
}
