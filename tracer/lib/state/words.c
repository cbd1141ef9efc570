/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities, slots and threads in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "reading.h"
#include "u4trace/format.h"

const char *state_cap_type_name(uint8_t type)
{
    const schema_t *schema = schema_builtin();
    for (size_t i = 0; i < schema->enum_count; i++) {
        if (strcmp(schema->enums[i].name, "captype") == 0) {
            const schema_value_t *value = schema_value(&schema->enums[i], type);
            return value ? value->name : NULL;
        }
    }
    return NULL;
}

static char *print(char *at, const char *end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static char *print(char *at, const char *end, const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return format_text(at, end, text);
}

static char *format_rights(char *at, const char *end, uint8_t rights)
{
    char text[6] = " ----";
    text[1] = rights & STATE_RIGHT_SEND ? 's' : '-';
    text[2] = rights & STATE_RIGHT_RECEIVE ? 'r' : '-';
    text[3] = rights & STATE_RIGHT_GRANT ? 'g' : '-';
    text[4] = rights & STATE_RIGHT_GRANT_REPLY ? 'p' : '-';
    return format_text(at, end, text);
}

static char *format_mapping(char *at, const char *end, const state_cap_t *cap)
{
    if (cap->asid == 0) {
        return format_text(at, end, " unmapped");
    }
    return print(at, end, " mapped at 0x%llx asid %u", (unsigned long long)cap->vaddr, cap->asid);
}

static char *format_frame(char *at, const char *end, const state_cap_t *cap)
{
    const char *size = cap->size == 1ull << 12 ? "4K" : cap->size == 1ull << 21 ? "2M" : "1G";
    at = print(at, end, " %s %c%c%s", size, cap->rights & STATE_FRAME_READ ? 'r' : '-',
               cap->rights & STATE_FRAME_WRITE ? 'w' : '-', cap->device ? " device" : "");
    return format_mapping(at, end, cap);
}

static unsigned log2_of(uint64_t size)
{
    return size ? 63 - (unsigned)__builtin_clzll(size) : 0;
}

char *state_format_cap(char *at, const char *end, const state_t *state, const state_cap_t *cap)
{
    const char *name = state_cap_type_name(cap->type);
    at = name ? format_text(at, end, name) : print(at, end, "type%u", cap->type);
    if (cap->type == TRACE_CAPTYPE_IRQ_HANDLER) {
        return print(at, end, " irq %llu", (unsigned long long)cap->object);
    }
    if (cap->type == TRACE_CAPTYPE_TCB || cap->type == TRACE_CAPTYPE_REPLY) {
        at = format_text(at, end, cap->type == TRACE_CAPTYPE_REPLY ? " to " : " ");
        at = state_format_thread(at, end, state, cap->object);
        return format_text(at, end, cap->master ? " master" : "");
    }
    if (cap->object) {
        at = print(at, end, " 0x%llx", (unsigned long long)cap->object);
    }
    switch (cap->type) {
    case TRACE_CAPTYPE_ENDPOINT:
    case TRACE_CAPTYPE_NOTIFICATION:
        at = format_rights(at, end, cap->rights);
        return cap->badge ? print(at, end, " badge 0x%llx", (unsigned long long)cap->badge) : at;
    case TRACE_CAPTYPE_CNODE:
        at = print(at, end, " radix %u", cap->radix);
        return cap->guard_size ? print(at, end, " guard 0x%llx/%u", (unsigned long long)cap->badge,
                                       cap->guard_size)
                               : at;
    case TRACE_CAPTYPE_UNTYPED:
        return print(at, end, " 2^%u%s %llu KiB free", log2_of(cap->size),
                     cap->device ? " device" : "",
                     (unsigned long long)(cap->size - cap->used) / 1024);
    case TRACE_CAPTYPE_FRAME: return format_frame(at, end, cap);
    case TRACE_CAPTYPE_PAGE_TABLE: return format_mapping(at, end, cap);
    case TRACE_CAPTYPE_ASID_POOL: return print(at, end, " first asid %u", cap->asid);
    case TRACE_CAPTYPE_ZOMBIE:
        return print(at, end, " %llu slots left", (unsigned long long)cap->used);
    default: return at;
    }
}

char *state_format_thread(char *at, const char *end, const state_t *state, uint64_t address)
{
    const state_thread_t *t = state_thread(state, address);
    if (t && t->name[0]) {
        return format_text(at, end, t->name);
    }
    return print(at, end, "%s@%llx", t && t->idle ? "idle" : "tcb",
                 (unsigned long long)(address & UINT32_MAX));
}

char *state_format_place(char *at, const char *end, const state_t *state, uint32_t slot)
{
    static const char *const own[STATE_THREAD_SLOTS] = {"cspace", "vspace", "reply", "caller",
                                                        "buffer"};
    const state_slot_t *s = &state->slots[slot];
    const state_table_t *table = &state->tables[s->table];
    switch (table->kind) {
    case STATE_TABLE_THREAD:
        at = state_format_thread(at, end, state, state->threads[table->thread].address);
        return s->number < STATE_THREAD_SLOTS ? print(at, end, ".%s", own[s->number])
                                              : print(at, end, ".slot%u", s->number);
    case STATE_TABLE_IRQ: return print(at, end, "irq %u", s->number);
    case STATE_TABLE_LOOSE:
        return print(at, end, "slot 0x%llx, out of reach", (unsigned long long)s->address);
    default:
        return print(at, end, "%s 0x%llx[%u]", table->kind == STATE_TABLE_DYING ? "dying" : "cnode",
                     (unsigned long long)table->address, s->number);
    }
}
