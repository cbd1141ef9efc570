/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several recordings as one: whatever of a run any of them has is in the result, once, in order,
 * and what none has is counted as lost.
 */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "sim.h"
#include "u4trace/join.h"

enum { RINGS = 3, LENGTH = 20000, FILES = 4, USER = 2, OWNER = 0x80400 };

/* The run's record of a ring: rings tick at different paces, so that their pieces interleave. */
static trace_record_t record_of(unsigned ring, uint64_t position)
{
    trace_record_t record = sim_record(ring, position);
    record.time = 1000 + position * (ring + 2) + ring;
    return record;
}

static uint32_t hart_of(unsigned ring)
{
    return ring == USER ? UINT32_MAX : ring;
}

static uint32_t owner_of(unsigned ring)
{
    return ring == USER ? OWNER : 0;
}

typedef struct {
    char path[FILES][256];
    bool kept[RINGS][LENGTH]; /* by any file */
    uint64_t random;
} run_t;

static uint64_t pick(run_t *run, uint64_t most)
{
    return (uint64_t)next_random(&run->random) % most;
}

/* Writes what lies in [from, until) of the positions, in rounds, with parts of it lost. */
static void write_file(run_t *run, unsigned number, uint64_t from, uint64_t until, bool ended)
{
    trace_info_t info = {.timebase_hz = 10000000, .harts = 2, .status = -1};
    u4_error_t err;
    static trace_record_t records[LENGTH];
    uint64_t at[RINGS], emitted[RINGS];
    u4t_writer_t *writer = u4t_create(run->path[number], &info, schema_builtin(), 0, &err);
    assert_non_null(writer);
    bool more = true;
    for (unsigned ring = 0; ring < RINGS; ring++) {
        at[ring] = from;
        emitted[ring] = until;
    }
    while (more) {
        more = false;
        for (unsigned ring = 0; ring < RINGS; ring++) {
            uint64_t count = 1 + pick(run, 900), lost = pick(run, 8) ? 0 : pick(run, 500);
            at[ring] = at[ring] + lost < until ? at[ring] + lost : until;
            count = count < until - at[ring] ? count : until - at[ring];
            for (uint64_t i = 0; i < count; i++) {
                records[i] = record_of(ring, at[ring] + i);
                run->kept[ring][at[ring] + i] = true;
            }
            assert_true(count == 0 || u4t_write_records(writer, ring, hart_of(ring), owner_of(ring),
                                                        at[ring], records, count, &err));
            at[ring] += count;
            more |= at[ring] < until;
        }
        assert_true(u4t_write_round(writer, &err));
    }
    assert_true(u4t_finish(writer, &info, ended ? emitted : NULL, RINGS, &err));
}

typedef struct {
    const run_t *run;
    uint64_t next[RINGS];
    uint64_t seen, wrong;
    uint64_t time;
} check_t;

static bool on_event(void *self, const model_t *model, const event_t *event, u4_error_t *err)
{
    check_t *check = self;
    trace_record_t expected = record_of(event->ring, event->position);
    (void)model;
    (void)err;
    check->wrong += memcmp(&expected, event->record, sizeof(expected)) != 0 ||
                    event->time < check->time || event->position < check->next[event->ring] ||
                    !check->run->kept[event->ring][event->position];
    check->next[event->ring] = event->position + 1;
    check->time = event->time;
    check->seen++;
    return true;
}

static const sink_ops_t check_sink = {.name = "check", .event = on_event};

static void check_output(const run_t *run, const char *path, const join_totals_t *totals)
{
    u4_error_t err;
    uint64_t kept = 0;
    for (unsigned ring = 0; ring < RINGS; ring++) {
        for (unsigned i = 0; i < LENGTH; i++) {
            kept += run->kept[ring][i];
        }
    }
    u4t_reader_t *reader = u4t_open(path, &err);
    assert_non_null(reader);
    pipeline_t *pipeline = pipeline_new(u4t_schema(reader), u4t_info(reader));
    check_t check = {.run = run};
    pipeline_add(pipeline, &check_sink, &check, NULL);
    assert_true(pipeline_run_file(pipeline, reader, &err));
    assert_int_equal(check.wrong, 0);
    assert_int_equal(check.seen, kept);
    assert_int_equal(totals->records, kept);
    assert_int_equal(pipeline_model(pipeline)->lost, totals->lost);
    assert_int_equal(pipeline_late(pipeline), 0);
    pipeline_free(pipeline);
    u4t_close(reader);
}

