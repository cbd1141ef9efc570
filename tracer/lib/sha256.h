/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4), for the hash that names an event table. */
#ifndef TRACER_SHA256_H
#define TRACER_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* The digest's first 64 bits, read as a big-endian number. */
uint64_t sha256_start(const void *data, size_t length);

#endif
