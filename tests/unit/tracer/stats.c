/* SPDX-License-Identifier: BSD-2-Clause */
/* Histograms, and the sums that u4 stat prints. */
#include "unit.h"

#include "sim.h"
#include "u4trace/histogram.h"
#include "trace/ids.h"
#include "u4trace/stats.h"

enum { A = 0x80001000, B = 0x80002000, EP = 0x80010000, NTFN = 0x80020000 };

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Percentiles against a sorted list of the same values. */
static void test_percentiles(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static uint64_t values[COUNT];
    for (uint64_t seed = 1; seed < 8; seed++) {
        histogram_t *h = calloc(1, sizeof(*h));
        uint64_t random = seed, sum = 0;
        for (size_t i = 0; i < COUNT; i++) {
            values[i] = (uint64_t)next_random(&random) >> (next_random(&random) % 31);
            sum += values[i];
            histogram_add(h, values[i]);
        }
        qsort(values, COUNT, sizeof(values[0]), by_value);
        assert_int_equal(h->count, COUNT);
        assert_int_equal(h->sum, sum);
        assert_int_equal(h->min, values[0]);
        assert_int_equal(h->max, values[COUNT - 1]);
        for (unsigned p = 1; p <= 100; p++) {
            uint64_t exact = values[(size_t)(p / 100.0 * COUNT + 0.5) - 1];
            uint64_t got = histogram_percentile(h, p);
            assert_true(got >= exact);
            assert_true(got <= exact + exact / 15);
        }
        free(h);
    }
}

static void test_extremes(void **state)
{
    (void)state;
    histogram_t *h = calloc(1, sizeof(*h));
    assert_int_equal(histogram_percentile(h, 50), 0);
    assert_int_equal(histogram_mean(h), 0);
    histogram_add(h, UINT64_MAX);
    histogram_add(h, 0);
    assert_int_equal(histogram_percentile(h, 1), 0);
    assert_int_equal(histogram_percentile(h, 100), UINT64_MAX);
    free(h);
}

typedef struct {
    pipeline_t *pipeline;
    stats_t *stats;
    uint64_t position;
} world_t;

static void play(world_t *w, trace_record_t record)
{
    u4_error_t err;
    assert_true(pipeline_push(w->pipeline, 0, w->position++, &record, 1, &err));
    assert_true(pipeline_round(w->pipeline, &err));
}

static world_t begin_world(const trace_info_t *info)
{
    world_t w = {.pipeline = pipeline_new(schema_builtin(), info), .stats = stats_new()};
    pipeline_add(w.pipeline, &stats_sink, w.stats, NULL);
    return w;
}

static void end_world(world_t *w)
{
    stats_free(w->stats);
    pipeline_free(w->pipeline);
}

#define PLAY(...) play(&w, SIM_EVENT(__VA_ARGS__))

static void test_sums(void **state)
{
    (void)state;
    trace_info_t info = {.timebase_hz = 10000000, .harts = 1};
    world_t w = begin_world(&info);
    u4_error_t err;
    for (uint64_t t = 0; t < 10 * 1000; t += 1000) {
        PLAY("kernel.entry", t + 100, A, {"call", TRACE_SYSCALL_CALL}, );
        PLAY("ipc.transfer", t + 110, A, {"kind", TRACE_IPC_KIND_CALL}, {"peer", B},
             {"endpoint", EP}, );
        PLAY("sched.switch", t + 120, A, {"next", B}, {"reason", TRACE_SWITCH_REASON_BLOCKED}, );
        PLAY("kernel.exit", t + 125, B, {"path", t < 3000 ? TRACE_EXIT_PATH_FAST : 0},
             {"why", t < 3000 ? 0 : TRACE_SLOW_REASON_LENGTH}, );
        PLAY("ntfn.signal", t + 130, B, {"ntfn", NTFN}, {"badge", 1},
             {"outcome", TRACE_SIGNAL_OUTCOME_STORED}, );
        PLAY("ntfn.receive", t + 150, B, {"ntfn", NTFN}, {"badge", 1}, );
        PLAY("invoke.result", t + 160, B, {"label", 1}, {"type", TRACE_CAPTYPE_UNTYPED},
             {"error", t == 0 ? 3 : 0}, {"reason", t == 0 ? 1 : 0}, );
        PLAY("ipc.transfer", t + 200, B, {"kind", TRACE_IPC_KIND_REPLY}, {"peer", A}, );
        PLAY("sched.switch", t + 240, B, {"next", A}, {"reason", TRACE_SWITCH_REASON_BLOCKED}, );
    }
    assert_true(pipeline_end(w.pipeline, &err));
    const stats_latency_t *calls = &w.stats->kinds[TRACE_IPC_KIND_CALL];
    assert_int_equal(calls->count, 10);
    assert_int_equal(calls->total.count, 10);
    assert_int_equal(calls->total.max, 14000); /* 140 ticks of 100 ns */
    assert_int_equal(calls->total.min, 14000);
    assert_int_equal(calls->wait.max, 1000);
    assert_int_equal(calls->run.max, 9000);
    assert_int_equal(calls->reply.max, 4000);
    assert_int_equal(calls->fast, 3);
    assert_int_equal(calls->slow[TRACE_SLOW_REASON_LENGTH], 7);
    assert_int_equal(w.stats->kinds[TRACE_IPC_KIND_REPLY].count, 10);
    assert_int_equal(w.stats->endpoint_count, 1);
    assert_int_equal(w.stats->endpoints[0]->latency.count, 10);
    assert_int_equal(w.stats->pair_count, 1);
    assert_int_equal(w.stats->pairs[0]->latency.total.count, 10);
    assert_int_equal(w.stats->endpoints[0]->latency.fast, 3);
    assert_int_equal(w.stats->pairs[0]->latency.slow_sum, 7);
    assert_int_equal(w.stats->ntfns[0]->signals, 10);
    assert_int_equal(w.stats->ntfns[0]->received, 10);
    assert_int_equal(w.stats->ntfns[0]->latency.max, 2000);
    assert_int_equal(w.stats->syscalls[TRACE_SYSCALL_CALL]->count, 10);
    assert_int_equal(w.stats->syscalls[TRACE_SYSCALL_CALL]->kernel.max, 2500);
    assert_int_equal(w.stats->fast_exits, 3);
    assert_int_equal(w.stats->slow_exits[TRACE_SLOW_REASON_LENGTH], 7);
    assert_int_equal(w.stats->invocation_count, 2);
    assert_int_equal(w.stats->invocations[0].count, 9);
    assert_int_equal(w.stats->invocations[1].error, 3);
    assert_int_equal(w.stats->thread_count, 2);
    uint64_t running = 0;
    for (size_t i = 0; i < 2; i++) {
        running += w.stats->threads[i].time_in[THREAD_RUNNING];
    }
    assert_int_equal(running, (9240 - 100) * 100); /* someone runs all the time */
    end_world(&w);
}

