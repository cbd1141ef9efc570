/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the fuzzers: files in memory, and a consumer that looks at everything. */
#ifndef TESTS_FUZZ_TRACER_FUZZ_H
#define TESTS_FUZZ_TRACER_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "u4trace.h"
#include "u4trace/stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file with these contents; `path` names it. Close the result. */
static inline int memory_file(const void *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
        abort();
    }
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* Lays pieces of the input over memory: offset (2 bytes), length (1 byte), contents. */
static inline void overlay(uint8_t *memory, size_t room, const uint8_t *data, size_t size)
{
    while (size >= 3) {
        size_t offset = (data[0] | (size_t)data[1] << 8) % room, length = data[2];
        data += 3;
        size -= 3;
        length = length < size ? length : size;
        length = length < room - offset ? length : room - offset;
        memcpy(memory + offset, data, length);
        data += length;
        size -= length;
    }
}

static inline bool fuzz_event(void *self, const model_t *model, const event_t *event,
                              u4_error_t *err)
{
    char text[FORMAT_MAX];
    (void)err;
    *(size_t *)self += (size_t)(format_fields(text, text + sizeof(text), model, event) - text);
    return true;
}

static const sink_ops_t fuzz_sink = {.name = "fuzz", .event = fuzz_event};

/* Sums that must hold for every input. */
static inline void check_accounts(const model_t *model)
{
    for (uint32_t i = 0; i < model->ring_count; i++) {
        const ring_account_t *r = &model->rings[i];
        if (r->seen && r->next != r->skipped + r->kept + r->lost) {
            abort();
        }
    }
}

#endif
