/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings as they lie in a guest's memory, read once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "memory.h"
#include "trace_info.h"

struct memory_input {
    source_t *source;
    kernel_t *kernel;
    attach_t attach;
    trace_info_t info;
};

void trace_info_from(trace_info_t *info, const attach_t *attach)
{
    const trace_header_t *header = &attach->header;
    info->timebase_hz = header->timebase_hz;
    info->schema_hash = header->schema_hash;
    info->harts = header->harts;
    info->abi = header->abi;
    info->flags = header->flags;
    attach_panic_text(attach, info->panic);
    for (size_t i = 0; attach->kernel && i < attach->kernel->build_id_length; i++) {
        snprintf(info->build_id + 2 * i, 3, "%02x", attach->kernel->build_id[i]);
    }
}

struct memory_input *memory_input_open(const char *ram, const char *kernel, u4_error_t *err)
{
    struct memory_input *memory = memory_new(1, sizeof(*memory));
    memory->source = source_open_file(ram, SOURCE_RAM_BASE, false, err);
    if (!memory->source || (kernel && !(memory->kernel = kernel_open(kernel, err))) ||
        attach_open(&memory->attach, memory->source, memory->kernel, NULL, err) != ATTACH_READY) {
        memory_input_close(memory);
        return NULL;
    }
    memory->info.status = -1;
    memory->info.ended = true;
    trace_info_from(&memory->info, &memory->attach);
    return memory;
}

const schema_t *memory_input_schema(const struct memory_input *memory)
{
    return memory->attach.schema;
}

const trace_info_t *memory_input_info(const struct memory_input *memory)
{
    return &memory->info;
}

bool memory_input_run(struct memory_input *memory, pipeline_t *pipeline, u4_error_t *err)
{
    enum { BATCH = 4096 };
    trace_record_t *batch = memory_new(BATCH, sizeof(*batch));
    bool ok = true;
    for (size_t i = 0; ok && i < memory->attach.ring_count; i++) {
        ring_reader_t *ring = &memory->attach.rings[i];
        uint64_t first;
        size_t got;
        pipeline_ring(pipeline, (uint32_t)i, ring->hart, (uint32_t)ring->owner);
        while (ok &&
               (got = attach_read(&memory->attach, i, UINT64_MAX, batch, BATCH, &first)) > 0) {
            ok = pipeline_push(pipeline, (uint32_t)i, first, batch, got, err);
        }
    }
    free(batch);
    return (ok || !err->text[0]) && pipeline_end(pipeline, err);
}

void memory_input_close(struct memory_input *memory)
{
    if (memory) {
        attach_close(&memory->attach);
        kernel_close(memory->kernel);
        source_close(memory->source);
        free(memory);
    }
}
