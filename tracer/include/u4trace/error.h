/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the library reports failure: a function that can fail takes an u4_error_t and returns false
 * or NULL after having put one sentence into it, which names the file, what was expected, what
 * was found and what to do. The library never prints and never exits.
 */
#ifndef U4TRACE_ERROR_H
#define U4TRACE_ERROR_H

#include <stdbool.h>

typedef struct {
    char text[512];
} u4_error_t;

/* Formats the sentence. Always returns false, so that `return u4_fail(err, ...)` reads well. */
bool u4_fail(u4_error_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Like u4_fail(), with ": " and the text of errno behind. */
bool u4_fail_errno(u4_error_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
