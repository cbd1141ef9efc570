/* SPDX-License-Identifier: BSD-2-Clause */
#include "crc32.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { LANE = 16, LANES = 4, BLOCK = LANE * LANES };

/* A lane moved on by as many bits as the constants stand for, and the data that lie there. */
__attribute__((target("pclmul"))) static __m128i fold(__m128i lane, __m128i by, __m128i data)
{
    __m128i low = _mm_clmulepi64_si128(lane, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(lane, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), data);
}

/*
 * Whole blocks, at least one, by carry-less multiplication (V. Gopal et al., "Fast CRC
 * Computation for Generic Polynomials Using PCLMULQDQ Instruction"): a lane times x^n mod P has
 * the same remainder as that lane n bits further on. What four lanes have become in the end is
 * 16 bytes with the remainder of all, which the plain algorithm takes from there.
 */
__attribute__((target("pclmul"))) static uint32_t sum_blocks(uint32_t sum, const uint8_t *at,
                                                             size_t blocks)
{
    /* x^(n + 32) and x^(n - 32) mod P, bits reversed and one to the left; n = 512, n = 128. */
    const __m128i by_block = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by_lane = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i lanes[LANES];
    for (int i = 0; i < LANES; i++) {
        lanes[i] = _mm_loadu_si128((const __m128i *)(at + LANE * i));
    }
    lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)~sum));
    while (--blocks > 0) {
        at += BLOCK;
        for (int i = 0; i < LANES; i++) {
            lanes[i] = fold(lanes[i], by_block, _mm_loadu_si128((const __m128i *)(at + LANE * i)));
        }
    }
    for (int i = 1; i < LANES; i++) {
        lanes[i] = fold(lanes[i - 1], by_lane, lanes[i]);
    }
    uint8_t rest[LANE];
    _mm_storeu_si128((__m128i *)rest, lanes[LANES - 1]);
    return (uint32_t)crc32_z(UINT32_MAX, rest, sizeof(rest)); /* from an empty register */
}

uint32_t u4_crc32(uint32_t sum, const void *data, size_t length)
{
    const uint8_t *at = data;
    size_t blocks = length / BLOCK;
    if (blocks > 0 && __builtin_cpu_supports("pclmul")) {
        sum = sum_blocks(sum, at, blocks);
        at += blocks * BLOCK;
        length -= blocks * BLOCK;
    }
    return length > 0 ? (uint32_t)crc32_z(sum, at, length) : sum;
}
#else
uint32_t u4_crc32(uint32_t sum, const void *data, size_t length)
{
    return length > 0 ? (uint32_t)crc32_z(sum, data, length) : sum;
}
#endif
