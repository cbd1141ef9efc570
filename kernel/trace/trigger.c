/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Triggers (abi/trace/trigger.h). While one is armed, each ring ends behind its next record, so
 * that every record takes the path that wraps (trace_wrap()) and is looked at there; the emit
 * functions know nothing of it. The table may be written by a host at any time: nothing in it is
 * believed but that it is words.
 */
#include "kernel/trace/trigger.h"

#include "abi/u4/extensions.h"
#include "kernel/trace/control.h"
#include "kernel/trace/trace.h"

#if defined(U4_TRACE) && U4_TRACE

/* Right behind the header (kernel.ld), where it says. */
__attribute__((section(".u4_trace_triggers"), aligned(BIT(TRIGGERS_ALIGN_BITS)), used))
trace_trigger_t u4_trace_triggers[TRACE_TRIGGERS];

/* When something began, by trigger and key; the oldest gives way. */
typedef struct {
    word_t key, time;
    unsigned marker; /* 1 + index of its trigger; 0: free */
} mark_t;

enum {
    MARKS = 64,
    ONLY = (uint16_t)~TRACE_TRIGGER_REPEAT, /* what it does, whether again or not */
};

static mark_t marks[MARKS];
static unsigned next_mark;
static bool watching; /* some trigger is armed, and the rings end behind their next record */

__attribute__((noinline, used)) void u4_trace_stop(const trace_trigger_t *trigger)
{
    __asm__ volatile("" ::"r"(trigger) : "memory");
}

static word_t field(const trace_condition_t *c, const word_t *words)
{
    return words[c->word % 4] >> c->shift % 64 & c->mask;
}

static bool holds(const trace_condition_t *c, const word_t *words)
{
    word_t value = field(c, words);
    switch (c->op) {
    case TRACE_OP_EQ: return value == c->value;
    case TRACE_OP_NE: return value != c->value;
    case TRACE_OP_LT: return value < c->value;
    case TRACE_OP_GE: return value >= c->value;
    case TRACE_OP_ANY: return (value & c->value) != 0;
    case TRACE_OP_NONE: return (value & c->value) == 0;
    default: return false;
    }
}

static mark_t *find_mark(unsigned marker, word_t key)
{
    for (mark_t *m = marks; m < marks + MARKS; m++)
        if (m->marker == marker && m->key == key)
            return m;
    return NULL;
}

static void make_mark(unsigned marker, word_t key, word_t time)
{
    mark_t *m = find_mark(marker, key);
    if (!m) {
        m = &marks[next_mark];
        next_mark = (next_mark + 1) % MARKS;
    }
    *m = (mark_t){key, time, marker};
}

/* Has it been long enough since its mark? A mark is good for one answer. */
static bool late(const trace_trigger_t *t, const word_t *words)
{
    if (!t->since)
        return true;
    mark_t *m = find_mark(t->since, field(&t->key, words));
    if (!m)
        return false;
    m->marker = 0;
    return words[0] - m->time > t->ticks;
}

/* The host sees it and stops the machine, or just looks; until then this hart has the kernel. */
static void hold(void)
{
    volatile trace_header_t *header = &u4_trace_header;
    header->held = 1 + (uint32_t)hart->core;
    while (header->held)
        ;
}

static void act(trace_trigger_t *t)
{
    static const word_t all[TRACE_MASK_WORDS] = {~0ul, ~0ul, ~0ul, ~0ul}, none[TRACE_MASK_WORDS];
    unsigned actions = t->actions;
    t->fired++;
    t->state = actions & TRACE_TRIGGER_REPEAT ? TRACE_TRIGGER_ARMED : TRACE_TRIGGER_FIRED;
    if (actions & TRACE_TRIGGER_MASK)
        trace_harts_mask(U4_TRACE_ALL_HARTS, t->clear, t->set);
    if (actions & TRACE_TRIGGER_FREEZE) {
        trace_harts_mask(U4_TRACE_ALL_HARTS, all, none);
        trace_rings_mask(all, none);
    }
    trace_sync(false);
    trace_store_fence();
    u4_trace_header.fired++;
    if (actions & TRACE_TRIGGER_STOP)
        u4_trace_stop(t);
    if (actions & TRACE_TRIGGER_HOLD)
        hold();
}

