/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot's lists of memory regions, against a plain array of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/boot/regions.h"

#define UNITS 60

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    abort();
}

static void assert_same(const regions_t *list, const bool *model)
{
    bool seen[UNITS] = {false};
    for (unsigned i = 0; i < list->count; i++) {
        region_t r = list->region[i];
        assert_true(r.start < r.end && r.end <= UNITS);
        /* Sorted, and never touching: what touches is one region. */
        assert_true(i == 0 || list->region[i - 1].end <= r.start);
        for (paddr_t u = r.start; u < r.end; u++)
            seen[u] = true;
    }
    assert_memory_equal(seen, model, sizeof seen);
}

static void follows_the_model(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        regions_t list = {.count = 0};
        bool model[UNITS] = {false};
        for (int step = 0; step < 40; step++) {
            paddr_t a = (paddr_t)rand_r(&seed) % UNITS, b = a + (paddr_t)rand_r(&seed) % 16;
            bool add = rand_r(&seed) % 2;
            b = MIN(b, (paddr_t)UNITS);
            if (add)
                regions_add(&list, a, b);
            else
                regions_remove(&list, a, b);
            for (paddr_t u = a; u < b; u++)
                model[u] = add;
            assert_same(&list, model);
        }
    }
}

static void takes_from_the_top(void **state)
{
    (void)state;
    regions_t list = {.count = 0};
    regions_add(&list, 0x1000, 0x9000);
    regions_add(&list, 0x10000, 0x12800);
    assert_int_equal(regions_take_high(&list, 0x1000, 12), 0x11000);
    assert_int_equal(regions_take_high(&list, 0x1000, 12), 0x10000);
    assert_int_equal(regions_take_high(&list, 0x4000, 14), 0x4000);
    assert_int_equal(regions_take_high(&list, 0x4000, 14), 0);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.region[2].start, 0x12000);
}

static void cuts_the_largest_block(void **state)
{
    (void)state;
    assert_int_equal(region_first_block_bits((region_t){0, 0x3000000}, 38), 25);
    assert_int_equal(region_first_block_bits((region_t){0x2200000, 0xc000000}, 38), 21);
    assert_int_equal(region_first_block_bits((region_t){0x140000000, BIT(39)}, 38), 30);
    assert_int_equal(region_first_block_bits((region_t){BIT(38), BIT(40)}, 38), 38);
    assert_int_equal(region_first_block_bits((region_t){0x222150, 0x223000}, 38), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_model),
        cmocka_unit_test(takes_from_the_top),
        cmocka_unit_test(cuts_the_largest_block),
    };
    return cmocka_run_group_tests_name("memory regions", tests, NULL, NULL);
}
