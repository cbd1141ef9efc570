/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The UINTC's registers as the supervisor sees them, and its device-tree node.
 */
#include "machine.h"

static void test_reset_state(void)
{
    uint64_t any = 0;

    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        any |= *uintc_reg(i, REG_LOW) | *uintc_reg(i, REG_HIGH) | *uintc_reg(i, REG_ACTIVE) |
               *uintc_reg(i, REG_SEND);
    }
    check_equal(any, 0, "all entries are zero after reset");
}

static void test_low(void)
{
    clean_slate();
    *uintc_reg(3, REG_LOW) = ~0ul;
    check_equal(*uintc_reg(3, REG_LOW), 0xffff0007, "LOW has hart, S, mode and Active");
    *uintc_reg(3, REG_LOW) = LOW_HART(0x1234) | LOW_WIDE;
    check_equal(*uintc_reg(3, REG_LOW), 0x12340002, "LOW reads back");
    *uintc_reg(3, REG_ACTIVE) = 1;
    check_equal(*uintc_reg(3, REG_LOW), 0x12340003, "ACTIVE sets LOW's bit 0");
    check_equal(*uintc_reg(3, REG_ACTIVE), 1, "ACTIVE reads it");
    *uintc_reg(3, REG_ACTIVE) = 0;
    check_equal(*uintc_reg(3, REG_LOW), 0x12340002, "and clears it");
    *uintc_reg(3, REG_ACTIVE) = 2;
    check_equal(*uintc_reg(3, REG_ACTIVE), 1, "any non-zero value sets Active");
}

static void test_vectors(void)
{
    bool wide = true, narrow = true;

    clean_slate();
    *uintc_reg(7, REG_LOW) = LOW_WIDE;
    for (unsigned v = 0; v < 64; v++) {
        *uintc_reg(7, REG_SEND) = v;
        wide &= *uintc_reg(7, REG_HIGH) == 1ul << v;
    }
    check(wide, "64-bit mode: each of 64 vectors sets its own bit");
    *uintc_reg(7, REG_LOW) = 0;
    for (unsigned v = 0; v < 32; v++) {
        *uintc_reg(7, REG_SEND) = v;
        narrow &= *uintc_reg(7, REG_HIGH) == 1ul << v;
    }
    check(narrow, "32-bit mode: each of 32 vectors sets its own bit");
}

static void test_bad_vectors(void)
{
    static const uint64_t bad[] = {64, 65, 127, 0xffff, 1ul << 32, 1ul << 63, ~0ul};

    clean_slate();
    *uintc_reg(7, REG_LOW) = LOW_WIDE;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        *uintc_reg(7, REG_SEND) = bad[i];
    }
    check_equal(*uintc_reg(7, REG_HIGH), 0, "64-bit mode: vectors from 64 on do nothing");
    *uintc_reg(7, REG_LOW) = 0;
    for (unsigned v = 32; v < 70; v++) {
        *uintc_reg(7, REG_SEND) = v;
    }
    *uintc_reg(7, REG_LOW) = LOW_WIDE;
    check_equal(*uintc_reg(7, REG_HIGH), 0, "32-bit mode: vectors from 32 on do nothing");
}

static void test_high(void)
{
    clean_slate();
    *uintc_reg(9, REG_LOW) = LOW_WIDE;
    *uintc_reg(9, REG_HIGH) = 0xf00000000000000f;
    *uintc_reg(9, REG_HIGH) = 0x00ff000000000000;
    *uintc_reg(9, REG_SEND) = 20;
    *uintc_reg(9, REG_LOW) = LOW_WIDE | LOW_HART(1);
    check_equal(*uintc_reg(9, REG_SEND), 0, "SEND reads as zero");
    check_equal(*uintc_reg(9, REG_HIGH), 0xf0ff00000010000f, "HIGH ORs in; LOW keeps the bits");
    check_equal(*uintc_reg(9, REG_HIGH), 0, "reading HIGH has cleared them");
    *uintc_reg(9, REG_LOW) = 0;
    *uintc_reg(9, REG_HIGH) = 0x1234567890abcdef;
    check_equal(*uintc_reg(9, REG_HIGH), 0x90abcdef, "32-bit mode: HIGH has 32 bits");
    *uintc_reg(9, REG_LOW) = LOW_WIDE;
    *uintc_reg(9, REG_HIGH) = 0x1234567890abcdef;
    *uintc_reg(9, REG_LOW) = 0;
    *uintc_reg(9, REG_LOW) = LOW_WIDE;
    check_equal(*uintc_reg(9, REG_HIGH), 0x90abcdef, "going to 32-bit mode drops the upper bits");
}

