/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP on the UART, and the ways to end.
 */
#include "machine.h"
#include <stdarg.h>

#define UART ((volatile uint8_t *)0x10000000)
#define UART_LSR 5
#define UART_LSR_IDLE 0x20
#define TEST_DEVICE ((volatile uint32_t *)0x100000)
#define TEST_PASS 0x5555
#define TEST_FAIL 0x13333
#define TEST_RESET 0x7777

static unsigned checks, failures;

static void put(char c)
{
    while (!(UART[UART_LSR] & UART_LSR_IDLE)) {}
    UART[0] = c;
}

static void put_string(const char *s)
{
    while (*s) {
        put(*s++);
    }
}

static void put_number(uint64_t n, unsigned base)
{
    char digits[20];
    unsigned i = 0;

    do {
        digits[i++] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    while (i) {
        put(digits[--i]);
    }
}

/* %s, %u (unsigned) and %lx (uint64_t) are all that the tests use. */
void print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(*f);
        } else if (*++f == 's') {
            put_string(va_arg(arguments, const char *));
        } else if (*f == 'u') {
            put_number(va_arg(arguments, unsigned), 10);
        } else {
            f++;
            put_number(va_arg(arguments, uint64_t), 16);
        }
    }
    va_end(arguments);
}

bool check(bool good, const char *name)
{
    failures += !good;
    print("%sok %u - %s\n", good ? "" : "not ", ++checks, name);
    return good;
}

bool check_equal(uint64_t got, uint64_t want, const char *name)
{
    if (!check(got == want, name)) {
        print("# got 0x%lx, want 0x%lx\n", got, want);
    }
    return got == want;
}

static __attribute__((noreturn)) void leave(uint32_t code)
{
    *TEST_DEVICE = code;
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void finish(void)
{
    print("1..%u\n", checks);
    leave(failures ? TEST_FAIL : TEST_PASS);
}

void bail(const char *why)
{
    print("Bail out! hart %u: %s\n", hart_id(), why);
    leave(TEST_FAIL);
}

void reset_machine(void)
{
    leave(TEST_RESET);
}
