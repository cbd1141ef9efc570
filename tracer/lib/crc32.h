/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CRC-32 of zlib and Ethernet, some ten times as fast as Debian's zlib where the processor
 * multiplies without carry: reading a trace is otherwise to a tenth the checking of its sums.
 */
#ifndef TRACER_CRC32_H
#define TRACER_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The sum of what was summed before (0: nothing) and `length` bytes more. */
uint32_t u4_crc32(uint32_t sum, const void *data, size_t length);

#endif
