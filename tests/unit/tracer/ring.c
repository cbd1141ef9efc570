/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of rings, against a writer that can be stopped between any two of its stores. */
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#include "sim.h"
#include "u4trace/attach.h"
#include "u4trace/kernel.h"
#include "u4trace/ring.h"

/* A source over a simulated guest's memory; `mapped` or through read() only. */
typedef struct {
    source_t source;
    sim_t *sim;
} sim_source_t;

static void *sim_map(source_t *source, uint64_t paddr, size_t length)
{
    sim_t *sim = ((sim_source_t *)source)->sim;
    uint64_t offset = paddr - SIM_BASE;
    return offset < sim->size && length <= sim->size - offset ? sim->memory + offset : NULL;
}

static bool sim_read(source_t *source, uint64_t paddr, void *to, size_t length)
{
    const void *from = sim_map(source, paddr, length);
    if (from) {
        memcpy(to, from, length);
    }
    return from != NULL;
}

static void sim_close(source_t *source)
{
    (void)source;
}

static const source_ops_t mapped_ops = {
    .kind = "test", .read = sim_read, .map = sim_map, .close = sim_close};
static const source_ops_t read_ops = {.kind = "test", .read = sim_read, .close = sim_close};

static sim_source_t source_of(sim_t *sim, bool mapped)
{
    static char name[] = "sim";
    return (sim_source_t){.source = {.ops = mapped ? &mapped_ops : &read_ops, .name = name},
                          .sim = sim};
}

typedef struct {
    sim_t *sim;
    ring_reader_t reader;
    uint64_t published; /* before the store that is going on */
    uint64_t next;      /* position expected next */
    uint64_t reads;
    uint64_t random;
    unsigned one_in; /* reads at one in so many chances */
} watch_t;

static void read_some(watch_t *w, size_t max)
{
    trace_record_t batch[64];
    uint64_t first = 0;
    uint64_t before = w->reader.position;
    size_t got = ring_read(&w->reader, batch, max < 64 ? max : 64, &first);
    assert_false(w->reader.torn);
    assert_true(w->reader.position <= w->sim->written[0]);
    for (size_t i = 0; i < got; i++) {
        if (!sim_record_is(&batch[i], 0, first + i)) {
            fail_msg("position %llu: torn or wrong record", (unsigned long long)(first + i));
        }
    }
    if (got) {
        assert_true(first >= before);
        assert_int_equal(w->reader.position, first + got);
    }
    assert_int_equal(w->reader.position, w->reader.first + w->reader.kept + w->reader.lost);
    w->reads++;
}

static void maybe_read(void *context)
{
    watch_t *w = context;
    if (next_random(&w->random) % w->one_in == 0) {
        read_some(w, 1 + next_random(&w->random) % 64);
    }
}

