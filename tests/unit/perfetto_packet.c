/* SPDX-License-Identifier: BSD-2-Clause */
/* Perfetto packets, byte by byte: sequences, clocks, interned names, losses, compression. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "perfetto_packet.h"

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__})
#define EXPECT(out, ...) expect(out, BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)))

enum { HZ = 10000000 };

typedef struct {
    pf_t pf;
    pf_name_t category, name, arg, text;
    char path[32];
    int fd;
    off_t read_at;
} fixture_t;

static void open_fixture(fixture_t *f, uint64_t hz, bool compress)
{
    snprintf(f->path, sizeof(f->path), "/tmp/u4-packet-XXXXXX");
    f->fd = mkstemp(f->path);
    assert_true(f->fd >= 0);
    f->read_at = 0;
    assert_true(pf_open(&f->pf, f->fd, hz, compress));
    pf_register(&f->pf, &f->category, F_EVENT_CATEGORIES, "c");
    pf_register(&f->pf, &f->name, F_EVENT_NAMES, "nm");
    pf_register(&f->pf, &f->arg, F_ANNOTATION_NAMES, "arg");
    pf_register(&f->pf, &f->text, F_ANNOTATION_STRINGS, "text");
}

static void close_fixture(fixture_t *f)
{
    assert_int_equal(pf_finish(&f->pf), 0);
    pf_free(&f->pf);
    close(f->fd);
    unlink(f->path);
}

/* What was written since the last call is this. */
static void expect(fixture_t *f, const uint8_t *bytes, size_t n)
{
    uint8_t found[1024];
    pb_flush(&f->pf.out);
    ssize_t got = pread(f->fd, found, sizeof(found), f->read_at);
    assert_int_equal(got, n);
    assert_memory_equal(found, bytes, n);
    f->read_at += got;
}

static void instant(fixture_t *f, unsigned sequence, uint64_t time)
{
    pf_event_t e = pf_event(&f->pf, sequence, time, EVENT_INSTANT, 5);
    pf_named(&e, &f->category, &f->name);
    pf_done(&e);
}

/* clang-format off */
/* The defaults of sequence 0: clock 64, track PF_HART_TRACKS. */
#define DEFAULTS 0xda, 3, 11, 0xd0, 3, 64, 0x5a, 6, 0x58, 0x80, 0x80, 0x80, 0x80, 2
/* BOOTTIME 1000 = clock 64's 100, which counts up by units of 10 ns; BOOTTIME is the trace's. */
#define CLOCKS 0x32, 0x13, 0x0a, 5, 8, 6, 16, 0xe8, 7, 0x0a, 8, 8, 64, 16, 100, 24, 1, 32, 10, 16, 6
#define INTERNED 0x62, 15, 0x0a, 5, 8, 1, 18, 1, 'c', 0x12, 6, 8, 1, 18, 2, 'n', 'm'
/* clang-format on */

static void test_first_packet_of_a_sequence(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 0, 100); /* units of 10 ns: 1000 ns */
    EXPECT(&f,
           /* flags "cleared", first on sequence */
           0x0a, 0x2a, 0x50, 1, 0x68, 1, 0xb8, 5, 1, DEFAULTS, CLOCKS,
           /* the event, and the names it is the first to use */
           0x0a, 0x1f, 0x40, 0, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1, INTERNED);
    close_fixture(&f);
}

static void test_names_are_written_once_per_sequence(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 0, 100);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    instant(&f, 0, 103);
    EXPECT(&f, 0x0a, 14, 0x40, 3, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1);
    instant(&f, 1, 103);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    instant(&f, 1, 104);
    EXPECT(&f, 0x0a, 14, 0x40, 1, 0x50, 2, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1);
    close_fixture(&f);
}

static void test_time_never_goes_back(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 0, 100);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    instant(&f, 0, 90);
    instant(&f, 0, 101);
    EXPECT(&f, 0x0a, 14, 0x40, 0, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1, /**/
           0x0a, 14, 0x40, 1, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1);
    close_fixture(&f);
}

static void test_a_loss_starts_the_sequence_over(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 0, 100);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    pf_mark_dropped(&f.pf, 0, 100);
    instant(&f, 0, 100);
    EXPECT(&f, 0x0a, 0x2a, 0x50, 1, 0x68, 1, 0xd0, 2, 1, DEFAULTS, CLOCKS, /**/
           0x0a, 0x1f, 0x40, 0, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 1, INTERNED);
    close_fixture(&f);
}

static void test_arguments_and_flows(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    pf_event_t e = pf_event(&f.pf, 0, 100, EVENT_BEGIN, 5);
    pf_arg_name(&e, &f.arg, &f.text);
    pf_done(&e);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);

    e = pf_event(&f.pf, 0, 101, EVENT_BEGIN, 300);
    pf_flow(&e, 1);
    pf_flow_end(&e, 2);
    pf_arg_uint(&e, &f.arg, 300);
    pf_arg_hex(&e, &f.arg, 1);
    pf_arg_name(&e, &f.arg, &f.text);
    pf_arg_text(&e, &f.arg, "xy");
    pf_done(&e);
    EXPECT(&f, 0x0a, 45, 0x40, 1, 0x50, 1, 0x5a, 39, 0x48, 1, 0x58, 0xac, 2,            /**/
           0xa0, 2, 1, 0xd0, 2, 2,                                                      /**/
           0x22, 5, 8, 1, 24, 0xac, 2, 0x22, 4, 8, 1, 56, 1, 0x22, 5, 8, 1, 0x88, 1, 1, /**/
           0x22, 6, 8, 1, 50, 2, 'x', 'y');
    close_fixture(&f);
}

