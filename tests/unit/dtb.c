/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's device tree reader, on trees built here and on damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/boot/boot.h"

static jmp_buf panicked;
static char panic_text[256];

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(panic_text, sizeof panic_text, format, args);
    va_end(args);
    longjmp(panicked, 1);
}

/* ---- a small writer of device trees ---- */

enum { BEGIN = 1, END_NODE = 2, PROP = 3, END = 9, HEADER = 40 };

typedef struct {
    uint8_t structure[8192], strings[1024], reservations[64];
    uint32_t structure_size, strings_size, reservations_size;
} tree_t;

static void be32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_word(tree_t *t, uint32_t v)
{
    be32(t->structure + t->structure_size, v);
    t->structure_size += 4;
}

static void put_bytes(tree_t *t, const void *data, uint32_t size)
{
    memcpy(t->structure + t->structure_size, data, size);
    t->structure_size += (size + 3) & ~3u;
}

static void begin(tree_t *t, const char *name)
{
    put_word(t, BEGIN);
    put_bytes(t, name, (uint32_t)strlen(name) + 1);
}

static void end(tree_t *t)
{
    put_word(t, END_NODE);
}

static void bytes(tree_t *t, const char *name, const void *data, uint32_t size)
{
    uint32_t at = t->strings_size;
    memcpy(t->strings + at, name, strlen(name) + 1);
    t->strings_size += (uint32_t)strlen(name) + 1;
    put_word(t, PROP);
    put_word(t, size);
    put_word(t, at);
    put_bytes(t, data, size);
}

static void text(tree_t *t, const char *name, const char *value)
{
    bytes(t, name, value, (uint32_t)strlen(value) + 1);
}

