/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 64 * 1024 };

struct arena_block {
    arena_block_t *next;
    size_t used, size;
    max_align_t data[];
};

static _Noreturn void no_memory(void)
{
    fputs("u4: out of memory\n", stderr);
    exit(1);
}

void *memory_new(size_t count, size_t size)
{
    void *new = calloc(count ? count : 1, size);
    if (!new) {
        no_memory();
    }
    return new;
}

void *memory_grow(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        no_memory();
    }
    void *new = realloc(old, count * size);
    if (!new) {
        no_memory();
    }
    return new;
}

char *memory_strdup(const char *text)
{
    size_t length = strlen(text) + 1;
    return memcpy(memory_new(1, length), text, length);
}

void *arena_alloc(arena_t *arena, size_t size)
{
    size_t need = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    arena_block_t *block = arena->blocks;
    if (!block || block->size - block->used < need) {
        size_t room = need > ARENA_BLOCK ? need : ARENA_BLOCK;
        block = memory_new(1, sizeof(arena_block_t) + room);
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    char *at = (char *)block->data + block->used;
    block->used += need;
    return at;
}

char *arena_text(arena_t *arena, const char *text, size_t length)
{
    return memcpy(arena_alloc(arena, length + 1), text, length);
}

void arena_free(arena_t *arena)
{
    while (arena->blocks) {
        arena_block_t *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