/* A send that waits for its receiver: the pair learns by which path it was begun. */
static void test_path_of_waiting_send(void **state)
{
    (void)state;
    trace_info_t info = {.timebase_hz = 10000000, .harts = 1};
    world_t w = begin_world(&info);
    u4_error_t err;
    PLAY("kernel.entry", 100, A, {"call", TRACE_SYSCALL_SEND}, );
    PLAY("ipc.block", 110, A, {"why", TRACE_BLOCK_KIND_SEND}, {"object", EP}, );
    PLAY("sched.switch", 120, A, {"next", B}, {"reason", TRACE_SWITCH_REASON_BLOCKED}, );
    PLAY("kernel.exit", 130, B, {"why", TRACE_SLOW_REASON_NO_RECEIVER}, );
    PLAY("kernel.entry", 200, B, {"call", TRACE_SYSCALL_RECV}, );
    PLAY("ipc.transfer", 210, B, {"kind", TRACE_IPC_KIND_SEND}, {"peer", A}, {"endpoint", EP},
         {"side", TRACE_IPC_SIDE_RECEIVER}, );
    PLAY("kernel.exit", 220, B, {"why", TRACE_SLOW_REASON_NOT_ELIGIBLE}, );
    assert_true(pipeline_end(w.pipeline, &err));
    assert_int_equal(w.stats->pair_count, 1);
    const stats_latency_t *rows[] = {&w.stats->pairs[0]->latency, &w.stats->endpoints[0]->latency,
                                     &w.stats->kinds[TRACE_IPC_KIND_SEND]};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rows[i]->slow[TRACE_SLOW_REASON_NO_RECEIVER], 1);
        assert_int_equal(rows[i]->slow_sum + rows[i]->fast, 1);
    }
    end_world(&w);
}

/* One capability every 100 us for a second, each second one is moved, and all are deleted. */
static void test_capabilities(void **state)
{
    (void)state;
    enum { COUNT = 10000, SLOTS = 0x80100000, MOVED = 0x80200000 };
    trace_info_t info = {.timebase_hz = 10000000, .harts = 1};
    world_t w = begin_world(&info);
    u4_error_t err;
    uint64_t t = 0;
    PLAY("thread.configure", t, A, {"thread", A}, {"vspace", 0x80300000}, );
    for (unsigned i = 0; i < COUNT; i++) {
        PLAY("cap.make", t += 1000, A, {"op", TRACE_CAP_OP_COPY}, {"type", TRACE_CAPTYPE_FRAME},
             {"slot", SLOTS + 32 * i}, );
        if (i % 2) {
            PLAY("cap.make", t, A, {"op", TRACE_CAP_OP_MOVE}, {"type", TRACE_CAPTYPE_FRAME},
                 {"slot", MOVED + 32 * i}, {"parent", SLOTS + 32 * i}, );
        }
    }
    for (unsigned i = 0; i < COUNT; i++) { /* another process does it */
        PLAY("cap.delete", t, B, {"type", TRACE_CAPTYPE_FRAME},
             {"slot", (i % 2 ? MOVED : SLOTS) + 32 * i}, );
    }
    PLAY("cap.delete", t, B, {"type", TRACE_CAPTYPE_FRAME}, {"slot", 0x80400000}, );
    assert_true(pipeline_end(w.pipeline, &err));
    assert_int_equal(w.stats->caps_count, 2);
    assert_int_equal(w.stats->caps_moved, COUNT / 2);
    const stats_caps_t *mine = w.stats->caps[0], *other = w.stats->caps[1];
    assert_int_equal(mine->made, COUNT);
    assert_int_equal(mine->deleted, COUNT);
    assert_int_equal(mine->held, 0);
    assert_int_equal(mine->peak, COUNT);
    assert_int_equal(other->held, -1); /* was there before */
    assert_in_range(w.stats->spans, STATS_SPANS / 2, STATS_SPANS);
    for (unsigned i = 0; i + 1 < w.stats->spans; i++) { /* one each 100 us */
        assert_int_equal(mine->held_at[i], (i + 1) * w.stats->span_ns / 100000);
    }
    end_world(&w);
}

