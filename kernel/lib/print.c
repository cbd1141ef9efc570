/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/lib/print.h"

#include "kernel/arch/riscv/csr.h"
#include "kernel/lib/mem.h"

/* Where characters go: a buffer, or the console if there is none. */
typedef struct {
    char *out;
    size_t size, length;
} sink_t;

typedef struct {
    bool left, zero, wide, negative;
    size_t width;
} spec_t;

void console_putchar(char c)
{
    if (c == '\n')
        sbi_putchar('\r');
    sbi_putchar(c);
}

static void put(sink_t *sink, char c)
{
    if (!sink->out)
        console_putchar(c);
    else if (sink->length + 1 < sink->size)
        sink->out[sink->length] = c;
    sink->length++;
}

static void pad(sink_t *sink, char c, size_t width, size_t used)
{
    for (; used < width; used++)
        put(sink, c);
}

static void put_string(sink_t *sink, const spec_t *spec, const char *s, size_t length)
{
    if (!spec->left)
        pad(sink, ' ', spec->width, length);
    for (size_t i = 0; i < length; i++)
        put(sink, s[i]);
    if (spec->left)
        pad(sink, ' ', spec->width, length);
}

static void put_number(sink_t *sink, const spec_t *spec, word_t value, unsigned base)
{
    char digits[24];
    size_t n = sizeof digits;
    do {
        digits[--n] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (spec->zero && !spec->left) {
        size_t length = sizeof digits - n + spec->negative;
        if (spec->negative)
            put(sink, '-');
        pad(sink, '0', spec->width, length);
        put_string(sink, &(spec_t){0}, digits + n, sizeof digits - n);
        return;
    }
    if (spec->negative)
        digits[--n] = '-';
    put_string(sink, spec, digits + n, sizeof digits - n);
}

/* Flags, width and length behind a '%'; returns where the conversion letter is. */
static const char *parse_spec(const char *f, spec_t *spec)
{
    *spec = (spec_t){0};
    for (; *f == '-' || *f == '0'; f++) {
        spec->left |= *f == '-';
        spec->zero |= *f == '0';
    }
    for (; *f >= '0' && *f <= '9'; f++)
        spec->width = spec->width * 10 + (size_t)(*f - '0');
    for (; *f == 'l' || *f == 'z'; f++)
        spec->wide = true;
    return f;
}

static void format_all(sink_t *sink, const char *f, va_list args)
{
    for (; *f; f++) {
        spec_t spec;
        if (*f != '%') {
            put(sink, *f);
            continue;
        }
        f = parse_spec(f + 1, &spec);
        switch (*f) {
        case 'c': put(sink, (char)va_arg(args, int)); break;
        case 's': {
            const char *s = va_arg(args, const char *);
            s = s ? s : "(null)";
            put_string(sink, &spec, s, strlen(s));
            break;
        }
        case 'd': {
            int64_t v = spec.wide ? va_arg(args, long) : va_arg(args, int);
            spec.negative = v < 0;
            put_number(sink, &spec, v < 0 ? -(word_t)v : (word_t)v, 10);
            break;
        }
        case 'u':
        case 'x': {
            word_t v = spec.wide ? va_arg(args, unsigned long) : va_arg(args, unsigned);
            put_number(sink, &spec, v, *f == 'u' ? 10 : 16);
            break;
        }
        case 'p':
            put_string(sink, &(spec_t){0}, "0x", 2);
            put_number(sink, &spec, (word_t)va_arg(args, void *), 16);
            break;
        case 0: return;
        default: put(sink, *f);
        }
    }
}

void kvprintf(const char *format, va_list args)
{
    sink_t sink = {0};
    format_all(&sink, format, args);
}

void kprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
}

size_t kvsnprintf(char *out, size_t size, const char *format, va_list args)
{
    sink_t sink = {.out = out, .size = size};
    format_all(&sink, format, args);
    size_t length = MIN(sink.length, size - 1);
    out[length] = 0;
    return length;
}

size_t ksnprintf(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = kvsnprintf(out, size, format, args);
    va_end(args);
    return length;
}
