/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers (xorshift64*), and values that are likely to be wrong. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state ? *state : 0x9e3779b97f4a7c15ull;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dull;
}

/* 0..n-1; n at most 2^32. */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
    return (random_next(state) >> 32) * n >> 32;
}

static inline bool random_chance(uint64_t *state, uint64_t one_in)
{
    return random_below(state, one_in) == 0;
}

/* Boundaries of all kinds. Never the number of a system call that stops a debug kernel. */
uint64_t random_nasty(uint64_t *state);

#endif
