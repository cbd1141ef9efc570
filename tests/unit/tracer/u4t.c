/* SPDX-License-Identifier: BSD-2-Clause */
/* Trace files: written, read back, cut anywhere, damaged anywhere. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"
#include "u4trace/u4t.h"

static const trace_info_t info = {
    .timebase_hz = 10000000,
    .harts = 2,
    .abi = TRACE_ABI_SMP,
    .created = 1700000000000000000,
    .build_id = "5a5a",
    .machine = "a machine",
    .command = "qemu -M 'virt'",
    .image = "demo.elf",
    .icount = true,
    .status = -1,
};

static void must(bool ok, const u4_error_t *err)
{
    if (!ok) {
        fail_msg("%s", err->text);
    }
}

static void write_records(u4t_writer_t *writer, uint32_t ring, uint64_t first, size_t count)
{
    u4_error_t err;
    trace_record_t *records = calloc(count, sizeof(*records));
    for (size_t i = 0; i < count; i++) {
        records[i] = sim_record(ring, first + i);
    }
    must(u4t_write_records(writer, ring, ring, 0, first, records, count, &err), &err);
    free(records);
}

/* 2 rings; ring 1 loses 50 in the middle and 7 at the end. */
static void write_file(const char *path, int level, size_t scale)
{
    u4_error_t err;
    u4t_writer_t *writer = u4t_create(path, &info, schema_builtin(), level, &err);
    must(writer, &err);
    console_t console = {.text = "hello\n", .length = 6, .host_ns = 5, .guest_time = 1000};
    must(u4t_write_console(writer, &console, &err), &err);
    u4t_write_start(writer, 0, 0, 0);
    write_records(writer, 0, 0, 100 * scale);
    write_records(writer, 1, 20, 30 * scale);
    must(u4t_write_round(writer, &err), &err);
    write_records(writer, 1, 20 + 30 * scale + 50, 40 * scale);
    write_records(writer, 0, 100 * scale, 10);
    must(u4t_write_round(writer, &err), &err);
    trace_info_t last = info;
    last.status = 3;
    strcpy(last.panic, "out of cheese");
    const uint64_t emitted[] = {100 * scale + 10, 20 + 70 * scale + 50 + 7};
    must(u4t_finish(writer, &last, emitted, 2, &err), &err);
}

typedef struct {
    uint64_t items, records, lost, console, damaged;
    u4t_status_t end;
} summary_t;

static void add_item(summary_t *sum, const u4t_item_t *item)
{
    sum->items++;
    if (item->type == U4T_RECORDS) {
        for (uint32_t i = 0; i < item->head.count; i++) {
            assert_true(sim_record_is(&item->records[i], item->head.ring, item->head.first + i));
        }
        sum->records += item->head.count;
    } else if (item->type == U4T_LOSS) {
        sum->lost += ((const u4t_loss_t *)item->data)->count;
    } else if (item->type == U4T_CONSOLE) {
        assert_memory_equal(item->data + sizeof(u4t_console_t), "hello\n", 6);
        sum->console++;
    }
}

static summary_t read_all(u4t_reader_t *reader)
{
    summary_t sum = {0};
    u4t_item_t item;
    u4_error_t err;
    while ((sum.end = u4t_next(reader, &item, &err)) == U4T_ITEM || sum.end == U4T_DAMAGED) {
        if (sum.end == U4T_ITEM) {
            add_item(&sum, &item);
        } else {
            sum.damaged++;
            assert_true(sum.damaged < 1000);
        }
    }
    return sum;
}

static void round_trip(int level)
{
    const char *path = sim_path("trip");
    u4_error_t err;
    write_file(path, level, 1000);
    u4t_reader_t *reader = u4t_open(path, &err);
    must(reader, &err);
    const trace_info_t *got = u4t_info(reader);
    assert_int_equal(got->timebase_hz, info.timebase_hz);
    assert_int_equal(got->harts, 2);
    assert_int_equal(got->abi, TRACE_ABI_SMP);
    assert_int_equal(got->created, info.created);
    assert_string_equal(got->build_id, info.build_id);
    assert_string_equal(got->command, info.command);
    assert_true(got->icount);
    assert_true(got->ended);
    assert_int_equal(got->status, 3);
    assert_string_equal(got->panic, "out of cheese");
    assert_int_equal(got->schema_hash, schema_builtin()->hash);
    assert_int_equal(u4t_schema(reader)->hash, schema_builtin()->hash);
    assert_int_equal(u4t_emitted(reader, 0), 100010);
    summary_t sum = read_all(reader);
    assert_int_equal(sum.end, U4T_DONE);
    assert_int_equal(sum.records, 170010);
    assert_int_equal(sum.lost, 57);
    assert_int_equal(sum.console, 1);
    assert_int_equal(sum.damaged, 0);
    u4t_close(reader);
    sim_cleanup();
}