static void test_entries_are_separate(void)
{
    bool good = true;

    clean_slate();
    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        *uintc_reg(i, REG_LOW) = LOW_HART(i * 3) | LOW_WIDE;
        *uintc_reg(i, REG_HIGH) = 0x0101010101010101ul * (i % 255 + 1);
    }
    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        good &= *uintc_reg(i, REG_LOW) == (LOW_HART(i * 3) | LOW_WIDE);
        good &= *uintc_reg(i, REG_HIGH) == 0x0101010101010101ul * (i % 255 + 1);
    }
    check(good, "512 entries are separate");
}

static void test_bounds(void)
{
    uintptr_t low = (uintptr_t)uintc_reg(5, REG_LOW), end = UINTC_BASE + 0x4000;
    bool narrow_read = true, narrow_write = true;
    uint64_t value;

    clean_slate();
    for (unsigned bytes = 1; bytes < 8; bytes *= 2) {
        narrow_read &= try_load(low, bytes, &value) == CAUSE_LOAD_ACCESS;
        narrow_write &= try_store(low, bytes, 3) == CAUSE_STORE_ACCESS;
    }
    check(narrow_read, "loads of less than 8 bytes fault");
    check(narrow_write, "stores of less than 8 bytes fault");
    check(try_store(low + 4, 8, 7) != CAUSE_NONE, "a misaligned store faults");
    check_equal(*uintc_reg(5, REG_LOW), 0, "none of these changed the entry");
    check_equal(try_load(end - 8, 8, &value), (uint64_t)CAUSE_NONE, "the last register is there");
    check_equal(try_load(end, 8, &value), CAUSE_LOAD_ACCESS, "a load behind the window faults");
    check_equal(try_store(end, 8, 0), CAUSE_STORE_ACCESS, "a store behind the window faults");
    check_equal(try_load(UINTC_BASE - 8, 8, &value), CAUSE_LOAD_ACCESS, "and one before it");
}

static bool is_text(const uint32_t *p, uint32_t length, const char *text)
{
    const char *s = (const char *)p;

    for (uint32_t i = 0; i < length; i++) {
        if (s[i] != text[i]) {
            return false;
        }
    }
    return true;
}

static void test_device_tree(void)
{
    uint32_t length = 0;
    const uint32_t *p = fdt_find("uintc@2f10000", "compatible", &length);

    check_equal(fdt_count("uintc@"), 1, "the device tree has one UINTC node");
    check(p && length == 13 && is_text(p, length, "riscv,uintc0"), "it is compatible riscv,uintc0");
    p = fdt_find("uintc@", "reg", &length);
    check(p && length == 16 && fdt_cell(p, 1) == UINTC_BASE && fdt_cell(p, 3) == 0x4000,
          "with its address and size");
    p = fdt_find("uintc@", "interrupts-extended", &length);
    check_equal(length, hart_count() * 8, "one interrupt per hart");
    check(p && fdt_cell(p, 1) == 0 && fdt_cell(p, length / 4 - 1) == 0, "user software interrupts");
    check(fdt_find("uintc@", "interrupt-controller", &length) != NULL, "an interrupt controller");
    check(fdt_find("uintc@", "u4,supervisor-notify", &length) != NULL,
          "that can notify the supervisor");
}

void test_main(void)
{
    test_reset_state();
    test_low();
    test_vectors();
    test_bad_vectors();
    test_high();
    test_entries_are_separate();
    test_bounds();
    test_device_tree();
}
