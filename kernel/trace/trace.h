/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracing in the kernel: TRACE(event, arguments...) emits an event of abi/trace/events.def into
 * this hart's ring if its bit of the mask is on. Arguments are evaluated only then. Built
 * without U4_TRACE it is nothing at all.
 */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include "kernel/hart.h"
#include "trace/ids.h"

/* A reference to an object in an event: the low half of its address. */
#define TRACE_REF(p) ((uint32_t)(word_t)(p))

#if defined(U4_TRACE) && U4_TRACE
/* A call that preserves every register but t0 (wrap.S): the compiler need not save anything on
 * the way to an event, and functions with events stay as lean as without. */
#define TRACE_WRAP(ring) __asm__ volatile("jal t0, trace_wrap_hart" ::: "t0", "memory")
#include "abi/trace/write.h"
#include "trace/emit.h"

/* Load, shift the event's bit into the sign, branch: three instructions for any bit. */
ALWAYS_INLINE bool trace_bit(word_t mask, unsigned event)
{
    int64_t sign;
    __asm__("slli %0, %1, %2" : "=r"(sign) : "r"(mask), "i"(63 - event % 64));
    return UNLIKELY(sign < 0);
}
#define TRACE_ON(event) UNLIKELY(trace_bit(hart->trace.mask[TRACE_WORD_##event], TRACE_ID_##event))
#define TRACE(event, ...) \
    do { \
        if (TRACE_ON(event)) \
            trace_put_##event(&hart->trace, TRACE_REF(hart->current), ##__VA_ARGS__); \
    } while (0)
/* Is any event of the mask's first word on? (Kernel, messages, notifications, scheduling.) */
#define TRACE_ANY UNLIKELY(hart->trace.mask[0])
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
/* Tells the host how late it is, once a tick. */
ALWAYS_INLINE void trace_tick(void)
{
    u4_trace_header.now = trace_time();
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
