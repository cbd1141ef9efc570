/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool u4_fail(u4_error_t *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return false;
}

bool u4_fail_errno(u4_error_t *err, const char *format, ...)
{
    int number = errno;
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof(err->text)) {
        snprintf(err->text + used, sizeof(err->text) - (size_t)used, ": %s", strerror(number));
    }
    return false;
}
