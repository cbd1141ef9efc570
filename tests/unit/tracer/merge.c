/* SPDX-License-Identifier: BSD-2-Clause */
/* Many rings to one stream. */
#include "unit.h"

#include "causal.h"
#include "sim.h"
#include "u4trace/merge.h"

enum { RINGS = 5, RECORDS = 2000 };

static trace_record_t record_at(uint64_t time, uint32_t ring, uint64_t position)
{
    return (trace_record_t){.time = time, .h = (uint16_t)ring, .cd = position};
}

typedef struct {
    uint64_t next[RINGS], lost[RINGS], kept[RINGS];
    uint64_t time;
    uint32_t ring;
} seen_t;

static void take(merge_t *merge, seen_t *seen, bool ordered)
{
    merge_run_t run;
    while (merge_next(merge, &run)) {
        assert_true(run.ring < RINGS);
        assert_int_equal(run.position - run.lost, seen->next[run.ring]);
        seen->lost[run.ring] += run.lost;
        for (size_t i = 0; i < run.count; i++) {
            assert_int_equal(run.records[i].cd, run.position + i);
            assert_int_equal(run.records[i].h, run.ring);
            if (ordered) {
                uint64_t time = run.records[i].time;
                assert_true(time > seen->time || (time == seen->time && run.ring >= seen->ring));
                seen->time = time;
                seen->ring = run.ring;
            }
        }
        seen->kept[run.ring] += run.count;
        seen->next[run.ring] = run.position + run.count;
    }
}

/*
 * A random history on several rings, cut into rounds as a reader would: each round brings all
 * that was published before it, and for some rings a bit of what came while it went on.
 */
static void random_history(uint64_t seed, unsigned loss_in)
{
    uint64_t random = seed, time[RINGS] = {0}, position[RINGS] = {0}, made[RINGS] = {0}, now = 0;
    uint64_t emitted[RINGS] = {0};
    seen_t seen = {.next = {0}};
    merge_t *merge = merge_new();
    for (uint32_t r = 0; r < RINGS; r++) {
        assert_true(merge_push(merge, r, 0, NULL, 0));
    }
    while (now < RECORDS) {
        uint64_t begin = now + next_random(&random) % 50, newest = begin;
        for (uint32_t r = 0; r < RINGS; r++) {
            trace_record_t batch[256];
            size_t count = 0;
            /* Everything up to `begin`, and perhaps some more. */
            uint64_t until = begin + next_random(&random) % 20;
            while (time[r] <= until && count < 256) {
                batch[count] = record_at(time[r], r, position[r] + count);
                count++;
                time[r] += next_random(&random) % 4;
            }
            newest = until > newest ? until : newest;
            made[r] += count;
            if (loss_in && next_random(&random) % loss_in == 0) {
                position[r] += count; /* overwritten before they were read */
            } else {
                assert_true(merge_push(merge, r, position[r], batch, count));
                position[r] += count;
            }
            emitted[r] = position[r];
        }
        now = newest;
        merge_round(merge);
        take(merge, &seen, true);
    }
    for (uint32_t r = 0; r < RINGS; r++) {
        assert_true(merge_push(merge, r, emitted[r], NULL, 0));
    }
    merge_finish(merge);
    take(merge, &seen, true);
    for (uint32_t r = 0; r < RINGS; r++) {
        assert_int_equal(seen.kept[r] + seen.lost[r], made[r]);
        assert_int_equal(seen.next[r], emitted[r]);
    }
    assert_int_equal(merge_late(merge), 0);
    merge_free(merge);
}

static void test_random_histories(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_history(seed, 0);
        random_history(seed, 3);
    }
}

