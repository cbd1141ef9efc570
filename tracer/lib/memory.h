/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the library: allocation that cannot fail (a tool without memory has nothing left to
 * say and stops), and arenas, which are freed at once.
 */
#ifndef TRACER_MEMORY_H
#define TRACER_MEMORY_H

#include <stddef.h>

/* Zeroed; ends the program with a message if there is no memory. */
void *memory_new(size_t count, size_t size);
void *memory_grow(void *old, size_t count, size_t size);
char *memory_strdup(const char *text);

typedef struct arena_block arena_block_t;

typedef struct {
    arena_block_t *blocks;
} arena_t;

/* Zeroed, aligned for any type. */
void *arena_alloc(arena_t *arena, size_t size);
char *arena_text(arena_t *arena, const char *text, size_t length);
void arena_free(arena_t *arena);

#endif
