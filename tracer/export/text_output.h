/* SPDX-License-Identifier: BSD-2-Clause */
/* A buffered output file for exporters of text: errors are kept and reported once, at the end. */
#ifndef TRACER_TEXT_OUTPUT_H
#define TRACER_TEXT_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "u4trace/error.h"

enum { TEXT_OUTPUT_ROOM = 256 * 1024 };

typedef struct {
    char *path;
    int fd;
    bool failed;
    u4_error_t error;
    const atomic_bool *stop; /* see text_output_stop(); NULL: never */
    char *at, *end;
    char buffer[TEXT_OUTPUT_ROOM];
} text_output_t;

/* "-" is standard output. */
text_output_t *text_output_open(const char *path, u4_error_t *err);

/* From now on writing fails once `stop` is set, also to a terminal or pipe that nobody reads. */
void text_output_stop(text_output_t *output, const atomic_bool *stop);

/* At least `need` bytes at output->at (need <= TEXT_OUTPUT_ROOM). False once writing has failed. */
bool text_output_room(text_output_t *output, size_t need, u4_error_t *err);

/* Writes what there is; an error is kept. */
void text_output_flush(text_output_t *output);

/* Writes what is left and closes the file. */
bool text_output_finish(text_output_t *output, u4_error_t *err);

/* Frees; closes if text_output_finish() was not called. */
void text_output_free(text_output_t *output);

#endif