static void begin_run(run_t *run, uint64_t seed)
{
    *run = (run_t){.random = seed};
    for (unsigned i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "part%u", i);
        snprintf(run->path[i], sizeof(run->path[i]), "%s", sim_path(name));
    }
}

static void join_all(const run_t *run, unsigned files, join_totals_t *totals)
{
    char *paths[FILES];
    u4_error_t err = {""};
    for (unsigned i = 0; i < files; i++) {
        paths[i] = (char *)run->path[(i + 1) % files]; /* in any order */
    }
    if (!join_files(paths, files, sim_path("joined"), 0, totals, &err)) {
        fail_msg("%s", err.text);
    }
}

static void test_overlapping(void **state)
{
    (void)state;
    static run_t run;
    for (uint64_t seed = 1; seed < 12; seed++) {
        join_totals_t totals;
        begin_run(&run, seed);
        for (unsigned i = 0; i < FILES; i++) {
            uint64_t from = pick(&run, LENGTH - 1);
            write_file(&run, i, from, from + 1 + pick(&run, LENGTH - from), seed % 2);
        }
        join_all(&run, FILES, &totals);
        check_output(&run, sim_path("joined"), &totals);
    }
    sim_cleanup();
}

/* Twice the same is the same; and one that was cut short is completed by another. */
static void test_same_and_cut(void **state)
{
    (void)state;
    static run_t run;
    join_totals_t totals;
    begin_run(&run, 99);
    write_file(&run, 0, 0, LENGTH, true);
    write_file(&run, 1, 0, LENGTH, true);
    FILE *file = fopen(run.path[0], "r+");
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    assert_int_equal(ftruncate(fileno(file), ftell(file) / 2 + 3), 0);
    fclose(file);
    join_all(&run, 2, &totals);
    assert_true(totals.twice > 0);
    sim_cleanup();
}

/* A recording of ring 0 alone, in one piece. */
static void write_whole(const char *path, const trace_record_t *records)
{
    trace_info_t info = {.timebase_hz = 10000000, .harts = 2, .status = -1};
    u4_error_t err;
    u4t_writer_t *writer = u4t_create(path, &info, schema_builtin(), 0, &err);
    assert_true(u4t_write_records(writer, 0, 0, 0, 0, records, LENGTH, &err));
    assert_true(u4t_finish(writer, &info, NULL, 0, &err));
}

static void test_different_runs(void **state)
{
    (void)state;
    static run_t run;
    static trace_record_t records[LENGTH];
    join_totals_t totals;
    u4_error_t err = {""};
    begin_run(&run, 5);
    write_file(&run, 0, 0, LENGTH, true);
    char *paths[] = {run.path[0], run.path[1]};
    for (unsigned i = 0; i < LENGTH; i++) { /* the same times, other contents */
        records[i] = record_of(0, i);
        records[i].ab ^= 1;
    }
    write_whole(run.path[1], records);
    assert_false(join_files(paths, 2, sim_path("joined"), 0, &totals, &err));
    assert_non_null(strstr(err.text, "is another one than in the recordings before"));
    write_file(&run, 0, 1000, LENGTH, true);
    for (unsigned i = 0; i < LENGTH; i++) { /* other times */
        records[i].time = 5 * LENGTH;
    }
    write_whole(run.path[1], records);
    assert_false(join_files(paths, 2, sim_path("joined"), 0, &totals, &err));
    assert_non_null(strstr(err.text, "do not go with those of the other"));
    sim_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlapping),
        cmocka_unit_test(test_same_and_cut),
        cmocka_unit_test(test_different_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