/* The reader looks between the writer's stores, at random, more and less often than it wraps. */
static void interleave(bool mapped, uint64_t capacity, unsigned one_in)
{
    sim_t *sim = sim_new(NULL, 1, capacity);
    sim_source_t source = source_of(sim, mapped);
    watch_t w = {.sim = sim, .random = capacity * 31 + one_in, .one_in = one_in};
    u4_error_t err;
    assert_true(ring_open(&w.reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    for (uint64_t i = 0, count; i < 3000; i += count) {
        trace_record_t records[TRACE_BATCH_MAX];
        count = 1 + next_random(&w.random) % TRACE_BATCH_MAX;
        if (i % capacity + count >= capacity || i + count > 3000) {
            count = 1;
        }
        for (uint64_t n = 0; n < count; n++) {
            records[n] = sim_record(0, i + n);
        }
        sim_write_batch(sim, 0, records, count, maybe_read, &w);
    }
    /* The writer is still: everything can be had but what more records could overwrite. */
    for (unsigned i = 0; i < 100; i++) {
        read_some(&w, 64);
    }
    assert_int_equal(w.reader.position, 3000);
    assert_int_equal(w.reader.kept + w.reader.lost, 3000);
    if (one_in == 1) {
        assert_int_equal(w.reader.lost, 0);
    }
    if (one_in > 10 * capacity) {
        assert_true(w.reader.lost > 0);
    }
    sim_free(sim);
}

static void test_interleavings(void **state)
{
    (void)state;
    for (unsigned one_in = 1; one_in <= 1000; one_in = one_in * 3 + 1) {
        for (uint64_t capacity = 32; capacity <= 128; capacity *= 2) {
            interleave(true, capacity, one_in);
            interleave(false, capacity, one_in);
        }
    }
}

/* Between each two stores of a wrap, the number of published records is the one that a reader of
 * the protocol's comment expects. */
static void check_head(void *context)
{
    watch_t *w = context;
    uint64_t head;
    assert_true(ring_head(&w->reader, &head));
    if (head != w->published && head != w->published + 1) {
        fail_msg("head %llu, published %llu", (unsigned long long)head,
                 (unsigned long long)w->published);
    }
    assert_true(head >= w->next); /* never goes back */
    w->next = head;
}

static void test_wrap_transient(void **state)
{
    (void)state;
    sim_t *sim = sim_new(NULL, 1, 32);
    sim_source_t source = source_of(sim, true);
    watch_t w = {.sim = sim};
    u4_error_t err;
    assert_true(ring_open(&w.reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    for (uint64_t i = 0; i < 200; i++) {
        trace_record_t record = sim_record(0, i);
        w.published = i;
        sim_write(sim, 0, &record, check_head, &w);
        uint64_t head;
        assert_true(ring_head(&w.reader, &head));
        assert_int_equal(head, i + 1);
    }
    sim_free(sim);
}

typedef struct {
    sim_t *sim;
    uint64_t count;
    unsigned yield_every;
} writer_t;

static void *write_many(void *argument)
{
    writer_t *w = argument;
    for (uint64_t i = 0; i < w->count; i++) {
        trace_record_t record = sim_record(0, i);
        sim_write(w->sim, 0, &record, NULL, NULL);
        if (w->yield_every && i % w->yield_every == 0) {
            sched_yield();
        }
    }
    return NULL;
}

/* A writer on another thread, much faster than the reader: emitted = kept + lost, and every
 * record that is kept is whole. */
static void starve(uint64_t capacity, unsigned yield_every, unsigned idle)
{
    enum { COUNT = 400000 };
    sim_t *sim = sim_new(NULL, 1, capacity);
    sim_source_t source = source_of(sim, true);
    writer_t writer = {.sim = sim, .count = COUNT, .yield_every = yield_every};
    ring_reader_t reader;
    pthread_t thread;
    u4_error_t err;
    assert_true(ring_open(&reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    assert_int_equal(pthread_create(&thread, NULL, write_many, &writer), 0);
    uint64_t kept = 0, lost = 0, expected = 0;
    trace_record_t batch[256];
    while (reader.position < COUNT) {
        uint64_t first;
        size_t got = ring_read(&reader, batch, 256, &first);
        for (size_t i = 0; i < got; i++) {
            if (!sim_record_is(&batch[i], 0, first + i)) {
                fail_msg("position %llu: torn or wrong record", (unsigned long long)(first + i));
            }
        }
        if (got) {
            lost += first - expected;
            kept += got;
            expected = first + got;
        }
        for (volatile unsigned i = 0; i < idle; i++) {}
    }
    pthread_join(thread, NULL);
    assert_int_equal(reader.kept, kept);
    assert_int_equal(reader.lost, lost + (COUNT - expected));
    assert_int_equal(reader.kept + reader.lost, COUNT);
    sim_free(sim);
}

static void test_starved_reader(void **state)
{
    (void)state;
    starve(32, 0, 1000);
    starve(256, 0, 20000);
    starve(4096, 64, 0);
    starve(1 << 15, 16, 0);
}

static void test_late_attach(void **state)
{
    (void)state;
    sim_t *sim = sim_new(NULL, 1, 64);
    sim_source_t source = source_of(sim, true);
    ring_reader_t reader;
    u4_error_t err;
    for (uint64_t i = 0; i < 1000; i++) {
        trace_record_t record = sim_record(0, i);
        sim_write(sim, 0, &record, NULL, NULL);
    }
    assert_true(ring_open(&reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    assert_int_equal(reader.first, 1000 + TRACE_UNPUBLISHED_MAX - 64);
    trace_record_t batch[64];
    uint64_t first;
    assert_int_equal(ring_read(&reader, batch, 64, &first), 48);
    assert_int_equal(first, 952);
    assert_true(sim_record_is(&batch[0], 0, 952));
    assert_int_equal(reader.lost, 0);
    sim_free(sim);
}

/* Control blocks that make no sense are refused; later damage reads as nothing. */
static void test_hostile_rings(void **state)
{
    (void)state;
    sim_t *sim = sim_new(NULL, 1, 64);
    sim_source_t source = source_of(sim, true);
    trace_ring_t good = *sim->rings[0];
    ring_reader_t reader;
    u4_error_t err;
    const uint64_t capacities[] = {0, 1, 16, 63, 1ull << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
        sim->rings[0]->capacity = capacities[i];
        assert_false(ring_open(&reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    }
    *sim->rings[0] = good;
    sim->rings[0]->data_paddr = SIM_BASE + SIM_MEMORY - 64;
    assert_false(ring_open(&reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    assert_false(ring_open(&reader, &source.source, 0x1000, &err));
    *sim->rings[0] = good;
    assert_true(ring_open(&reader, &source.source, SIM_BASE + SIM_RINGS, &err));
    const uint64_t nexts[] = {good.base - 32, good.base + 7, good.end, 0, UINT64_MAX};
    for (size_t i = 0; i < sizeof(nexts) / sizeof(nexts[0]); i++) {
        trace_record_t batch[4];
        uint64_t first;
        sim->rings[0]->next = nexts[i];
        assert_int_equal(ring_read(&reader, batch, 4, &first), 0);
        assert_true(reader.torn);
    }
    sim_free(sim);
}

static void test_attach(void **state)
{
    (void)state;
    const char *ram = sim_path("ram"), *elf = sim_path("elf"), *image = sim_path("image");
    sim_t *sim = sim_new(ram, 2, 64);
    u4_error_t err = {""};
    assert_true(sim_write_kernel(elf, 0, "u4_trace_header", 0x5a));
    assert_true(sim_write_kernel(image, 4097, "u4_trace_header", 0x5a));
    source_t *source = source_open_ram(ram, SIM_BASE, true, &err);
    assert_non_null(source);
    const char *const kernels[] = {elf, image, NULL};
    for (size_t i = 0; i < 3; i++) {
        kernel_t *kernel = kernels[i] ? kernel_open(kernels[i], &err) : NULL;
        attach_t attach;
        assert_true(!kernels[i] || kernel);
        assert_int_equal(attach_open(&attach, source, kernel, NULL, &err), ATTACH_READY);
        assert_int_equal(attach.ring_count, 2);
        const uint64_t mask[TRACE_MASK_WORDS] = {1, 2, 3, 4};
        assert_true(attach_set_mask(&attach, mask, &err));
        assert_memory_equal(sim->rings[1]->mask, mask, sizeof(mask));
        attach_close(&attach);
        kernel_close(kernel);
    }
    source_close(source);
    sim_free(sim);
    sim_cleanup();
}

static attach_state_t try_attach(sim_t *sim, const kernel_t *kernel, u4_error_t *err)
{
    sim_source_t source = source_of(sim, true);
    attach_t attach;
    attach_state_t state = attach_open(&attach, &source.source, kernel, NULL, err);
    if (state == ATTACH_READY) {
        attach_close(&attach);
    }
    return state;
}

static void test_wrong_kernels(void **state)
{
    (void)state;
    const char *elf = sim_path("elf");
    sim_t *sim = sim_new(NULL, 1, 64);
    trace_header_t good = *sim->header;
    u4_error_t err = {""};
    assert_true(sim_write_kernel(elf, 0, "u4_trace_header", 0x5b));
    kernel_t *kernel = kernel_open(elf, &err);
    assert_non_null(kernel);
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_WRONG);
    assert_non_null(strstr(err.text, "another kernel"));
    kernel->build_id_length = 0;
    sim->header->schema_hash++;
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_WRONG);
    assert_non_null(strstr(err.text, "event table"));
    *sim->header = good;
    sim->header->version = 99;
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_WRONG);
    *sim->header = good;
    sim->header->harts = 77;
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_WRONG);
    *sim->header = good;
    sim->header->state = TRACE_STATE_OFF;
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_EARLY);
    sim->header->magic = 0;
    assert_int_equal(try_attach(sim, kernel, &err), ATTACH_EARLY);
    kernel_close(kernel);
    assert_true(sim_write_kernel(elf, 0, "something_else", 0));
    assert_null(kernel_open(elf, &err));
    assert_non_null(strstr(err.text, "no trace header"));
    sim_free(sim);
    sim_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interleavings),  cmocka_unit_test(test_wrap_transient),
        cmocka_unit_test(test_starved_reader), cmocka_unit_test(test_late_attach),
        cmocka_unit_test(test_hostile_rings),  cmocka_unit_test(test_attach),
        cmocka_unit_test(test_wrong_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
