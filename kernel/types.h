/* SPDX-License-Identifier: GPL-2.0-only */
/* Basic types and macros of the kernel, and how it stops when the impossible happens. */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/sel4/types.h"

typedef uint64_t word_t;
typedef uint64_t paddr_t;
typedef uint64_t vaddr_t; /* user virtual address */
typedef uint64_t cptr_t;

#define WORD_BITS 64
#define BIT(n) (1ull << (n))
#define MASK(n) (BIT(n) - 1)
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NORETURN __attribute__((noreturn))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, bits) ((x) & ~MASK(bits))
#define ALIGN_UP(x, bits) (((x) + MASK(bits)) & ~MASK(bits))
#define IS_ALIGNED(x, bits) (((x)&MASK(bits)) == 0)
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
/* Code that runs once, at boot; a link section of its own. */
#define BOOT_TEXT __attribute__((section(".text.boot"), noinline))

/* Outcome of an operation that can end in one of several ways. */
typedef enum {
    OK = 0,
    FAULTED,   /* hart->fault tells how: becomes a fault message */
    LOOKUP,    /* hart->lookup tells why a capability lookup failed */
    ERROR,     /* hart->error tells the error of an invocation */
    PREEMPTED, /* at a preemption point: the system call starts again */
} status_t;

/* Stops the system: prints why, marks the trace header, halts every hart. */
NORETURN void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef U4_DEBUG
#define KASSERT(x) \
    do { \
        if (UNLIKELY(!(x))) \
            panic("assertion %s at %s:%d", #x, __FILE__, __LINE__); \
    } while (0)
#else
#define KASSERT(x) ((void)0)
#endif

#endif
