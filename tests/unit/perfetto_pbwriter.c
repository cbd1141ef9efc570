/* SPDX-License-Identifier: BSD-2-Clause */
/* The protobuf writer, byte by byte. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "pbwriter.h"

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__})

/* An output that remembers, and that can be told to fail at its nth call. */
typedef struct {
    uint8_t data[4096];
    size_t n, calls, fail_at;
} memory_t;

static int to_memory(void *context, const uint8_t *data, size_t n)
{
    memory_t *m = context;
    if (++m->calls == m->fail_at) {
        return ENOSPC;
    }
    assert_true(m->n + n <= sizeof(m->data));
    memcpy(m->data + m->n, data, n);
    m->n += n;
    return 0;
}

static void check(const uint8_t *from, const uint8_t *to, const uint8_t *expected, size_t n)
{
    assert_int_equal(to - from, n);
    assert_memory_equal(from, expected, n);
}

static void test_varints(void **state)
{
    (void)state;
    uint8_t b[16];
    check(b, pb_varint(b, 0), BYTES(0), 1);
    check(b, pb_varint(b, 127), BYTES(0x7f), 1);
    check(b, pb_varint(b, 128), BYTES(0x80, 0x01), 2);
    check(b, pb_varint(b, 300), BYTES(0xac, 0x02), 2);
    check(b, pb_varint(b, UINT64_MAX),
          BYTES(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), 10);
}

static void test_scalars(void **state)
{
    (void)state;
    uint8_t b[32];
    check(b, pb_uint(b, 8, 150), BYTES(0x40, 0x96, 0x01), 3);
    check(b, pb_uint(b, 117, 1), BYTES(0xa8, 0x07, 0x01), 3);
    check(b, pb_int(b, 1, -1),
          BYTES(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), 11);
    check(b, pb_fixed64(b, 47, 0x0102030405060708), BYTES(0xf9, 0x02, 8, 7, 6, 5, 4, 3, 2, 1), 10);
    check(b, pb_double(b, 44, 1.0), BYTES(0xe1, 0x02, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f), 10);
    check(b, pb_bytes(b, 2, "abc", 3), BYTES(0x12, 3, 'a', 'b', 'c'), 5);
}

static void test_strings_are_cut_at_characters(void **state)
{
    (void)state;
    uint8_t b[32];
    check(b, pb_string(b, 1, "abcd", 4), BYTES(0x0a, 4, 'a', 'b', 'c', 'd'), 6);
    check(b, pb_string(b, 1, "abcd", 3), BYTES(0x0a, 3, 'a', 'b', 'c'), 5);
    check(b, pb_string(b, 1, "a\xc3\xa9", 2), BYTES(0x0a, 1, 'a'), 3);
    check(b, pb_string(b, 1, "", 9), BYTES(0x0a, 0), 2);
}

static void test_short_messages(void **state)
{
    (void)state;
    uint8_t b[32];
    uint8_t *outer = pb_open(b, 1);
    uint8_t *inner = pb_open(outer, 11);
    uint8_t *p = pb_close(inner, pb_uint(inner, 9, 1));
    p = pb_close(outer, pb_uint(p, 10, 2));
    check(b, p, BYTES(0x0a, 6, 0x5a, 2, 0x48, 1, 0x50, 2), 8);
}

/* Bodies whose length takes one, two and three bytes, and their neighbours. */
static void test_long_messages(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 127, 128, 129, 16383, 16384, 20000};
    uint8_t *b = malloc(32768), *data = malloc(32768);
    for (size_t i = 0; i < 32768; i++) {
        data[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t n = sizes[i];
        uint8_t *body = pb_open(b, 1);
        memcpy(body, data, n);
        uint8_t *end = pb_close(body, body + n);
        uint8_t head[8] = {0x0a};
        size_t head_length = (size_t)(pb_varint(head + 1, n) - head);
        assert_int_equal(end - b, head_length + n);
        assert_memory_equal(b, head, head_length);
        assert_memory_equal(b + head_length, data, n);
    }
    free(b);
    free(data);
}

/* A long message inside a long one: both lengths are patched, the inner one first. */
static void test_nested_long_messages(void **state)
{
    (void)state;
    uint8_t b[512];
    uint8_t *outer = pb_open(b, 1);
    uint8_t *inner = pb_open(outer, 2);
    memset(inner, 'x', 200);
    uint8_t *p = pb_close(inner, inner + 200);
    p = pb_close(outer, p);
    assert_int_equal(p - b, 3 + 3 + 200);
    assert_memory_equal(b, BYTES(0x0a, 0xcb, 0x01, 0x12, 0xc8, 0x01, 'x'), 7);
    assert_int_equal(b[205], 'x');
}

static void put(pb_writer_t *w, uint64_t value)
{
    pb_commit(w, pb_uint(pb_reserve(w, PB_MAX_SCALAR), 1, value));
}

static void test_messages_stay_whole(void **state)
{
    (void)state;
    uint8_t buffer[20];
    memory_t m = {0};
    pb_writer_t w;
    pb_init(&w, buffer, sizeof(buffer), to_memory, &m);
    for (int i = 0; i < 10; i++) {
        put(&w, 300);
        assert_int_equal(m.n % 3, 0);
    }
    assert_int_equal(pb_finish(&w), 0);
    assert_int_equal(m.n, 30);
    assert_int_equal(pb_bytes_out(&w), 30);
    assert_int_equal(m.calls, 5);
}

static void test_first_error_sticks(void **state)
{
    (void)state;
    uint8_t buffer[16];
    memory_t m = {.fail_at = 2};
    pb_writer_t w;
    pb_init(&w, buffer, sizeof(buffer), to_memory, &m);
    for (int i = 0; i < 10; i++) {
        put(&w, 1);
    }
    assert_int_equal(pb_finish(&w), ENOSPC);
    assert_int_equal(m.calls, 2);
    assert_int_equal(m.n, 2);
    assert_int_equal(pb_finish(&w), ENOSPC);
}

static int write_all(int fd, size_t n)
{
    uint8_t buffer[4096];
    pb_writer_t w;
    pb_init(&w, buffer, sizeof(buffer), pb_output_fd, &fd);
    for (size_t i = 0; i < n; i++) {
        put(&w, i);
    }
    return pb_finish(&w);
}

static void test_full_disk(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(write_all(fd, 10000), ENOSPC);
    close(fd);
}

static void test_closed_pipe(void **state)
{
    (void)state;
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write_all(ends[1], 10), EPIPE);
    close(ends[1]);
}

static void test_bad_descriptor(void **state)
{
    (void)state;
    assert_int_equal(write_all(-1, 1), EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_varints),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_strings_are_cut_at_characters),
        cmocka_unit_test(test_short_messages),
        cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_nested_long_messages),
        cmocka_unit_test(test_messages_stay_whole),
        cmocka_unit_test(test_first_error_sticks),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_closed_pipe),
        cmocka_unit_test(test_bad_descriptor),
    };
    return cmocka_run_group_tests_name("pbwriter", tests, NULL, NULL);
}
