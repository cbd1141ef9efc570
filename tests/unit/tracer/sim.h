/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest without a guest: memory with a trace header and rings in it, and a writer that follows
 * the protocol of abi/trace/layout.h store by store, so that a reader can look between any two of
 * them. Also makes the kernel's ELF that goes with it.
 */
#ifndef TESTS_TRACER_SIM_H
#define TESTS_TRACER_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/trace/layout.h"

enum {
    SIM_MEMORY = 8 << 20,
    SIM_HEADER = 0x210000, /* offsets in memory; memory begins at 0x80000000 */
    SIM_BUILD_ID = 0x211000,
    SIM_RINGS = 0x220000, /* control blocks, one page each */
    SIM_DATA = 0x300000,  /* records, ring by ring */
};

#define SIM_BASE 0x80000000ull
#define SIM_WINDOW 0xffffffff00000000ull /* kernel virtual - physical */

typedef struct {
    char *memory;
    size_t size;
    int fd; /* of the file behind it; -1: none */
    trace_header_t *header;
    trace_ring_t *rings[TRACE_MAX_HARTS];
    uint64_t written[TRACE_MAX_HARTS]; /* records, published or not */
} sim_t;

/* Memory with `harts` rings of `capacity` records. `path`: a file for it, or NULL. */
sim_t *sim_new(const char *path, unsigned harts, uint64_t capacity);
void sim_free(sim_t *sim);

/* The same in a file that exists already, with its size; as a guest finds its RAM. */
sim_t *sim_open(const char *path, unsigned harts, uint64_t capacity);

/* Writes one record. `between`, if not NULL, is called after each store that another hart could
 * see: the stores of one record, or the steps of a wrap. */
typedef void sim_between_fn(void *context);
void sim_write(sim_t *sim, unsigned hart, const trace_record_t *record, sim_between_fn *between,
               void *context);
/* Several at once, as the kernel's fast path does: not beyond the ring's end. */
void sim_write_batch(sim_t *sim, unsigned hart, const trace_record_t *records, size_t count,
                     sim_between_fn *between, void *context);

/* The record that the tests write at a position: its contents tell hart and position. */
trace_record_t sim_record(unsigned hart, uint64_t position);
bool sim_record_is(const trace_record_t *record, unsigned hart, uint64_t position);

/* Writes the ELF of a kernel that has the header. `prefix`: zero bytes before it, as if it were
 * packed in an image; `symbol`: usually "u4_trace_header". */
bool sim_write_kernel(const char *path, size_t prefix, const char *symbol, uint8_t build_id_byte);

/* An event's record with its fields by name, for tests of model, filter and text. */
typedef struct {
    const char *field;
    uint64_t value;
} sim_field_t;
trace_record_t sim_event(const char *event, uint64_t time, uint32_t thread,
                         const sim_field_t *fields);

/* sim_event() with the fields in braces. */
#define SIM_EVENT(event, time, thread, ...) \
    sim_event(event, time, thread, (const sim_field_t[]){__VA_ARGS__{NULL, 0}})

/* A scratch file's path, unique to this process; the file is removed by sim_cleanup(). */
const char *sim_path(const char *name);
void sim_cleanup(void);

#endif
