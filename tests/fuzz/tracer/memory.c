/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory: a header, a ring of the kernel's and two of user programs with events of their
 * own, whose every byte can be anything. The input is laid over a sound memory as pieces: offset
 * (2 bytes), length (1 byte), contents.
 */
#include "fuzz.h"

enum {
    HEADER = 0,
    RING = 0x800,
    TABLE = 0xa00,
    DATA = 0x1000,
    CAPACITY = 64,
    USER = 0x2000, /* frames of user rings */
    SIZE = 0x4000,
};

/* A program that has defined two events and written some. */
static void lay_out_user(uint8_t *memory, unsigned place)
{
    static const char text[] = "event 256 user read \"Read.\"\n  ab sector uint\n  cd took ticks\n"
                               "event 257 user depth \"\"\n  ab value counter\n";
    uint64_t at = USER + 4096 * place, address = 0x10000;
    trace_user_ring_t entry = {.generation = 1,
                               .paddr = SOURCE_RAM_BASE + at,
                               .address = address,
                               .size_bits = 12,
                               .owner = 0x100 + place};
    trace_ring_t ring = {.next = address + 2048 + 32 * 30, .base = address + 2048};
    trace_user_schema_t schema = {.length = sizeof(text) - 1};
    memcpy(memory + TABLE + place * sizeof(entry), &entry, sizeof(entry));
    memcpy(memory + at, &ring, sizeof(ring));
    memcpy(memory + at + sizeof(ring), &schema, sizeof(schema));
    memcpy(memory + at + sizeof(ring) + sizeof(schema), text, sizeof(text) - 1);
    for (unsigned i = 0; i < CAPACITY; i++) {
        trace_record_t record = {.time = i, .event = (uint16_t)(TRACE_OWN_FIRST + i % 3)};
        memcpy(memory + at + 2048 + i * sizeof(record), &record, sizeof(record));
    }
}

static void lay_out(uint8_t *memory)
{
    trace_header_t header = {.magic = TRACE_MAGIC,
                             .version = TRACE_VERSION,
                             .header_size = sizeof(trace_header_t),
                             .schema_hash = schema_builtin()->hash,
                             .record_size = sizeof(trace_record_t),
                             .harts = 2,
                             .timebase_hz = 10000000,
                             .state = TRACE_STATE_RUNNING,
                             .ring_paddr = {SOURCE_RAM_BASE + RING, SOURCE_RAM_BASE + RING + 256},
                             .user_ring_paddr = SOURCE_RAM_BASE + TABLE,
                             .user_rings = 2,
                             .now = 1000};
    trace_ring_t ring = {.next = 0xffffffff80001000 + 32 * 20,
                         .base = 0xffffffff80001000,
                         .end = 0xffffffff80001000 + 32 * CAPACITY,
                         .laps = 1,
                         .lap_pending = 1,
                         .magic = TRACE_RING_MAGIC,
                         .data_paddr = SOURCE_RAM_BASE + DATA,
                         .capacity = CAPACITY};
    memcpy(memory + HEADER, &header, sizeof(header));
    memcpy(memory + RING, &ring, sizeof(ring));
    memcpy(memory + RING + 256, &ring, sizeof(ring));
    lay_out_user(memory, 0);
    lay_out_user(memory, 1);
}

static void read_rings(attach_t *attach)
{
    trace_info_t info = {.timebase_hz = attach->header.timebase_hz, .abi = attach->header.abi};
    pipeline_t *pipeline = pipeline_new(attach->schema, &info);
    size_t shown = 0;
    pipeline_add(pipeline, &fuzz_sink, &shown, NULL);
    u4_error_t err = {""};
    for (size_t i = 0; i < attach->ring_count; i++) {
        pipeline_ring(pipeline, (uint32_t)i, attach->rings[i].hart,
                      (uint32_t)attach->rings[i].owner);
        trace_record_t batch[32];
        uint64_t first;
        size_t got;
        while ((got = attach_read(attach, i, UINT64_MAX, batch, 32, &first)) > 0 &&
               pipeline_push(pipeline, (uint32_t)i, first, batch, got, &err)) {}
    }
    pipeline_end(pipeline, &err);
    check_accounts(pipeline_model(pipeline));
    pipeline_free(pipeline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[SIZE];
    char path[64];
    u4_error_t err;
    memset(memory, 0, sizeof(memory));
    lay_out(memory);
    overlay(memory, sizeof(memory), data, size);
    int fd = memory_file(memory, sizeof(memory), path);
    source_t *source = source_open_file(path, SOURCE_RAM_BASE, false, &err);
    attach_t attach;
    if (source && attach_open(&attach, source, NULL, NULL, &err) == ATTACH_READY) {
        char text[129];
        attach_panic_text(&attach, text);
        read_rings(&attach);
        attach_close(&attach);
    }
    source_close(source);
    close(fd);
    return 0;
}
