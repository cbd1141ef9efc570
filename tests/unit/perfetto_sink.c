/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole Perfetto exporter in one process, so that the sanitizers see it: records of any kind
 * with any arguments, from several rings with gaps, threads that come and go, all ends that an
 * export can have. What it writes is judged elsewhere, by the trace processor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "exporters.h"

enum { RINGS = 3, BATCH = 64 };

typedef struct {
    char path[32];
    u4_error_t err;
    trace_info_t info;
    pipeline_t *pipeline;
    void *sink;
    uint32_t seed;
    uint64_t time, position[RINGS];
} fixture_t;

static uint32_t below(fixture_t *f, uint32_t n)
{
    f->seed = f->seed * 1664525u + 1013904223u;
    return (f->seed >> 8) % n;
}

static void begin(fixture_t *f, const char *options)
{
    memset(f, 0, sizeof(*f));
    snprintf(f->path, sizeof(f->path), "/tmp/u4-sink-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
    f->info.timebase_hz = 10000000;
    f->pipeline = pipeline_new(schema_builtin(), &f->info);
    f->sink = exporter_perfetto.open(f->path, options, &f->err);
    assert_non_null(f->sink);
    pipeline_add(f->pipeline, &exporter_perfetto.sink, f->sink, NULL);
}

static long finish(fixture_t *f)
{
    struct stat file;
    if (!pipeline_end(f->pipeline, &f->err)) {
        fail_msg("%s", f->err.text);
    }
    exporter_perfetto.close(f->sink);
    pipeline_free(f->pipeline);
    assert_int_equal(stat(f->path, &file), 0);
    unlink(f->path);
    return (long)file.st_size;
}

static uint32_t any_ref(fixture_t *f)
{
    switch (below(f, 4)) {
    case 0: return 0;
    case 1: return below(f, 64);
    case 2: return 0x80000000 + 0x400 * below(f, 40);
    default: return 0x90000000 + 0x10 * below(f, 200);
    }
}

static void push(fixture_t *f)
{
    trace_record_t records[BATCH];
    uint32_t ring = below(f, RINGS), n = 1 + below(f, BATCH);
    f->position[ring] += below(f, 50) == 0 ? below(f, 1000) : 0;
    for (uint32_t i = 0; i < n; i++) {
        f->time += below(f, 3);
        records[i] = (trace_record_t){.time = f->time,
                                      .event = (uint16_t)below(f, TRACE_MAX_EVENTS),
                                      .h = (uint16_t)(below(f, 65536) >> below(f, 16)),
                                      .thread = any_ref(f),
                                      .a = any_ref(f),
                                      .b = any_ref(f),
                                      .c = any_ref(f),
                                      .d = any_ref(f)};
    }
    assert_true(pipeline_push(f->pipeline, ring, f->position[ring], records, n, &f->err));
    f->position[ring] += n;
    if (below(f, 4) == 0) {
        assert_true(pipeline_round(f->pipeline, &f->err));
    }
    if (below(f, 20) == 0) {
        console_t console = {.text = "a line\nand a part", .length = 17, .guest_time = f->time};
        assert_true(pipeline_console(f->pipeline, &console, &f->err));
    }
}

static void test_nonsense(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 12; seed++) {
        fixture_t f;
        begin(&f, seed & 1 ? "compress" : seed & 2 ? "no-kernel" : NULL);
        f.seed = seed;
        pipeline_ring(f.pipeline, 2, seed & 4 ? UINT32_MAX : 2, 0x80000400); /* a program's ring */
        for (int i = 0; i < 400; i++) {
            push(&f);
        }
        assert_true(finish(&f) > 10000);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    fixture_t f;
    begin(&f, NULL);
    assert_true(finish(&f) > 0);
}

static void test_given_up(void **state)
{
    (void)state;
    fixture_t f;
    begin(&f, "compress");
    for (int i = 0; i < 50; i++) {
        push(&f);
    }
    exporter_perfetto.close(f.sink);
    pipeline_free(f.pipeline);
    unlink(f.path);
    begin(&f, NULL); /* before the first event */
    exporter_perfetto.close(f.sink);
    pipeline_free(f.pipeline);
    unlink(f.path);
}

static void test_cannot_open(void **state)
{
    (void)state;
    u4_error_t err;
    assert_null(exporter_perfetto.open("/nonexistent/x", NULL, &err));
    assert_non_null(strstr(err.text, "/nonexistent/x"));
    assert_null(exporter_perfetto.open("/tmp/x", "compress,nonsense", &err));
    assert_non_null(strstr(err.text, "'nonsense'"));
}

static void test_cannot_write(void **state)
{
    (void)state;
    fixture_t f;
    begin(&f, NULL);
    exporter_perfetto.close(f.sink);
    pipeline_free(f.pipeline);
    unlink(f.path);
    f.pipeline = pipeline_new(schema_builtin(), &f.info);
    f.sink = exporter_perfetto.open("/dev/full", NULL, &f.err);
    pipeline_add(f.pipeline, &exporter_perfetto.sink, f.sink, NULL);
    assert_false(pipeline_end(f.pipeline, &f.err));
    assert_non_null(strstr(f.err.text, "/dev/full"));
    exporter_perfetto.close(f.sink);
    pipeline_free(f.pipeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nonsense),     cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_given_up),     cmocka_unit_test(test_cannot_open),
        cmocka_unit_test(test_cannot_write),
    };
    return cmocka_run_group_tests_name("perfetto sink", tests, NULL, NULL);
}