#define CELLS(t, name, ...) \
    cells(t, name, (const uint32_t[]){__VA_ARGS__}, \
          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void cells(tree_t *t, const char *name, const uint32_t *values, size_t count)
{
    uint8_t raw[256];
    for (size_t i = 0; i < count; i++)
        be32(raw + 4 * i, values[i]);
    bytes(t, name, raw, (uint32_t)count * 4);
}

static void reserve(tree_t *t, uint64_t start, uint64_t size)
{
    uint8_t *p = t->reservations + t->reservations_size;
    be32(p, (uint32_t)(start >> 32));
    be32(p + 4, (uint32_t)start);
    be32(p + 8, (uint32_t)(size >> 32));
    be32(p + 12, (uint32_t)size);
    t->reservations_size += 16;
}

/* The finished tree in memory of exactly its size, for the sanitizer to guard. */
static uint8_t *finish(tree_t *t, size_t *size)
{
    put_word(t, END);
    reserve(t, 0, 0);
    uint32_t structure = HEADER + t->reservations_size;
    uint32_t strings = structure + t->structure_size;
    uint32_t total = strings + t->strings_size;
    uint32_t header[] = {0xd00dfeed, total, structure, strings,         HEADER,
                         17,         16,    0,         t->strings_size, t->structure_size};
    uint8_t *out = malloc(total);
    for (size_t i = 0; i < 10; i++)
        be32(out + 4 * i, header[i]);
    memcpy(out + HEADER, t->reservations, t->reservations_size);
    memcpy(out + structure, t->structure, t->structure_size);
    memcpy(out + strings, t->strings, t->strings_size);
    *size = total;
    return out;
}

/* ---- the trees ---- */

static void add_cpu(tree_t *t, uint32_t id, const char *status)
{
    char name[16];
    snprintf(name, sizeof name, "cpu@%x", id);
    begin(t, name);
    text(t, "device_type", "cpu");
    CELLS(t, "reg", id);
    text(t, "status", status);
    begin(t, "interrupt-controller");
    text(t, "compatible", "riscv,cpu-intc");
    CELLS(t, "phandle", 0x10 + id);
    end(t);
    end(t);
}

static void add_cpus(tree_t *t)
{
    begin(t, "cpus");
    CELLS(t, "#address-cells", 1);
    CELLS(t, "#size-cells", 0);
    CELLS(t, "timebase-frequency", 10000000);
    add_cpu(t, 0, "okay");
    add_cpu(t, 1, "disabled");
    add_cpu(t, 2, "okay");
    end(t);
}

static void add_soc(tree_t *t)
{
    begin(t, "soc");
    CELLS(t, "#address-cells", 2);
    CELLS(t, "#size-cells", 2);
    begin(t, "serial@10000000");
    CELLS(t, "reg", 0, 0x10000000, 0, 0x100);
    text(t, "compatible", "ns16550a");
    end(t);
    begin(t, "plic@c000000");
    /* Each hart: machine mode (11), then supervisor mode (9). */
    CELLS(t, "interrupts-extended", 0x10, 11, 0x10, 9, 0x12, 11, 0x12, 9);
    CELLS(t, "reg", 0, 0xc000000, 0, 0x600000);
    bytes(t, "compatible", "sifive,plic-1.0.0\0riscv,plic0", 30);
    end(t);
    begin(t, "clint@2000000");
    CELLS(t, "reg", 0, 0x2000000, 0, 0x10000);
    bytes(t, "compatible", "sifive,clint0\0riscv,clint0", 27);
    end(t);
    begin(t, "uintc@2f00000");
    CELLS(t, "reg", 0, 0x2f00000, 0, 0x4000);
    text(t, "compatible", "riscv,uintc0");
    bytes(t, "u4,supervisor-notify", "", 0);
    end(t);
    end(t);
}

static void add_memory(tree_t *t, uint32_t high, uint32_t low, uint32_t size)
{
    begin(t, "memory");
    text(t, "device_type", "memory");
    CELLS(t, "reg", high, low, 0, size);
    end(t);
}

static void begin_root(tree_t *t)
{
    memset(t, 0, sizeof *t);
    begin(t, "");
    CELLS(t, "#address-cells", 2);
    CELLS(t, "#size-cells", 2);
}

static uint8_t *full_tree(size_t *size)
{
    static tree_t t;
    begin_root(&t);
    reserve(&t, 0x87000000, 0x1000);
    begin(&t, "chosen");
    text(&t, "bootargs", "u4.trace=1 u4.ring=10");
    end(&t);
    begin(&t, "reserved-memory");
    CELLS(&t, "#address-cells", 2);
    CELLS(&t, "#size-cells", 2);
    begin(&t, "mmode@80000000");
    CELLS(&t, "reg", 0, 0x80000000, 0, 0x40000);
    end(&t);
    end(&t);
    /* The PLIC before the harts that it refers to. */
    add_soc(&t);
    add_memory(&t, 0, 0x80000000, 0x8000000);
    add_memory(&t, 1, 0, 0x10000000);
    add_cpus(&t);
    end(&t);
    return finish(&t, size);
}

/* ---- tests ---- */

static bool parses(const void *dtb, size_t size)
{
    if (setjmp(panicked))
        return false;
    dtb_parse(dtb, size);
    return true;
}

static void assert_panics(const void *dtb, size_t size, const char *why)
{
    assert_false(parses(dtb, size));
    if (!strstr(panic_text, why))
        fail_msg("expected a panic about '%s', got '%s'", why, panic_text);
}

static void reads_everything(void **state)
{
    (void)state;
    size_t size;
    uint8_t *dtb = full_tree(&size);
    assert_true(parses(dtb, size));
    assert_int_equal(machine.dtb_size, size);
    assert_int_equal(machine.memories, 2);
    assert_int_equal(machine.memory[0].start, 0x80000000);
    assert_int_equal(machine.memory[0].end, 0x88000000);
    assert_int_equal(machine.memory[1].start, 0x100000000);
    assert_int_equal(machine.memory[1].end, 0x110000000);
    assert_int_equal(machine.reserves, 2);
    assert_int_equal(machine.reserved[0].start, 0x87000000);
    assert_int_equal(machine.reserved[0].end, 0x87001000);
    assert_int_equal(machine.reserved[1].end, 0x80040000);
    assert_int_equal(machine.timebase_hz, 10000000);
    assert_int_equal(machine.plic, 0xc000000);
    assert_int_equal(machine.plic_size, 0x600000);
    assert_int_equal(machine.clint, 0x2000000);
    assert_int_equal(machine.uart, 0x10000000);
    assert_int_equal(machine.uintc, 0x2f00000);
    assert_int_equal(machine.uintc_size, 0x4000);
    assert_true(machine.uintc_notifies);
    assert_string_equal(machine.bootargs, "u4.trace=1 u4.ring=10");
    free(dtb);
}

static void numbers_the_harts_that_are_usable(void **state)
{
    (void)state;
    size_t size;
    uint8_t *dtb = full_tree(&size);
    assert_true(parses(dtb, size));
    assert_int_equal(machine.harts, 2);
    assert_int_equal(machine.hart_ids[0], 0);
    assert_int_equal(machine.hart_ids[1], 2);
    assert_int_equal(machine.plic_context[0], 1);
    assert_int_equal(machine.plic_context[1], 3);
    free(dtb);
}

static void does_without_devices(void **state)
{
    (void)state;
    static tree_t t;
    size_t size;
    begin_root(&t);
    add_memory(&t, 0, 0x80000000, 0x8000000);
    add_cpus(&t);
    end(&t);
    uint8_t *dtb = finish(&t, &size);
    assert_true(parses(dtb, size));
    assert_int_equal(machine.plic, 0);
    assert_int_equal(machine.clint, 0);
    assert_int_equal(machine.uintc, 0);
    assert_false(machine.uintc_notifies);
    assert_null(machine.bootargs);
    free(dtb);
}

static void passes_over_what_is_too_much(void **state)
{
    (void)state;
    static tree_t t;
    size_t size;
    begin_root(&t);
    for (uint32_t i = 0; i < 12; i++)
        add_memory(&t, 0, 0x80000000 + i * 0x10000000, 0x1000);
    for (int i = 0; i < 20; i++)
        begin(&t, "deep");
    CELLS(&t, "reg", 0, 0, 0, 0);
    for (int i = 0; i < 20; i++)
        end(&t);
    add_cpus(&t);
    end(&t);
    uint8_t *dtb = finish(&t, &size);
    assert_true(parses(dtb, size));
    assert_int_equal(machine.memories, 8);
    assert_int_equal(machine.harts, 2);
    free(dtb);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    size_t size;
    uint8_t *dtb = full_tree(&size);
    assert_panics(dtb, 39, "no device tree");
    assert_panics(dtb, size - 1, "the loader gave");
    be32(dtb, 0x12345678);
    assert_panics(dtb, size, "found 0x12345678");
    be32(dtb, 0xd00dfeed);
    be32(dtb + 20, 16);
    assert_panics(dtb, size, "version 16");
    be32(dtb + 20, 17);
    be32(dtb + 8, 0xfffffff0);
    assert_panics(dtb, size, "structure block");
    free(dtb);
}

static void wants_memory_harts_and_a_timebase(void **state)
{
    (void)state;
    static tree_t t;
    size_t size;
    begin_root(&t);
    add_cpus(&t);
    end(&t);
    uint8_t *dtb = finish(&t, &size);
    assert_panics(dtb, size, "no memory");
    free(dtb);
    begin_root(&t);
    add_memory(&t, 0, 0x80000000, 0x1000);
    end(&t);
    dtb = finish(&t, &size);
    assert_panics(dtb, size, "no cpu");
    free(dtb);
}

/* Whatever one byte says: a verdict, and no access outside the tree (the sanitizer watches). */
static void survives_any_damaged_byte(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 2, 3, 9, 0x7f, 0x80, 0xff};
    size_t size;
    uint8_t *dtb = full_tree(&size);
    unsigned good = 0, bad = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t old = dtb[i];
        for (size_t v = 0; v < sizeof values; v++) {
            dtb[i] = values[v];
            if (parses(dtb, size))
                good++;
            else
                bad++;
        }
        dtb[i] = old;
    }
    assert_true(parses(dtb, size));
    assert_true(good > 0 && bad > 0);
    free(dtb);
}

static void survives_every_shorter_tree(void **state)
{
    (void)state;
    size_t size;
    uint8_t *dtb = full_tree(&size);
    for (size_t n = 0; n < size; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, dtb, n);
        if (n >= 8)
            be32(cut + 4, (uint32_t)n);
        assert_false(parses(cut, n));
        free(cut);
    }
    free(dtb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_everything),
        cmocka_unit_test(numbers_the_harts_that_are_usable),
        cmocka_unit_test(does_without_devices),
        cmocka_unit_test(passes_over_what_is_too_much),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(wants_memory_harts_and_a_timebase),
        cmocka_unit_test(survives_any_damaged_byte),
        cmocka_unit_test(survives_every_shorter_tree),
    };
    return cmocka_run_group_tests_name("device tree", tests, NULL, NULL);
}
