/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images whose loader hands the kernel another device tree than QEMU's never see our command line.
 * The trace header in the kernel's ELF file has places for the same settings (boot_* in
 * abi/trace/layout.h): they are set in a copy of the image.
 */
#ifndef TRACER_PATCH_H
#define TRACER_PATCH_H

#include <stddef.h>

#include "abi/trace/trigger.h"
#include "u4trace/error.h"

typedef struct {
    const uint64_t *mask; /* TRACE_MASK_WORDS of them */
    unsigned ring_log2;   /* 0: the kernel's own choice of ring size */
    const trace_trigger_t *triggers;
    uint32_t count; /* of triggers, armed from the kernel's first event on */
} boot_settings_t;

/* Copies `image` to a new temporary file, whose name goes into `path`, with the settings in it.
 * False without a trace header in the image, without room for the triggers, or if the copy
 * cannot be made. */
bool patch_image(const char *image, const boot_settings_t *settings, char *path, size_t size,
                 u4_error_t *err);

#endif