/* A record that was published late comes out late, and is counted. */
static void test_late(void **state)
{
    (void)state;
    merge_t *merge = merge_new();
    seen_t seen = {.next = {0}};
    trace_record_t a = record_at(10, 0, 0), b = record_at(20, 1, 0), c = record_at(30, 1, 1),
                   d = record_at(40, 1, 2), late = record_at(15, 0, 1);
    assert_true(merge_push(merge, 0, 0, &a, 1));
    assert_true(merge_push(merge, 1, 0, &b, 1));
    merge_round(merge);
    take(merge, &seen, false);
    assert_int_equal(seen.kept[0] + seen.kept[1], 0); /* a second round might bring older ones */
    assert_true(merge_push(merge, 1, 1, &c, 1));
    merge_round(merge);
    take(merge, &seen, false);
    assert_int_equal(seen.kept[0] + seen.kept[1], 1); /* another one of time 20 might come */
    assert_true(merge_push(merge, 1, 2, &d, 1));
    merge_round(merge);
    take(merge, &seen, false);
    assert_int_equal(seen.kept[0] + seen.kept[1], 2);
    assert_true(merge_push(merge, 0, 1, &late, 1));
    merge_round(merge);
    take(merge, &seen, false);
    assert_int_equal(merge_late(merge), 1);
    merge_finish(merge);
    take(merge, &seen, false);
    assert_int_equal(seen.kept[0] + seen.kept[1], 5);
    merge_free(merge);
}

static void test_single_ring_at_once(void **state)
{
    (void)state;
    merge_t *merge = merge_new();
    seen_t seen = {.next = {0}};
    trace_record_t a = record_at(10, 0, 0);
    assert_true(merge_push(merge, 0, 0, &a, 1));
    merge_round(merge);
    take(merge, &seen, true);
    assert_int_equal(seen.kept[0], 1);
    merge_free(merge);
}

static void test_bounded(void **state)
{
    (void)state;
    enum { MANY = 6 << 20, BATCH = 4096 };
    static trace_record_t batch[BATCH];
    merge_t *merge = merge_new();
    merge_run_t run;
    uint64_t out = 0;
    for (uint64_t i = 0; i < MANY; i += BATCH) {
        for (size_t k = 0; k < BATCH; k++) {
            batch[k] = record_at(i + k, 0, i + k);
        }
        assert_true(merge_push(merge, 0, i, batch, BATCH));
        while (merge_next(merge, &run)) {
            out += run.count;
        }
    }
    assert_true(out > MANY / 4); /* without a single round */
    merge_finish(merge);
    while (merge_next(merge, &run)) {
        out += run.count;
    }
    assert_int_equal(out, MANY);
    merge_free(merge);
}

static void test_refused(void **state)
{
    (void)state;
    merge_t *merge = merge_new();
    trace_record_t a = record_at(10, 0, 5);
    assert_true(merge_push(merge, 0, 5, &a, 1));
    assert_false(merge_push(merge, 0, 5, &a, 1));
    assert_false(merge_push(merge, 0, 4, NULL, 0));
    assert_false(merge_push(merge, MERGE_MAX_RINGS, 0, &a, 1));
    assert_false(merge_push(merge, 1, UINT64_MAX, &a, 1));
    merge_free(merge);
}

static bool later_ring_first(void *context, uint32_t ring_a, const trace_record_t *a,
                             uint32_t ring_b, const trace_record_t *b)
{
    (void)context;
    (void)a;
    (void)b;
    return ring_b > ring_a;
}

static void test_ties(void **state)
{
    (void)state;
    merge_t *merge = merge_new();
    merge_run_t run;
    trace_record_t a[] = {record_at(10, 0, 0), record_at(10, 0, 1)}, b = record_at(10, 1, 0);
    merge_set_tie(merge, later_ring_first, NULL);
    assert_true(merge_push(merge, 0, 0, a, 2));
    assert_true(merge_push(merge, 1, 0, &b, 1));
    merge_finish(merge);
    assert_true(merge_next(merge, &run));
    assert_int_equal(run.ring, 1);
    assert_true(merge_next(merge, &run));
    assert_int_equal(run.ring, 0);
    assert_int_equal(run.count, 2);
    merge_free(merge);
}