typedef union {
    trace_record_t record;
    word_t words[sizeof(trace_record_t) / sizeof(word_t)];
} seen_t;

static bool matches(const trace_trigger_t *t, const seen_t *seen)
{
    if (t->state != TRACE_TRIGGER_ARMED || (t->event && t->event != seen->record.event))
        return false;
    for (unsigned i = 0; i < t->conditions && i < TRACE_CONDITIONS; i++)
        if (!holds(&t->condition[i], seen->words))
            return false;
    return late(t, seen->words);
}

static void match_all(const trace_ring_t *ring, const seen_t *seen, word_t position)
{
    for (unsigned i = 0; i < TRACE_TRIGGERS; i++) {
        trace_trigger_t *t = &u4_trace_triggers[i];
        if (LIKELY(!matches(t, seen)))
            continue;
        if (t->actions & TRACE_TRIGGER_MARK)
            make_mark(i + 1, field(&t->key, seen->words), seen->words[0]);
        if (t->matched++ < t->skip || (t->actions & ONLY) == TRACE_TRIGGER_MARK)
            continue;
        t->position = position;
        t->hart = ring->hart;
        t->record = seen->record;
        t->left = t->after;
        t->state = TRACE_TRIGGER_COUNTING;
    }
}

/* What the fast path says in one record is two events. */
static void match_reply_wait(const trace_ring_t *ring, const seen_t *seen, word_t position)
{
    const trace_record_t *r = &seen->record;
    seen_t part = *seen;
    trace_fill_ipc_transfer(&part.record, TRACE_IPC_KIND_REPLY, r->h & 0xff, r->a, 0, 0);
    match_all(ring, &part, position);
    trace_fill_ipc_block(&part.record, TRACE_BLOCK_KIND_RECV, 0, r->b, 0, 0);
    match_all(ring, &part, position);
}

/* The place in the trace; of use to who reads it later. */
static void leave_event(trace_ring_t *ring, const trace_trigger_t *t)
{
    trace_record_t *record = trace_begin(ring, (uint32_t)TRACE_REF(hart->current));
    trace_fill_kernel_trigger(record, (word_t)(t - u4_trace_triggers), t->actions, t->hart,
                              t->position);
    trace_publish(ring);
}

void trace_watch(trace_ring_t *ring, const trace_record_t *record, word_t position)
{
    seen_t seen = {.record = *record};
    if (LIKELY(!watching))
        return;
    if (record->event == TRACE_IPC_REPLY_WAIT)
        match_reply_wait(ring, &seen, position);
    else
        match_all(ring, &seen, position);
    for (trace_trigger_t *t = u4_trace_triggers; t < u4_trace_triggers + TRACE_TRIGGERS; t++) {
        if (LIKELY(t->state != TRACE_TRIGGER_COUNTING))
            continue;
        if (t->left) {
            t->left--;
        } else {
            leave_event(ring, t);
            act(t);
        }
    }
}

void trace_set_end(trace_ring_t *ring)
{
    ring->end = watching ? ring->next + sizeof(trace_record_t) : ring_end(ring);
}

void trace_watch_sync(void)
{
    bool any = false;
    for (unsigned i = 0; i < TRACE_TRIGGERS; i++) {
        uint32_t state = *(volatile uint32_t *)&u4_trace_triggers[i].state;
        any |= state == TRACE_TRIGGER_ARMED || state == TRACE_TRIGGER_COUNTING;
    }
    watching = any;
    for (word_t h = 0; h < num_harts; h++)
        trace_set_end(&harts[h].trace);
}

#endif
