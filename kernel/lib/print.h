/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's messages on the firmware's console, for boot, panics and debug system calls.
 * Formats: %c %s %d %u %x %p %%, with l or z for words, a width, and 0 or - before it.
 */
#ifndef KERNEL_LIB_PRINT_H
#define KERNEL_LIB_PRINT_H

#include <stdarg.h>
#include <stddef.h>

void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kvprintf(const char *format, va_list args);
/* Into `out`, cut to `size` bytes with the NUL; `size` is at least 1. Returns the length. */
size_t kvsnprintf(char *out, size_t size, const char *format, va_list args);
size_t ksnprintf(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One character; a newline gets its carriage return. */
void console_putchar(char c);

#endif