static void test_round_trip(void **state)
{
    (void)state;
    round_trip(0);
    round_trip(1);
}

static void test_seek(void **state)
{
    (void)state;
    const char *path = sim_path("seek");
    u4_error_t err;
    u4t_item_t item;
    write_file(path, 0, 1000);
    u4t_reader_t *reader = u4t_open(path, &err);
    must(reader, &err);
    must(u4t_seek(reader, 1000 + 99999, &err), &err); /* in ring 0's fourth chunk */
    do {
        assert_int_equal(u4t_next(reader, &item, &err), U4T_ITEM);
    } while (item.type != U4T_RECORDS);
    assert_int_equal(item.head.ring, 0);
    assert_true(item.head.first > 90000);
    assert_true(item.head.first <= 99999);
    assert_true(item.head.first + item.head.count > 99999);
    must(u4t_seek(reader, 0, &err), &err);
    summary_t sum = read_all(reader);
    assert_int_equal(sum.records, 170010);
    u4t_close(reader);
    sim_cleanup();
}

typedef struct {
    uint8_t *data;
    size_t size;
} contents_t;

static contents_t slurp(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &status) == 0);
    contents_t c = {malloc((size_t)status.st_size), (size_t)status.st_size};
    assert_int_equal(read(fd, c.data, c.size), c.size);
    close(fd);
    return c;
}

static void spill(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
}

/* Cut at any byte: what is whole is read, and the file is said to be cut. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    const char *path = sim_path("whole"), *cut = sim_path("cut");
    write_file(path, 0, 1);
    contents_t whole = slurp(path);
    uint64_t before = 0;
    unsigned opened = 0;
    for (size_t size = 0; size < whole.size; size += size < 200 ? 1 : 41) {
        u4_error_t err = {""};
        spill(cut, whole.data, size);
        u4t_reader_t *reader = u4t_open(cut, &err);
        if (!reader) {
            assert_true(strlen(err.text) > 10);
            assert_int_equal(opened, 0);
            continue;
        }
        opened++;
        summary_t sum = read_all(reader);
        assert_true(sum.end == U4T_CUT || size + sizeof(u4t_trailer_t) >= whole.size);
        assert_int_equal(sum.damaged, 0);
        assert_true(sum.records >= before); /* a longer file never tells less */
        before = sum.records;
        assert_false(u4t_info(reader)->ended);
        assert_true(u4t_good_until(reader) <= size);
        u4t_close(reader);
    }
    assert_int_equal(before, 180);
    assert_true(opened > 20);
    free(whole.data);
    sim_cleanup();
}

/* Any byte changed: the damage is noticed, what is sound elsewhere is still read, and no record
 * is ever given out wrong (add_item checks each). */
static void test_damage_anywhere(void **state)
{
    (void)state;
    const char *path = sim_path("sound"), *bad = sim_path("bad");
    write_file(path, 0, 1);
    contents_t whole = slurp(path);
    uint64_t random = 3;
    for (unsigned i = 0; i < 700; i++) {
        u4_error_t err = {""};
        size_t at = i < 300 ? i : next_random(&random) % whole.size;
        uint8_t change = (uint8_t)(1u << (next_random(&random) % 8));
        whole.data[at] ^= change;
        spill(bad, whole.data, whole.size);
        u4t_reader_t *reader = u4t_open(bad, &err);
        if (reader) {
            summary_t sum = read_all(reader);
            bool padding_or_trailer = sum.damaged == 0;
            if (padding_or_trailer) {
                assert_int_equal(sum.records, 180);
            }
            assert_true(sum.records >= 180 - 110);
            u4t_close(reader);
        } else {
            assert_true(strlen(err.text) > 10);
        }
        whole.data[at] ^= change;
    }
    free(whole.data);
    sim_cleanup();
}

