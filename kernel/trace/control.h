/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracing as capabilities have it: what the trace capability can do, and the table of user rings
 * (abi/trace/layout.h). A ring's frame capability sits in its thread's TCB slot, derived from the
 * one that was given: whatever deletes it there - the thread's end, a revoke of the frame, another
 * ring - ends the ring at that moment. The kernel writes a ring's control block when it is granted
 * and reads from it only what it passes on to the host.
 */
#ifndef KERNEL_TRACE_CONTROL_H
#define KERNEL_TRACE_CONTROL_H

#include "kernel/syscall/error.h"

#if defined(U4_TRACE) && U4_TRACE
status_t trace_invoke(word_t label, word_t length);

/* Boot: tells the host where the table is. User rings begin with the boot mask. */
void trace_rings_init(void);
/* Is there a place for one more ring? */
bool trace_ring_free(void);
/* Takes a place for the thread's ring in the frame, which the thread sees at `address`, and fills
 * in its control block; needs trace_ring_free(). Returns the place, from 1 on. */
word_t trace_ring_begin(const tcb_t *t, cap_t frame, vaddr_t address);
/* The ring in that place is no more. */
void trace_ring_end(word_t place);
/* mask = (mask & ~clear) | set, word by word, of a hart's ring or, target being none, of all; the
 * kernel's code does not follow yet (trace_sync()). */
void trace_harts_mask(word_t target, const word_t clear[TRACE_MASK_WORDS],
                      const word_t set[TRACE_MASK_WORDS]);
/* In every user ring, now and in future: mask = (mask & ~clear) | set, word by word. */
void trace_rings_mask(const word_t clear[TRACE_MASK_WORDS], const word_t set[TRACE_MASK_WORDS]);
#else
ALWAYS_INLINE status_t trace_invoke(word_t label, word_t length)
{
    (void)label;
    (void)length;
    return fail_cap(0, REASON(STALE));
}
ALWAYS_INLINE void trace_ring_end(word_t place)
{
    (void)place;
}
#endif

#endif
