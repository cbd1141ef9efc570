/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events of user programs: a thread that has been given a ring writes records into it without a
 * system call, and tools show them among the kernel's. U4_TRACE() emits an event of the common
 * table (classes coro, async, uintr, user); U4_EVENT() defines one of the program's own in one
 * line, which tools learn from the ring itself, and U4_EMIT() emits it. Without a ring, on a
 * kernel without tracing and on seL4, all of it does nothing. An event that is off costs a few
 * instructions and does not compute its arguments.
 *
 *   U4_EVENT(block_read, "A block was read.", sector, uint, latency, ticks)
 *   ...
 *   U4_EMIT(block_read, sector, now() - asked);
 *
 * A ring has one writer at a time. While the thread is in the middle of an event it has none, so
 * what a user interrupt's handler emits just then is dropped (uintr.handler keeps its vectors
 * for the next one).
 */
#ifndef U4_TRACE_H
#define U4_TRACE_H

#include <u4/vspace.h>

#include "abi/trace/trigger.h"
#include "abi/trace/write.h"
#include "abi/u4/extensions.h"
#include "trace/ids.h"
#include "trace/emit.h"

/* ---- Setting up, by whoever has the trace capability ---- */

/* The capability: the root task's own, or what the program was given as "trace"; 0: none. */
seL4_CPtr u4_trace_cap(void);

seL4_Error u4_trace_get_mask(seL4_CPtr trace, seL4_Word target, uint64_t mask[TRACE_MASK_WORDS]);
/* mask = (mask & ~clear) | set; TARGET is a hart's number or U4_TRACE_ALL_HARTS, _USER_RINGS. For
 * a class use TRACE_CLASS_MASK_*; NULL: no bits. */
seL4_Error u4_trace_set_mask(seL4_CPtr trace, seL4_Word target, const uint64_t *clear,
                             const uint64_t *set);
/* FRAME (4 KiB or 2 MiB, writable), which TCB's thread sees at ADDRESS, becomes its ring. */
seL4_Error u4_trace_grant_ring(seL4_CPtr trace, seL4_TCB tcb, seL4_RISCV_Page frame,
                               seL4_Word address);
seL4_Error u4_trace_end_ring(seL4_CPtr trace, seL4_TCB tcb);
/* Only events of or about THREAD, about OBJECT: references as events have them, 0: no such filter. */
seL4_Error u4_trace_set_filter(seL4_CPtr trace, uint32_t thread, uint32_t object);
/* Triggers (docs/tracing.md): INDEX below TRACE_TRIGGERS. What the kernel writes into one begins
 * with zeros. */
seL4_Error u4_trace_set_trigger(seL4_CPtr trace, seL4_Word index, const trace_trigger_t *trigger);
seL4_Error u4_trace_get_trigger(seL4_CPtr trace, seL4_Word index, trace_trigger_t *trigger);
/* All of it for a thread of this program: a frame of 2^BITS bytes (12: 64 records; 21: 32768),
 * mapped and granted. The thread then calls u4_trace_use(*RING). */
seL4_Error u4_trace_new_ring(u4_vspace_t *vspace, seL4_CPtr trace, seL4_TCB tcb, seL4_Word bits,
                             trace_ring_t **ring);

/* ---- Emitting ---- */

/* The calling thread writes to this ring from now on (NULL: to none), and tells tools the
 * program's own events there. False if their text does not fit: the last ones have no name. */
bool u4_trace_use(trace_ring_t *ring);

extern __thread trace_ring_t *u4_trace_ring;

/* The thread's ring, none while it is in the middle of an event. */
static inline void u4_trace_hold(trace_ring_t *ring)
{
    __asm__ volatile("" ::: "memory");
    *(trace_ring_t *volatile *)&u4_trace_ring = ring;
    __asm__ volatile("" ::: "memory");
}