/* Events on the track of the sequence's own hart do not say so; a number of any size fits. */
static void test_default_track(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 1, 100);
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    pf_event_t e = pf_event(&f.pf, 1, 100, EVENT_END, PF_HART_TRACKS + 1);
    pf_done(&e);
    e = pf_event(&f.pf, 1, 100, EVENT_END, PF_HART_TRACKS);
    pf_flow(&e, 1ull << 40);
    pf_done(&e);
    EXPECT(&f, 0x0a, 8, 0x40, 0, 0x50, 2, 0x5a, 2, 0x48, 2,                                /**/
           0x0a, 22, 0x40, 0, 0x50, 2, 0x5a, 16, 0x48, 2, 0x58, 0x80, 0x80, 0x80, 0x80, 2, /**/
           0xa0, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20);
    close_fixture(&f);
}

static void test_clocks(void **state)
{
    static const struct {
        uint64_t hz;
        uint32_t unit_ns, units; /* units in a tick */
        uint64_t ticks, in_units;
    } cases[] = {
        {10000000, 10, 10, 7, 70}, {1000000, 100, 10, 3, 30},  {100000000, 1, 10, 5, 50},
        {1000000000, 1, 1, 9, 9},  {24000000, 1, 0, 24, 1000}, {32768, 1, 0, 32768, 1000000000},
        {4000000, 25, 10, 1, 10},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_t f = {0};
        open_fixture(&f, cases[i].hz, false);
        assert_int_equal(f.pf.unit_ns, cases[i].unit_ns);
        assert_int_equal(f.pf.units, cases[i].units);
        assert_int_equal(pf_units(&f.pf, cases[i].ticks), cases[i].in_units);
        close_fixture(&f);
    }
}

static void many(fixture_t *f)
{
    for (uint64_t i = 0; i < 20000; i++) {
        instant(f, i % 3, i * 7);
    }
}

static size_t read_file(const fixture_t *f, uint8_t **data)
{
    size_t n = (size_t)lseek(f->fd, 0, SEEK_END);
    *data = malloc(n);
    assert_non_null(*data);
    assert_int_equal(pread(f->fd, *data, n, 0), n);
    return n;
}

static size_t get_varint(const uint8_t **p)
{
    size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*p)++;
        value |= (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
}

/* Unpacks a compressed trace by hand: packets with nothing but field 50. */
static size_t unpack(const uint8_t *p, size_t n, uint8_t *to, size_t room)
{
    const uint8_t *end = p + n;
    size_t total = 0;
    while (p < end) {
        assert_int_equal(*p++, 0x0a);
        size_t packet = get_varint(&p);
        const uint8_t *packet_end = p + packet;
        assert_int_equal(*p++, 0x92);
        assert_int_equal(*p++, 0x03);
        size_t length = get_varint(&p);
        assert_ptr_equal(p + length, packet_end);
        uLongf got = room - total;
        assert_int_equal(uncompress(to + total, &got, p, length), Z_OK);
        assert_true(got < 512 << 10);
        total += got;
        p = packet_end;
    }
    return total;
}

static void test_compressed_is_the_same(void **state)
{
    fixture_t plain = {0}, packed = {0};
    uint8_t *a, *b;
    (void)state;
    open_fixture(&plain, HZ, false);
    open_fixture(&packed, HZ, true);
    many(&plain);
    many(&packed);
    assert_int_equal(pf_finish(&plain.pf), 0);
    assert_int_equal(pf_finish(&packed.pf), 0);
    size_t n = read_file(&plain, &a), m = read_file(&packed, &b);
    assert_true(m < n / 2);
    uint8_t *c = malloc(n);
    assert_non_null(c);
    assert_int_equal(unpack(b, m, c, n), n);
    assert_memory_equal(a, c, n);
    free(a);
    free(b);
    free(c);
    close_fixture(&plain);
    close_fixture(&packed);
}

static void test_a_forgotten_name_may_come_again(void **state)
{
    fixture_t f = {0};
    (void)state;
    open_fixture(&f, HZ, false);
    instant(&f, 0, 100);
    pf_forget(&f.pf, &f.name);
    pf_forget(&f.pf, &f.name);
    pf_register(&f.pf, &f.name, F_EVENT_NAMES, "z");
    pb_flush(&f.pf.out);
    f.read_at = lseek(f.fd, 0, SEEK_CUR);
    instant(&f, 0, 100);
    EXPECT(&f, 0x0a, 23, 0x40, 0, 0x50, 1, 0x5a, 8, 0x48, 3, 0x58, 5, 0x18, 1, 0x50, 2, /**/
           0x62, 7, 0x12, 5, 8, 2, 18, 1, 'z');
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_packet_of_a_sequence),
        cmocka_unit_test(test_names_are_written_once_per_sequence),
        cmocka_unit_test(test_time_never_goes_back),
        cmocka_unit_test(test_a_loss_starts_the_sequence_over),
        cmocka_unit_test(test_arguments_and_flows),
        cmocka_unit_test(test_default_track),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_compressed_is_the_same),
        cmocka_unit_test(test_a_forgotten_name_may_come_again),
    };
    return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