static void expect_error(const char *path, const char *expected)
{
    u4_error_t err = {""};
    u4t_reader_t *reader = u4t_open(path, &err);
    assert_null(reader);
    if (!strstr(err.text, expected) || !strstr(err.text, path)) {
        fail_msg("'%s' lacks '%s'", err.text, expected);
    }
}

static void test_foreign(void **state)
{
    (void)state;
    const char *path = sim_path("foreign");
    spill(path, (const uint8_t *)"", 0);
    expect_error(path, "empty");
    spill(path,
          (const uint8_t *)"\x7f"
                           "ELF and so on, long enough to be one.",
          38);
    expect_error(path, "another kind");
    write_file(path, 0, 1);
    contents_t c = slurp(path);
    ((u4t_header_t *)c.data)->version = 2;
    spill(path, c.data, c.size);
    expect_error(path, "version 2");
    ((u4t_header_t *)c.data)->version = 1;
    ((u4t_header_t *)c.data)->flags = 1;
    spill(path, c.data, c.size);
    expect_error(path, "damaged");
    free(c.data);
    expect_error("/dev/null", "no file");
    unlink(path);
    expect_error(path, "cannot open");
}

/* Chunks whose sizes lie, with checksums that are right. */
static void test_lying_sizes(void **state)
{
    (void)state;
    const char *path = sim_path("liar");
    const uint32_t sizes[] = {0, 1, 31, 1 << 20, U4T_MAX_PAYLOAD, U4T_MAX_PAYLOAD + 1, UINT32_MAX};
    write_file(path, 0, 1);
    contents_t c = slurp(path);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned flags = 0; flags < 2; flags++) {
            u4_error_t err;
            u4t_chunk_t *chunk = (u4t_chunk_t *)(c.data + sizeof(u4t_header_t));
            u4t_chunk_t good = *chunk;
            chunk->raw_length = sizes[i];
            chunk->flags = (uint16_t)flags;
            chunk->header_crc = 0;
            extern unsigned long crc32_z(unsigned long, const unsigned char *, size_t);
            chunk->header_crc =
                (uint32_t)crc32_z(0, (const unsigned char *)chunk, sizeof(*chunk) - 4);
            spill(path, c.data, c.size);
            assert_null(u4t_open(path, &err));
            *chunk = good;
        }
    }
    free(c.data);
    sim_cleanup();
}

/* Reading on while the writer goes on. */
static void test_growing(void **state)
{
    (void)state;
    const char *path = sim_path("growing");
    u4_error_t err;
    u4t_item_t item;
    u4t_writer_t *writer = u4t_create(path, &info, schema_builtin(), 0, &err);
    must(writer, &err);
    u4t_reader_t *reader = u4t_open(path, &err);
    must(reader, &err);
    assert_int_equal(read_all(reader).end, U4T_CUT);
    write_records(writer, 0, 0, 10);
    assert_int_equal(u4t_next(reader, &item, &err), U4T_CUT); /* still in the writer's buffer */
    must(u4t_write_round(writer, &err), &err);
    assert_int_equal(read_all(reader).records, 10);
    must(u4t_finish(writer, &info, NULL, 0, &err), &err);
    assert_int_equal(read_all(reader).end, U4T_DONE);
    u4t_close(reader);
    sim_cleanup();
}

static void test_unwritable(void **state)
{
    (void)state;
    u4_error_t err = {""};
    assert_null(u4t_create("/no/such/directory/x.u4t", &info, schema_builtin(), 0, &err));
    assert_non_null(strstr(err.text, "/no/such/directory/x.u4t"));
    assert_null(u4t_create("/dev/full", &info, schema_builtin(), 0, &err));
    assert_non_null(strstr(err.text, "No space left"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_seek),
        cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_damage_anywhere),
        cmocka_unit_test(test_foreign),      cmocka_unit_test(test_lying_sizes),
        cmocka_unit_test(test_growing),      cmocka_unit_test(test_unwritable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