/* An event of abi/trace/events.def, as trace_put_NAME() takes it. */
#define U4_TRACE(name, ...) \
    do { \
        trace_ring_t *ring_ = u4_trace_ring; \
        if (ring_ && ring_->mask[TRACE_WORD_##name] & TRACE_BIT_##name) { \
            u4_trace_hold(NULL); \
            trace_put_##name(ring_, (uint32_t)ring_->owner, ##__VA_ARGS__); \
            u4_trace_hold(ring_); \
        } \
    } while (0)

/* ---- The program's own events ---- */

typedef struct {
    const char *text; /* in events.def's language, from the class on */
} u4_event_t;

extern const u4_event_t __start_u4_events[] __attribute__((weak));
extern const u4_event_t __stop_u4_events[] __attribute__((weak));

static inline unsigned u4_event_index(const u4_event_t *event)
{
    return (unsigned)(((seL4_Word)event - (seL4_Word)__start_u4_events) / sizeof(u4_event_t));
}

/* NAME, a sentence, then up to five pairs of field name and type: uint int hex addr bool char
 * ticks cptr counter. One and two fields have 64 bits each; of three the first; else 32, and the
 * fifth 16. */
#define U4_EVENT(name, text, ...) U4_EVENT_(name, text, U4_FIELDS(name, ##__VA_ARGS__))

/* A figure that changes over time. */
#define U4_COUNTER(name, text) U4_EVENT(name, text, value, counter)

#define U4_EMIT(name, ...) \
    do { \
        trace_ring_t *ring_ = u4_trace_ring; \
        if (ring_) { \
            unsigned index_ = u4_event_index(&u4_event_##name); \
            if (ring_->mask[index_ / 64] >> index_ % 64 & 1) { \
                u4_trace_hold(NULL); \
                trace_record_t *record_ = trace_begin(ring_, (uint32_t)ring_->owner); \
                record_->head = TRACE_OWN_FIRST + index_; \
                U4_FILL(record_, ##__VA_ARGS__); \
                trace_end(ring_, record_); \
                u4_trace_hold(ring_); \
            } \
        } \
    } while (0)

#define U4_EVENT_(name, sentence, fields) \
    static const u4_event_t u4_event_##name __attribute__((section("u4_events"), used)) = { \
        "user " #name " \"" sentence "\"\n" fields};

#define U4_PICK(a, b, c, d, e, f, g, h, i, j, k, name, ...) name
#define U4_FIELD(place, name, type) "  " place " " #name " " #type "\n"
#define U4_FIELDS(name, ...) \
    U4_PICK(x, ##__VA_ARGS__, U4_FIELDS5, odd, U4_FIELDS4, odd, U4_FIELDS3, odd, U4_FIELDS2, odd, \
            U4_FIELDS1, odd, U4_FIELDS0) \
    (name, ##__VA_ARGS__)
#define U4_FIELDS0(n) ""
#define U4_FIELDS1(n, a, at) U4_FIELD("ab", a, at)
#define U4_FIELDS2(n, a, at, b, bt) U4_FIELD("ab", a, at) U4_FIELD("cd", b, bt)
#define U4_FIELDS3(n, a, at, b, bt, c, ct) \
    U4_FIELD("ab", a, at) U4_FIELD("c", b, bt) U4_FIELD("d", c, ct)
#define U4_FIELDS4(n, a, at, b, bt, c, ct, d, dt) \
    U4_FIELD("a", a, at) U4_FIELD("b", b, bt) U4_FIELD("c", c, ct) U4_FIELD("d", d, dt)
#define U4_FIELDS5(n, a, at, b, bt, c, ct, d, dt, e, et) \
    U4_FIELDS4(n, a, at, b, bt, c, ct, d, dt) U4_FIELD("h", e, et)

#define U4_FILL(r, ...) \
    U4_PICK(x, ##__VA_ARGS__, x, x, x, x, x, U4_FILL5, U4_FILL4, U4_FILL3, U4_FILL2, U4_FILL1, \
            U4_FILL0) \
    (r, ##__VA_ARGS__)
#define U4_FILL0(r) ((void)(r))
#define U4_FILL1(r, v) ((r)->ab = (uint64_t)(v))
#define U4_FILL2(r, v, w) ((r)->ab = (uint64_t)(v), (r)->cd = (uint64_t)(w))
#define U4_FILL3(r, v, w, x) \
    ((r)->ab = (uint64_t)(v), (r)->c = (uint32_t)(w), (r)->d = (uint32_t)(x))
#define U4_FILL4(r, v, w, x, y) \
    ((r)->a = (uint32_t)(v), (r)->b = (uint32_t)(w), (r)->c = (uint32_t)(x), (r)->d = (uint32_t)(y))
#define U4_FILL5(r, v, w, x, y, z) \
    (U4_FILL4(r, v, w, x, y), (r)->head = (r)->head | (uint32_t)(z) << 16)

#endif
