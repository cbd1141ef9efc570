/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints and notifications: every one that a capability stands for, or a thread waits on. */
#include <stdlib.h>
#include <string.h>

#include "reading.h"

enum { QUEUE_BYTES = 64 /* most that an endpoint or notification has */ };

static int compare_queues(const void *a, const void *b)
{
    const state_queue_t *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

/* Threads from `head` on. A queue never holds more threads than there are. */
static void read_waiters(state_t *state, state_queue_t *queue, uint64_t head)
{
    uint64_t at = head;
    queue->first = state->waiter_count;
    while (at) {
        const state_thread_t *t = state_thread(state, at);
        if (!t || queue->waiting >= state->thread_count) {
            state_problem(state, "queue of 0x%llx: leads to 0x%llx, which is %s",
                          (unsigned long long)queue->address, (unsigned long long)at,
                          t ? "in it already" : "no thread");
            return;
        }
        uint64_t *waiter = state_append((void **)&state->waiters, &state->waiter_count,
                                        &state->private->waiter_room, sizeof(*waiter));
        *waiter = at;
        queue->waiting++;
        at = t->queue_next;
    }
}

static void read_queue(state_t *state, uint64_t paddr, uint8_t type)
{
    const struct state_private *p = state->private;
    bool endpoint = type == TRACE_CAPTYPE_ENDPOINT;
    uint8_t raw[QUEUE_BYTES] = {0};
    unsigned bits = endpoint ? p->endpoint_bits : p->notification_bits;
    if (paddr % 8 || bits > 6 || !state_read_bytes(state, paddr, raw, 1u << bits)) {
        state_problem(state, "%s at 0x%llx: not in memory", endpoint ? "endpoint" : "notification",
                      (unsigned long long)paddr);
        return;
    }
    addrmap_put(&state->private->queue_at, paddr, state->queue_count);
    enum state_field head = endpoint ? S_ENDPOINT_HEAD : S_NOTIFICATION_HEAD;
    uint64_t flags = state_get(state, head, raw, 0) & 3;
    state_queue_t queue = {.address = paddr, .type = type, .slot = state_holder(state, paddr)};
    queue.sending = endpoint && flags == p->values[V_EP_SEND];
    queue.active = !endpoint && flags == p->values[V_NTFN_ACTIVE];
    if (!endpoint) {
        queue.badges = queue.active ? state_get(state, S_NOTIFICATION_BADGES, raw, 0) : 0;
        queue.bound = state_pointer(state, S_NOTIFICATION_BOUND, raw);
    }
    read_waiters(state, &queue, state_pointer(state, head, raw));
    state_queue_t *new = state_append((void **)&state->queues, &state->queue_count,
                                      &state->private->queue_room, sizeof(*new));
    *new = queue;
}

void state_read_queues(state_t *state)
{
    addrmap_t *known = &state->private->queue_at;
    for (uint32_t i = 0; i < state->slot_count; i++) {
        const state_cap_t *cap = &state->slots[i].cap;
        bool queue = cap->type == TRACE_CAPTYPE_ENDPOINT || cap->type == TRACE_CAPTYPE_NOTIFICATION;
        if (queue && cap->object && addrmap_get(known, cap->object) == STATE_NONE) {
            read_queue(state, cap->object, cap->type);
        }
    }
    for (uint32_t i = 0; i < state->thread_count; i++) {
        const state_thread_t *t = &state->threads[i];
        if (t->blocked_on && addrmap_get(known, t->blocked_on) == STATE_NONE) {
            read_queue(state, t->blocked_on,
                       t->state == THREAD_NTFN ? TRACE_CAPTYPE_NOTIFICATION
                                               : TRACE_CAPTYPE_ENDPOINT);
        }
    }
    if (state->queue_count) {
        qsort(state->queues, state->queue_count, sizeof(*state->queues), compare_queues);
    }
    for (uint32_t i = 0; i < state->queue_count; i++) {
        addrmap_put(known, state->queues[i].address, i);
    }
}
