/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs packed into a boot image: ELF files inside it, at whatever depth, with the names
 * that the archive around them (cpio) gives, and their functions. By them threads that a system
 * never named get names: which image they started in, and at which function.
 */
#ifndef U4TRACE_IMAGES_H
#define U4TRACE_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "u4trace/error.h"

enum { IMAGES_MAX = 64, IMAGE_NAME_MAX = 32 };

typedef struct {
    uint64_t value, size;
    const char *name;
} image_symbol_t;

typedef struct {
    char name[IMAGE_NAME_MAX];
    uint64_t entry;
    uint64_t start, end;     /* of its loaded memory */
    image_symbol_t *symbols; /* functions, by address */
    size_t symbol_count;
} image_t;

typedef struct images {
    image_t images[IMAGES_MAX];
    size_t count;
    struct images_memory *memory;
} images_t;

/* Those of a file; without any, the result is empty. NULL if it cannot be read. */
images_t *images_open(const char *path, u4_error_t *err);

/* As text, for a trace file: see u4t(5). The caller frees it. */
char *images_text(const images_t *images, size_t *length);
images_t *images_parse(const char *text, size_t length);
void images_free(images_t *images);

/* The function that covers `address`; NULL if none. */
const image_symbol_t *image_symbol(const image_t *image, uint64_t address);

#endif