static void test_async(void **state)
{
    (void)state;
    trace_info_t info = {.timebase_hz = 10000000, .harts = 1};
    world_t w = begin_world(&info);
    u4_error_t err;
    PLAY("async.ring", 10, A, {"thread", A}, {"lines", 64}, );
    for (unsigned i = 0; i < 5; i++) {
        PLAY("async.pickup", 100 * i + 20, A, {"thread", A}, {"queued", 5 - i}, {"token", i}, );
        PLAY("async.complete", 100 * i + 70, A, {"thread", A}, {"token", i}, {"error", i == 3}, );
    }
    PLAY("async.ring", 1000, A, {"thread", A}, {"lines", 0}, );
    assert_true(pipeline_end(w.pipeline, &err));
    assert_int_equal(w.stats->async_count, 1);
    const stats_async_t *row = w.stats->async[0];
    assert_int_equal(row->rings, 1);
    assert_int_equal(row->broken, 1);
    assert_int_equal(row->taken, 5);
    assert_int_equal(row->answered, 5);
    assert_int_equal(row->failed, 1);
    assert_int_equal(row->deepest, 5);
    assert_int_equal(row->latency.max, 5000);
    assert_int_equal(row->latency.min, 5000);
    end_world(&w);
}

/* A client of SC lends it to a server that has no time, and gets it back. */
static void test_time(void **state)
{
    (void)state;
    enum { CLIENT = 0x80001000, SERVER = 0x80002000, SC = 0x80030000 };
    const trace_record_t records[] = {
        SIM_EVENT("sched.sc_configure", 0, CLIENT, {"sc", SC}, {"budget", 1000},
                  {"period", 10000}, ),
        SIM_EVENT("thread.create", 1, CLIENT, {"thread", SERVER}, ),
        SIM_EVENT("sched.sc_bind", 2, CLIENT, {"bound", 1}, {"sc", SC}, {"object", CLIENT}, ),
        SIM_EVENT("sched.switch", 1000, SERVER, {"next", CLIENT}, ),
        SIM_EVENT("sched.sc_donate", 3000, CLIENT, {"sc", SC}, {"from", CLIENT}, {"to", SERVER}, ),
        SIM_EVENT("sched.switch", 3000, CLIENT, {"next", SERVER}, ),
        SIM_EVENT("sched.sc_donate", 4000, SERVER, {"sc", SC}, {"from", SERVER}, {"to", CLIENT}, ),
        SIM_EVENT("sched.switch", 4000, SERVER, {"next", CLIENT}, ),
        SIM_EVENT("sched.sc_charge", 5000, CLIENT, {"over", 1}, {"sc", SC}, {"used", 4000}, ),
        SIM_EVENT("sched.sc_postpone", 5000, CLIENT, {"sc", SC}, {"thread", CLIENT},
                  {"until", 9000}, ),
        SIM_EVENT("sched.switch", 5000, CLIENT, {"next", 0x80003000}, ),
        SIM_EVENT("sched.sc_release", 9000, 0x80003000, {"sc", SC}, {"thread", CLIENT}, ),
    };
    stats_t *stats = stats_new();
    model_t *model = model_new(schema_builtin(), 10000000, 0);
    u4_error_t err;
    assert_true(stats_sink.begin(stats, model, NULL, &err));
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        trace_record_t record = records[i];
        event_t event;
        model_record(model, 0, i, &record, &event);
        assert_true(stats_sink.event(stats, model, &event, &err));
    }
    assert_true(stats_sink.end(stats, model, NULL, &err));
    assert_int_equal(stats->time_count, 1);
    const stats_time_t *row = stats->time[0];
    assert_int_equal(row->budget_us, 1000);
    assert_int_equal(row->charged, 400000);
    assert_int_equal(row->used, 400000);
    assert_int_equal(row->turns, 1);
    assert_int_equal(row->postponed, 1);
    assert_int_equal(row->waited, 400000);
    assert_int_equal(row->spender_count, 2);
    assert_int_equal(row->spenders[0].ns, 300000);
    assert_int_equal(row->spenders[0].uid, row->owner_uid);
    assert_int_equal(row->spenders[1].ns, 100000);
    stats_free(stats);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles),  cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_sums),         cmocka_unit_test(test_path_of_waiting_send),
        cmocka_unit_test(test_capabilities), cmocka_unit_test(test_async),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
