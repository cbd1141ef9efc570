/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace files' checksum, against zlib's. */
#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#include "crc32.h"

enum { LONGEST = 1000 };

static void test_known(void **state)
{
    (void)state;
    assert_int_equal(u4_crc32(0, "", 0), 0);
    assert_int_equal(u4_crc32(0, "123456789", 9), 0xcbf43926); /* the check value of CRC-32 */
}

/* Each length, from each alignment. */
static void test_like_zlib(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST + 16];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * i * 31 + i / 7);
    }
    for (size_t length = 0; length <= LONGEST; length++) {
        const uint8_t *at = bytes + length % 16;
        assert_int_equal(u4_crc32(0, at, length), crc32_z(0, at, length));
    }
}

/* In pieces as at once. */
static void test_pieces(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST] = {1, 2, 3};
    uint32_t whole = u4_crc32(0, bytes, sizeof(bytes));
    for (size_t cut = 0; cut <= sizeof(bytes); cut += 13) {
        uint32_t first = u4_crc32(0, bytes, cut);
        assert_int_equal(u4_crc32(first, bytes + cut, sizeof(bytes) - cut), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_like_zlib),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