/* Two harts, one clock: the wake on hart 1 led to the switch on hart 0 of the same time. */
static void test_causes(void **state)
{
    (void)state;
    enum { A = 0x80001000, B = 0x80002000, IDLE = 0x80003000 };
    causal_t causal;
    merge_run_t run;
    trace_record_t first[] = {SIM_EVENT("sched.switch", 10, IDLE, {"next", B}, ),
                              SIM_EVENT("kernel.exit", 10, B, )};
    trace_record_t second[] = {SIM_EVENT("sched.wake", 10, A, {"thread", B}, ),
                               SIM_EVENT("kernel.exit", 10, A, )};
    merge_t *merge = merge_new();
    causal_init(&causal, schema_builtin());
    merge_set_tie(merge, causal_tie, &causal);
    assert_true(merge_push(merge, 0, 0, first, 2));
    assert_true(merge_push(merge, 1, 0, second, 2));
    merge_finish(merge);
    assert_true(merge_next(merge, &run));
    assert_int_equal(run.ring, 1);
    assert_int_equal(run.records[0].event, second[0].event);
    assert_int_equal(run.count, 1);
    assert_true(merge_next(merge, &run));
    assert_int_equal(run.ring, 0);
    merge_free(merge);
}

/* A history of harts under one lock: many records in one tick of the clock; `cd` numbers them. */
typedef struct {
    trace_record_t records[RINGS][4 * RECORDS];
    uint64_t count[RINGS], pushed[RINGS];
    uint64_t sequence, time;
    uint32_t last;
} locked_t;

static void trace_one(locked_t *l, uint32_t ring, trace_record_t record)
{
    l->records[ring][l->count[ring]++] = record;
}

static void run_holder(locked_t *l, uint64_t *random)
{
    uint32_t ring = next_random(random) % RINGS;
    for (uint64_t n = next_random(random) % 4; n; n--) {
        l->time += next_random(random) % 8 == 0;
        uint64_t before = l->count[l->last];
        if (ring != l->last && before && l->records[l->last][before - 1].time >= l->time) {
            trace_one(
                l, ring,
                SIM_EVENT("smp.order", l->time, 0, {"hart", l->last}, {"position", before}, ));
        }
        l->last = ring;
        trace_one(l, ring, record_at(l->time, ring, ++l->sequence));
    }
}

/* Takes what is out; each record must be the next of the whole history. */
static void take_in_sequence(merge_t *merge, uint16_t order, uint64_t *sequence)
{
    merge_run_t run;
    while (merge_next(merge, &run)) {
        for (size_t i = 0; i < run.count; i++) {
            if (run.records[i].event != order) {
                assert_int_equal(run.records[i].cd, ++*sequence);
            }
        }
    }
}

static void locked_history(locked_t *l, uint64_t seed)
{
    causal_t causal;
    uint64_t random = seed, out = 0;
    merge_t *merge = merge_new();
    memset(l, 0, sizeof(*l));
    causal_init(&causal, schema_builtin());
    merge_set_tie(merge, causal_tie, &causal);
    merge_set_after(merge, causal.order_id, causal_after, &causal);
    for (uint32_t r = 0; r < RINGS; r++) {
        assert_true(merge_push(merge, r, 0, NULL, 0));
    }
    for (unsigned round = 0; round < RECORDS / 8; round++) {
        /* A reader brings what a ring had when it came by; holders go on meanwhile. */
        for (uint32_t r = 0; r < RINGS; r++) {
            uint64_t from = l->pushed[r];
            assert_true(
                merge_push(merge, r, from, l->records[r] + from, (size_t)(l->count[r] - from)));
            l->pushed[r] = l->count[r];
            run_holder(l, &random);
        }
        merge_round(merge);
        take_in_sequence(merge, causal.order_id, &out);
    }
    for (uint32_t r = 0; r < RINGS; r++) {
        uint64_t from = l->pushed[r];
        assert_true(merge_push(merge, r, from, l->records[r] + from, (size_t)(l->count[r] - from)));
    }
    merge_finish(merge);
    take_in_sequence(merge, causal.order_id, &out);
    assert_int_equal(out, l->sequence);
    assert_int_equal(merge_late(merge), 0);
    merge_free(merge);
}

