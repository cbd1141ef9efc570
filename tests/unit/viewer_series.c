/* SPDX-License-Identifier: BSD-2-Clause */
/* The viewer's packed series: what is put in comes out, is found by its time, and is small. */
#include "tracer/unit.h"

#include "viewer/series.h"

enum { ROWS = 5000, WORDS = 7 };

typedef struct {
    series_pool_t pool;
    series_t series;
    uint64_t rows[ROWS][WORDS];
} state_t;

static void guess_busy(const uint64_t *rows, unsigned i, const uint64_t *same, uint64_t *guess)
{
    const uint64_t *row = rows + (size_t)i * WORDS;
    for (unsigned w = 2; w < WORDS; w++) {
        guess[w] = same ? same[w] : 0;
    }
    guess[6] = i ? row[6 - WORDS] + row[0] - row[-WORDS] : 0;
}

static const series_shape_t plain = {.words = WORDS};
static const series_shape_t guessed = {.words = WORDS, .guess = guess_busy};
static const series_shape_t small = {.words = 2};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(state_t));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    state_t *s = *state;
    series_free(&s->series);
    series_pool_free(&s->pool);
    free(s);
    return 0;
}

static void append(state_t *s, const series_shape_t *shape, uint64_t i)
{
    series_append(&s->series, shape, &s->pool, s->rows[i]);
    assert_int_equal(s->series.count, i + 1);
    assert_memory_equal(series_last(&s->series), s->rows[i], shape->words * sizeof(uint64_t));
}

static void check_rows(const state_t *s, const series_shape_t *shape)
{
    uint64_t row[WORDS], chance = 5;
    for (uint64_t i = 0; i < ROWS; i++) {
        series_get(&s->series, i, row);
        assert_memory_equal(row, s->rows[i], shape->words * sizeof(uint64_t));
    }
    for (unsigned n = 0; n < ROWS; n++) {
        uint64_t i = next_random(&chance) % ROWS;
        series_get(&s->series, i, row);
        assert_memory_equal(row, s->rows[i], shape->words * sizeof(uint64_t));
    }
}

/* Any bits at all, times that go back included. */
static void test_noise(void **state)
{
    state_t *s = *state;
    uint64_t chance = 1;
    for (uint64_t i = 0; i < ROWS; i++) {
        for (unsigned w = 0; w < WORDS; w++) {
            uint64_t value = (uint64_t)next_random(&chance) << 33 ^ next_random(&chance);
            s->rows[i][w] = w == 1 ? value >> 32 : value >> next_random(&chance) % 64;
        }
        append(s, &guessed, i);
    }
    check_rows(s, &guessed);
}

/* As threads' states are: few kinds, each with the same words most of the time. */
static void fill_states(state_t *s, const series_shape_t *shape)
{
    uint64_t chance = 2, time = 1000;
    for (uint64_t i = 0; i < ROWS; i++) {
        uint64_t kind = next_random(&chance) % 5, *row = s->rows[i];
        time += next_random(&chance) % 1000;
        memcpy(row, (uint64_t[WORDS]){time, kind, kind * 0x80400000, kind, 7, i / 1000, time},
               WORDS * sizeof(uint64_t));
        append(s, shape, i);
    }
}

static void test_states(void **state)
{
    state_t *s = *state;
    fill_states(s, &guessed);
    check_rows(s, &guessed);
    assert_true(s->series.packed < ROWS * 4);
    assert_true(series_memory(&s->series) < ROWS * 8);
}

static void test_without_guess(void **state)
{
    state_t *s = *state;
    fill_states(s, &plain);
    check_rows(s, &plain);
}

static void test_two_words(void **state)
{
    state_t *s = *state;
    fill_states(s, &small);
    check_rows(s, &small);
    assert_true(s->series.packed < ROWS * 3 + ROWS / 10);
}

static void test_times(void **state)
{
    state_t *s = *state;
    uint64_t row[WORDS];
    assert_int_equal(series_until(&s->series, UINT64_MAX), 0);
    assert_false(series_at(&s->series, UINT64_MAX, row));
    assert_null(series_last(&s->series));
    fill_states(s, &guessed);
    for (uint64_t time = 0; time < s->rows[ROWS - 1][0] + 2000; time += 97) {
        uint64_t until = 0, before = 0;
        while (until < ROWS && s->rows[until][0] <= time) {
            until++;
        }
        while (before < ROWS && s->rows[before][0] < time) {
            before++;
        }
        assert_int_equal(series_until(&s->series, time), until);
        assert_int_equal(series_before(&s->series, time), before);
        assert_int_equal(series_at(&s->series, time, row), until > 0);
        if (until) {
            assert_memory_equal(row, s->rows[until - 1], sizeof(row));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_states, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_guess, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
