/* SPDX-License-Identifier: BSD-2-Clause */
/* A source made of single pages: those that were read through it from another source, or those
 * that were put in. What is not there reads as an error. */
#ifndef TRACER_PAGES_H
#define TRACER_PAGES_H

#include "u4trace/source.h"

/* `inner`: where pages that are not there yet are read from, each once; borrowed; NULL: nowhere. */
source_t *pages_new(source_t *inner, const char *name);

/* No more pages are read from the inner source. */
void pages_seal(source_t *pages);

uint32_t pages_count(const source_t *pages);
/* Page `index`, in the order of coming; *paddr is its address. */
const uint8_t *pages_get(const source_t *pages, uint32_t index, uint64_t *paddr);

/* A copy of `data`; NULL: a page of zeros. False: not aligned, there already, or too many. */
bool pages_add(source_t *pages, uint64_t paddr, const uint8_t *data);

/* Do all pages still read the same from `source`? */
bool pages_same(const source_t *pages, source_t *source);

#endif
