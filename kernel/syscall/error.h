/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of invocations: each function notes the error, its detail words and the reason in words
 * (for the trace), and returns ERROR so that a decoder can return its result.
 */
#ifndef KERNEL_SYSCALL_ERROR_H
#define KERNEL_SYSCALL_ERROR_H

#include "kernel/hart.h"

#define REASON(name) TRACE_REASON_##name

ALWAYS_INLINE status_t fail(word_t error, word_t reason)
{
    hart->error.type = error;
    hart->error.reason = reason;
    return ERROR;
}
ALWAYS_INLINE status_t fail_illegal(word_t reason)
{
    return fail(seL4_IllegalOperation, reason);
}
ALWAYS_INLINE status_t fail_truncated(void)
{
    return fail(seL4_TruncatedMessage, REASON(TRUNCATED));
}
ALWAYS_INLINE status_t fail_argument(word_t number, word_t reason)
{
    hart->error.argument = number;
    return fail(seL4_InvalidArgument, reason);
}
ALWAYS_INLINE status_t fail_cap(word_t number, word_t reason)
{
    hart->error.cap = number;
    return fail(seL4_InvalidCapability, reason);
}
ALWAYS_INLINE status_t fail_range(word_t min, word_t max, word_t reason)
{
    hart->error.range_min = min;
    hart->error.range_max = max;
    return fail(seL4_RangeError, reason);
}
ALWAYS_INLINE status_t fail_lookup(bool was_source, word_t reason)
{
    hart->error.lookup_was_source = was_source;
    return fail(seL4_FailedLookup, reason);
}
/* A lookup that found an empty slot or the wrong thing, with that many bits left. */
ALWAYS_INLINE status_t fail_missing(bool was_source, word_t bits_left, word_t reason)
{
    hart->lookup =
        (lookup_failure_t){.type = seL4_MissingCapability, .bits_left = bits_left & MASK(7)};
    return fail_lookup(was_source, reason);
}

#endif
