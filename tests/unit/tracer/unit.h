/* SPDX-License-Identifier: BSD-2-Clause */
/* What cmocka needs before it, in one place. */
#ifndef TESTS_TRACER_UNIT_H
#define TESTS_TRACER_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A small generator for tests that try many cases: the same ones in each run. */
static inline uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

#endif
