/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracing in the kernel: TRACE(event, arguments...) emits an event of abi/trace/events.def into
 * this hart's ring if its bit of the mask is on. Arguments are evaluated only then. While it is
 * off it is one nop in the kernel's code. Built without U4_TRACE it is nothing at all.
 */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include "kernel/hart.h"
#include "trace/ids.h"

/* A reference to an object in an event: its address, of which the record keeps the low half. */
#define TRACE_REF(p) ((word_t)(p))

#if defined(U4_TRACE) && U4_TRACE
/* A call that preserves every register but t0 (wrap.S): the compiler need not save anything on
 * the way to an event, and functions with events stay as lean as without. */
#define TRACE_WRAP(ring) __asm__ volatile("jal t0, trace_wrap_hart" ::: "t0", "memory")
/* Accesses by way of tp: compilers would copy it to another register before the site, event or not.
 * For the same reason what is behind a site begins with forgetting what is in which register. */
#define TRACE_RING(ring) (&hart->trace)
#define TRACE_APART __asm__ volatile("" ::: "memory")
#include "abi/trace/write.h"
#include "trace/emit.h"

#if U4_SMP
/* Whose record was the last under the kernel's lock: the clock alone does not say who was first. */
extern hart_t *trace_last;
/* Before this hart's first record after another's. Preserves every register but t0 (wrap.S). */
ALWAYS_INLINE void trace_in_order(void)
{
    if (UNLIKELY(trace_last != hart))
        __asm__ volatile("jal t0, trace_follow_hart" ::: "t0", "memory");
}
#else
ALWAYS_INLINE void trace_in_order(void) {}
#endif

/*
 * A site: one instruction, a nop while its event is off. trace_sync() (keys.c) turns it into a
 * jump to one of four labels: emit at once, or look at a filter first. In the table that it goes
 * by a site is six words: where it is (relative to the word), the labels (relative to the site),
 * the event's id or a TRACE_KEY_*.
 */
#ifndef TRACE_SITE /* bench/events.py has its own */
#define TRACE_SITE(emit, thread, object, both) \
    ".option push\n.option norvc\n7: nop\n.option pop\n" \
    ".pushsection .u4_trace_sites, \"a\"\n" \
    ".word 7b - ., " emit " - 7b, " thread " - 7b, " object " - 7b, " both " - 7b, %0\n" \
    ".popsection"
#endif

enum { TRACE_KEY_ANY = 0, TRACE_KEY_FILTER = TRACE_MAX_EVENTS };

/* One bit of a mask that is in a register. */
ALWAYS_INLINE bool trace_bit(word_t mask, unsigned event)
{
    return UNLIKELY((int64_t)(mask << (63 - event % 64)) < 0);
}

ALWAYS_INLINE bool trace_site(const unsigned id)
{
    __asm__ inline goto(TRACE_SITE("%l[on]", "%l[on]", "%l[on]", "%l[on]") : : "i"(id) : : on);
    return false;
on:
    return true;
}
#define TRACE_ON(event) trace_site(TRACE_ID_##event)
/* An event of the thread with that reference. With a thread filter: of that thread, or about it;
 * with an object filter too: of that thread and about that object. */
#define TRACE_OF(event, ref, ...) \
    do { \
        __label__ emit_, thread_, object_, both_, about_, put_, out_; \
        __asm__ inline goto(TRACE_SITE("%l[emit_]", "%l[thread_]", "%l[object_]", "%l[both_]") \
                            : \
                            : "i"(TRACE_ID_##event) \
                            : \
                            : emit_, thread_, object_, both_); \
        goto out_; \
        word_t ref_; \
both_: \
        TRACE_APART; \
        ref_ = (ref); \
        if (ref_ != hart->filter_thread) \
            goto out_; \
        goto about_; \
thread_: \
        TRACE_APART; \
        ref_ = (ref); \
        if (ref_ == hart->filter_thread || \
            TRACE_ABOUT_THREAD_##event(hart->filter_thread, ##__VA_ARGS__)) \
            goto put_; \
        goto out_; \
object_: \
        TRACE_APART; \
        ref_ = (ref); \
about_: \
        if (TRACE_ABOUT_OBJECT_##event(hart->filter_object, ##__VA_ARGS__)) \
            goto put_; \
        goto out_; \
emit_: \
        TRACE_APART; \
        ref_ = (ref); \
put_: \
        if (U4_SMP && !trace_bit(hart->trace.mask[TRACE_WORD_##event], TRACE_ID_##event)) \
            goto out_; \
        trace_in_order(); \
        trace_put_##event(&hart->trace, (uint32_t)ref_, ##__VA_ARGS__); \
out_:; \
    } while (0)
#define TRACE(event, ...) TRACE_OF(event, TRACE_REF(hart->current), ##__VA_ARGS__)
/* Is any event of the mask's first word on? (Kernel, messages, notifications, scheduling.) */
#define TRACE_ANY trace_site(TRACE_KEY_ANY)
#else
#define TRACE_ON(event) 0
#define TRACE_ANY 0
/* Keeps its arguments' variables "used" without evaluating them. */
#define TRACE(event, ...) ((void)sizeof(trace_unused(0, ##__VA_ARGS__)))
int trace_unused(int first, ...);
#endif

/* The header that hosts find everything by, in the image. */
extern trace_header_t u4_trace_header;

#if defined(U4_TRACE) && U4_TRACE
/* Boot: takes memory for the rings and turns on what the command line asks for:
 * "u4.trace=w0,w1,w2,w3 u4.ring=log2 u4.mode=n", NULL if there is none. */
void trace_boot(const char *command_line);
/* Once a tick: tells the host how late it is, and follows what it has changed. */
void trace_tick(void);
/* Makes the kernel follow masks, filters and triggers; `boot`: sites in boot's own code too. */
void trace_sync(bool boot);
/* ... if a host says that it has changed some. */
ALWAYS_INLINE void trace_poll(void)
{
    if (UNLIKELY(*(volatile uint32_t *)&u4_trace_header.changed))
        trace_sync(false);
}
/* Boot, each hart: the first events of its ring. */
void trace_boot_hart(void);
/* Emits a thread's name in pieces. */
void trace_thread_name(const tcb_t *t);
/* Tells the host how the system ended: enum trace_state, and why. */
void trace_note_state(unsigned state, const char *why);
#else
ALWAYS_INLINE void trace_boot(const char *command_line)
{
    (void)command_line;
}
ALWAYS_INLINE void trace_tick(void) {}
ALWAYS_INLINE void trace_poll(void) {}
ALWAYS_INLINE void trace_boot_hart(void) {}
ALWAYS_INLINE void trace_thread_name(const tcb_t *t)
{
    (void)t;
}
ALWAYS_INLINE void trace_note_state(unsigned state, const char *why)
{
    (void)state;
    (void)why;
}
#endif

#endif