static void test_lock_order(void **state)
{
    (void)state;
    locked_t *l = malloc(sizeof(*l));
    for (uint64_t seed = 1; seed <= 100; seed++) {
        locked_history(l, seed);
    }
    free(l);
}

/* What was lost is not waited for, nor what cannot come. */
static void test_order_of_the_lost(void **state)
{
    (void)state;
    causal_t causal;
    merge_run_t run;
    merge_t *merge = merge_new();
    causal_init(&causal, schema_builtin());
    merge_set_after(merge, causal.order_id, causal_after, &causal);
    trace_record_t lost = SIM_EVENT("smp.order", 10, 0, {"hart", 1}, {"position", 7}, );
    trace_record_t circle = SIM_EVENT("smp.order", 10, 0, {"hart", 0}, {"position", 9}, );
    trace_record_t nobody = SIM_EVENT("smp.order", 11, 0, {"hart", 6}, {"position", 1}, );
    assert_true(merge_push(merge, 1, 0, NULL, 0));
    assert_true(merge_push(merge, 1, 5, &circle, 1));
    assert_true(merge_push(merge, 0, 0, &lost, 1));
    assert_true(merge_push(merge, 0, 1, &nobody, 1));
    merge_finish(merge);
    size_t out = 0;
    while (merge_next(merge, &run)) {
        out += run.count;
    }
    assert_int_equal(out, 3);
    merge_free(merge);
}

/* Takes everything that may go out; the times must rise. */
static size_t take_rising(merge_t *merge, uint64_t *time)
{
    merge_run_t run;
    size_t out = 0;
    while (merge_next(merge, &run)) {
        for (size_t i = 0; i < run.count; i++, out++) {
            assert_true(run.records[i].time >= *time);
            *time = run.records[i].time;
        }
    }
    return out;
}

/* One record that lies about whom it follows: neither its ring nor the others wait for that, and
 * nothing else leaves its place. */
static void lie(uint64_t ring, uint64_t position)
{
    causal_t causal;
    merge_t *merge = merge_new();
    uint64_t time = 0;
    size_t out = 0;
    causal_init(&causal, schema_builtin());
    merge_set_after(merge, causal.order_id, causal_after, &causal);
    for (uint64_t i = 0; i < RECORDS; i++) {
        trace_record_t lying =
            SIM_EVENT("smp.order", 10 * i + 5, 0, {"hart", ring}, {"position", position}, );
        trace_record_t honest = record_at(10 * i + 5, 0, i), other = record_at(10 * i + 7, 1, i);
        assert_true(merge_push(merge, 0, i, i == RECORDS / 4 ? &lying : &honest, 1));
        assert_true(merge_push(merge, 1, i, &other, 1));
        merge_round(merge);
        out += take_rising(merge, &time);
        assert_true(out + 6 >= 2 * i); /* two rounds, whatever it says */
    }
    merge_finish(merge);
    out += take_rising(merge, &time);
    assert_int_equal(out, 2 * RECORDS);
    assert_int_equal(merge_wrong(merge), 1);
    assert_int_equal(merge_late(merge), 0);
    merge_free(merge);
}

static void test_order_of_liars(void **state)
{
    (void)state;
    lie(1, RECORDS / 2); /* records that come, but later */
    lie(1, UINT32_MAX);  /* ... that never come */
    lie(1, UINT64_MAX);
    lie(1, RECORDS / 4 + 1); /* the next one of that ring */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_histories),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_single_ring_at_once),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_lock_order),
        cmocka_unit_test(test_order_of_the_lost),
        cmocka_unit_test(test_order_of_liars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
