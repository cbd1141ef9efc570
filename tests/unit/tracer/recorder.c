/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a writer's stores to the statistics: a guest that writes on several harts while it is
 * recorded, with rings large enough and far too small. What is emitted is what is kept and what
 * is lost, in the recorder, in the file, and in the model.
 */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "sim.h"
#include "u4trace/recorder.h"
#include "u4trace/stats.h"

enum { HARTS = 3 };

typedef struct {
    sim_t *sim;
    unsigned hart;
    uint64_t count;
    unsigned burst; /* records between naps */
} writer_t;

static void nap(long ns)
{
    struct timespec t = {.tv_nsec = ns};
    nanosleep(&t, NULL);
}

static void *write_hart(void *argument)
{
    const writer_t *w = argument;
    for (uint64_t i = 0; i < w->count; i++) {
        trace_record_t record = sim_record(w->hart, i);
        sim_write(w->sim, w->hart, &record, NULL, NULL);
        if (i % w->burst == w->burst - 1) {
            nap(200000);
        }
    }
    return NULL;
}

typedef struct {
    uint64_t events, last[HARTS];
    uint64_t time;
    bool wrong;
} check_t;

static bool check_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    check_t *check = self;
    (void)model;
    (void)err;
    check->events++;
    check->wrong |= !sim_record_is(event->record, event->ring, event->position);
    return true;
}

static const sink_ops_t check_sink = {.name = "check", .event = check_event};

static void check_file(const char *path, const recorder_totals_t *totals, uint64_t count)
{
    u4_error_t err;
    u4t_reader_t *reader = u4t_open(path, &err);
    assert_non_null(reader);
    pipeline_t *pipeline = pipeline_new(u4t_schema(reader), u4t_info(reader));
    check_t check = {0};
    stats_t *stats = stats_new();
    pipeline_add(pipeline, &check_sink, &check, NULL);
    pipeline_add(pipeline, &stats_sink, stats, NULL);
    if (!pipeline_run_file(pipeline, reader, &err)) {
        fail_msg("%s", err.text);
    }
    const model_t *model = pipeline_model(pipeline);
    assert_false(check.wrong);
    assert_int_equal(check.events, totals->events);
    assert_int_equal(stats->events, totals->events);
    assert_int_equal(model->lost, totals->lost);
    for (unsigned i = 0; i < HARTS; i++) {
        const ring_account_t *ring = &model->rings[i];
        assert_int_equal(ring->skipped, 0);
        assert_int_equal(ring->kept + ring->lost, count);
        assert_int_equal(u4t_emitted(reader, i), count);
    }
    stats_free(stats);
    pipeline_free(pipeline);
    u4t_close(reader);
}

static void record(uint64_t capacity, uint64_t count, unsigned burst, int level, bool may_lose)
{
    const char *path = sim_path("recorded.u4t"), *ram = sim_path("ram");
    sim_t *sim = sim_new(ram, HARTS, capacity);
    trace_info_t info = {.timebase_hz = 10000000, .harts = HARTS, .status = -1};
    pthread_t threads[HARTS];
    writer_t writers[HARTS];
    attach_t attach;
    u4_error_t err = {""};
    source_t *source = source_open_ram(ram, SIM_BASE, true, &err);
    assert_int_equal(attach_open(&attach, source, NULL, NULL, &err), ATTACH_READY);
    u4t_writer_t *file = u4t_create(path, &info, attach.schema, level, &err);
    assert_non_null(file);
    recorder_t *recorder = recorder_start(&attach, file, true, &err);
    assert_non_null(recorder);
    recorder_console(recorder, "booting\n", 8);
    for (unsigned i = 0; i < HARTS; i++) {
        writers[i] = (writer_t){.sim = sim, .hart = i, .count = count, .burst = burst};
        assert_int_equal(pthread_create(&threads[i], NULL, write_hart, &writers[i]), 0);
    }
    for (unsigned i = 0; i < HARTS; i++) {
        pthread_join(threads[i], NULL);
    }
    recorder_totals_t totals;
    uint64_t emitted[ATTACH_MAX_RINGS];
    if (!recorder_stop(recorder, &totals, emitted, &err) ||
        !u4t_finish(file, &info, emitted, attach.ring_count, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(totals.events + totals.lost, HARTS * count);
    assert_int_equal(emitted[HARTS - 1], count);
    if (!may_lose) {
        assert_int_equal(totals.lost, 0);
    }
    check_file(path, &totals, count);
    attach_close(&attach);
    source_close(source);
    sim_free(sim);
    sim_cleanup();
}

static void test_enough_room(void **state)
{
    (void)state;
    record(1 << 15, 30000, 1000, 0, false);
    record(1 << 15, 30000, 1000, 1, false);
}

static void test_starved(void **state)
{
    (void)state;
    record(32, 50000, 50000, 0, true);
    record(256, 100000, 5000, 0, true);
}

static void test_disk_full(void **state)
{
    (void)state;
    const char *ram = sim_path("ram"), *path = sim_path("full.u4t");
    sim_t *sim = sim_new(ram, 1, 1 << 12);
    trace_info_t info = {.timebase_hz = 10000000, .harts = 1, .status = -1};
    attach_t attach;
    u4_error_t err = {""};
    source_t *source = source_open_ram(ram, SIM_BASE, true, &err);
    assert_int_equal(attach_open(&attach, source, NULL, NULL, &err), ATTACH_READY);
    u4t_writer_t *file = u4t_create(path, &info, attach.schema, 0, &err);
    assert_non_null(file);
    /* No more room after 64 KiB. */
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){.rlim_cur = 64 << 10, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    recorder_t *recorder = recorder_start(&attach, file, true, &err);
    writer_t writer = {.sim = sim, .hart = 0, .count = 100000, .burst = 1000};
    write_hart(&writer);
    recorder_totals_t totals;
    uint64_t emitted[ATTACH_MAX_RINGS];
    assert_false(recorder_stop(recorder, &totals, emitted, &err));
    assert_non_null(strstr(err.text, "File too large"));
    assert_false(u4t_finish(file, &info, emitted, 1, &err));
    setrlimit(RLIMIT_FSIZE, &old);
    /* What was written whole can be read, and nothing looks damaged. */
    u4t_reader_t *reader = u4t_open(path, &err);
    u4t_item_t item;
    u4t_status_t status;
    assert_non_null(reader);
    while ((status = u4t_next(reader, &item, &err)) == U4T_ITEM) {}
    assert_int_equal(status, U4T_CUT);
    u4t_close(reader);
    attach_close(&attach);
    source_close(source);
    sim_free(sim);
    sim_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enough_room),
        cmocka_unit_test(test_starved),
        cmocka_unit_test(test_disk_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
