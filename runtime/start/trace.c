/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's writing end of its user trace ring. */
#include <stdio.h>
#include <string.h>

#include <u4/start.h>
#include <u4/trace.h>
#include <u4/u4.h>

__thread trace_ring_t *u4_trace_ring;

void trace_wrap(trace_ring_t *ring)
{
    trace_next_lap(ring);
}

seL4_CPtr u4_trace_cap(void)
{
    const u4_boot_chunk_t *chunk = u4_boot_chunk();

    return u4_start_block() ? u4_cap("trace") : chunk ? chunk->trace_cap : 0;
}

/* Appends an event's text at ROOM; NULL if it does not fit. */
static char *put_event(char *room, const char *end, unsigned id, const char *text)
{
    int head = snprintf(room, (size_t)(end - room), "event %u ", id);
    size_t length = strlen(text);

    if (head + length >= (size_t)(end - room))
        return NULL;
    memcpy(room + head, text, length);
    return room + head + length;
}

bool u4_trace_use(trace_ring_t *ring)
{
    size_t count = u4_event_index(__stop_u4_events);
    bool all = count <= TRACE_OWN_MAX;

    u4_trace_ring = ring;
    if (!ring)
        return true;
    trace_user_schema_t *schema = (trace_user_schema_t *)(ring + 1);
    char *text = (char *)(schema + 1), *at = text, *next = text;
    for (unsigned i = 0; all && i < count; i++, at = next) {
        next =
            put_event(at, (const char *)ring->base, TRACE_OWN_FIRST + i, __start_u4_events[i].text);
        all = next != NULL;
        if (!all)
            break;
    }
    trace_store_fence();
    *(volatile uint32_t *)&schema->length = (uint32_t)(at - text);
    return all;
}
