/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions: uipi send, read, write, activate, deactivate, from each mode, with good
 * and bad tables and indices; encodings that are none of them; uret.
 */
#include "machine.h"

#define RECEIVER 40

static uint64_t uipi(unsigned prv, unsigned op, uint64_t argument)
{
    uint64_t a0 = argument;

    run_insn(prv, insn_uipi(op, op == UIPI_READ ? A0 : 0, op == UIPI_READ ? 0 : A0), &a0, 0);
    return a0;
}

static uint64_t taken(unsigned receiver)
{
    return *uintc_reg(receiver, REG_HIGH);
}

static void setup(void)
{
    clean_slate();
    for (unsigned i = 0; i < SENDERS; i++) {
        sender_table[0][i] = 0;
    }
    csr_put(SUIST, suist_for(sender_table[0], 1));
    csr_put(SUIRS, ENABLE | RECEIVER);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE;
}

static void test_send(void)
{
    bool good = true;

    setup();
    for (unsigned v = 0; v < 64; v++) {
        sender_table[0][v] = sender(RECEIVER, v);
        uipi(PRV_U, UIPI_SEND, v);
        good &= executed() && taken(RECEIVER) == 1ul << v;
    }
    check(good, "send posts each of 64 vectors");
    sender_table[0][511] = sender(511, 5);
    *uintc_reg(511, REG_LOW) = LOW_WIDE;
    uipi(PRV_U, UIPI_SEND, 511);
    check_equal(taken(511), 1ul << 5, "the last entry of the table reaches the last receiver");
    sender_table[0][2] = sender(RECEIVER, 9) | 0xfffe | 0xfffful << 32;
    uipi(PRV_U, UIPI_SEND, 2);
    check_equal(taken(RECEIVER), 1ul << 9, "reserved bits of an entry are ignored");
    uipi(PRV_S, UIPI_SEND, 2);
    check(executed() && taken(RECEIVER) == 1ul << 9, "supervisor mode can send too");
}

static void test_send_without_effect(void)
{
    static const uint64_t beyond[] = {512, 513, 1ul << 20, 1ul << 61, 1ul << 63, ~0ul};
    static uint64_t two_pages[2 * SENDERS] __attribute__((aligned(4096)));

    setup();
    for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
        two_pages[SENDERS] = two_pages[SENDERS + 1] = sender(RECEIVER, i);
        csr_put(SUIST, suist_for(two_pages, 1));
        uipi(PRV_U, UIPI_SEND, beyond[i]);
        check(executed() && taken(RECEIVER) == 0, "an index past the table does nothing");
    }
    csr_put(SUIST, suist_for(two_pages, 2));
    uipi(PRV_U, UIPI_SEND, 512);
    check(taken(RECEIVER) != 0, "but is good when the table has two pages");
    csr_put(SUIST, suist_for(two_pages, 0));
    uipi(PRV_U, UIPI_SEND, 0);
    csr_put(SUIST, suist_for(two_pages, 2) & ~ENABLE);
    uipi(PRV_U, UIPI_SEND, 512);
    csr_put(SUIST, suist_for(two_pages, 2));
    two_pages[0] = sender(RECEIVER, 3) & ~1ul;
    uipi(PRV_U, UIPI_SEND, 0);
    check_equal(taken(RECEIVER), 0, "no pages, not enabled, not valid: nothing");
    two_pages[0] = sender(RECEIVER, 64);
    two_pages[1] = sender(RECEIVER, 0xffff);
    uipi(PRV_U, UIPI_SEND, 0);
    uipi(PRV_U, UIPI_SEND, 1);
    check_equal(taken(RECEIVER), 0, "vectors from 64 on: nothing");
    for (unsigned r = 512; r < 0x10000; r = r * 2 + RECEIVER) {
        two_pages[0] = sender(r, 1);
        uipi(PRV_U, UIPI_SEND, 0);
        check(executed(), "a receiver that does not exist: nothing");
    }
    check_equal(taken(RECEIVER), 0, "and nobody else gets it");
}

static void test_send_bad_table(void)
{
    setup();
    csr_put(SUIST, ENABLE | 1ul << 44 | 0x7fffffffful);
    uipi(PRV_U, UIPI_SEND, 0);
    check(executed(), "a table where no memory is: nothing");
    csr_put(SUIST, suist_for(sender_table[0], 1));
    sender_table[0][0] = sender(RECEIVER, 1);
    csr_write(pmpaddr1, ~0ul);
    csr_write(pmpaddr0, (uint64_t)sender_table[0] >> 2 | 0x1ff);
    csr_write(pmpcfg0, 0x1f18ul); /* one page without rights, then everything */
    __asm__ volatile("sfence.vma" ::: "memory");
    uipi(PRV_U, UIPI_SEND, 0);
    check(executed() && taken(RECEIVER) == 0, "a table that PMP closes to the supervisor: nothing");
    csr_write(pmpaddr0, ~0ul);
    csr_write(pmpcfg0, 0x1ful);
    __asm__ volatile("sfence.vma" ::: "memory");
    uipi(PRV_U, UIPI_SEND, 0);
    check_equal(taken(RECEIVER), 2, "open again: sent");
}

static void test_read_write(void)
{
    setup();
    uipi(PRV_U, UIPI_WRITE, 0x8000000000000001);
    uipi(PRV_U, UIPI_WRITE, 0x0000000100000000);
    check_equal(uipi(PRV_U, UIPI_READ, 77), 0x8000000100000001, "write ORs in, read returns it");
    check_equal(uipi(PRV_U, UIPI_READ, 77), 0, "read has cleared it");
    csr_put(SUIRS, RECEIVER);
    uipi(PRV_U, UIPI_WRITE, 1);
    check_equal(taken(RECEIVER), 0, "write without suirs.Enable does nothing");
    *uintc_reg(RECEIVER, REG_HIGH) = 4;
    check_equal(uipi(PRV_U, UIPI_READ, 77), 0, "read without suirs.Enable gives zero");
    csr_put(SUIRS, ENABLE | 512);
    check_equal(uipi(PRV_U, UIPI_READ, 77), 0, "as does one of a receiver that does not exist");
    uipi(PRV_U, UIPI_WRITE, ~0ul);
    csr_put(SUIRS, ENABLE | 0xffff);
    uipi(PRV_U, UIPI_WRITE, ~0ul);
    uipi(PRV_U, UIPI_ACTIVATE, 0);
    check_equal(taken(RECEIVER), 4, "and the real one is untouched");
}

static void test_activate(void)
{
    setup();
    *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE | LOW_HART(1);
    uipi(PRV_U, UIPI_ACTIVATE, 0);
    check_equal(*uintc_reg(RECEIVER, REG_LOW), LOW_WIDE | LOW_HART(1) | LOW_ACTIVE,
                "activate sets Active, nothing else");
    uipi(PRV_U, UIPI_DEACTIVATE, 0);
    check_equal(*uintc_reg(RECEIVER, REG_LOW), LOW_WIDE | LOW_HART(1), "deactivate clears it");
    csr_put(SUIRS, RECEIVER);
    uipi(PRV_U, UIPI_ACTIVATE, 0);
    check_equal(*uintc_reg(RECEIVER, REG_LOW), LOW_WIDE | LOW_HART(1),
                "neither without suirs.Enable");
}

static void test_encodings(void)
{
    static const uint32_t none[] = {
        0x0a05607b,                         /* funct7 5 */
        0xfe05607b,                         /* funct7 127 */
        0x0015607b,                         /* rs2 is not zero */
        0x0005207b,                         /* funct3 010, as the specification's text has it */
        0x0005707b, 0x0205707b, 0x00000200, /* neighbours */
    };

    setup();
    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        uint64_t a0 = 0;

        check(run_insn(PRV_U, none[i], &a0, 0) == CAUSE_ILLEGAL, "not an instruction");
    }
    for (unsigned op = UIPI_SEND; op <= UIPI_DEACTIVATE; op++) {
        uint64_t a0 = 1;

        run_insn(PRV_U, insn_uipi(op, 0, 0), &a0, 0);
        check(executed() && a0 == 1, "x0 as source and destination");
    }
}

static void test_uret(void)
{
    uint64_t a0 = 0;

    setup();
    csr_put(UEPC, (uintptr_t)user_vector);
    csr_put(USTATUS, STATUS_UPIE);
    run_insn(PRV_U, INSN_URET, &a0, 0);
    check(outcome() == TO_USER, "uret jumps to uepc");
    check_equal(csr_get(USTATUS), STATUS_UIE | STATUS_UPIE, "UIE = UPIE, UPIE = 1");
    csr_put(USTATUS, STATUS_UIE);
    run_insn(PRV_U, INSN_URET, &a0, 0);
    check_equal(csr_get(USTATUS), STATUS_UPIE, "UIE = UPIE when that is 0");
    check_equal(run_insn(PRV_S, INSN_URET, &a0, 0), CAUSE_ILLEGAL, "uret is for user mode only");
}

void test_main(void)
{
    test_send();
    test_send_without_effect();
    test_send_bad_table();
    test_read_write();
    test_activate();
    test_encodings();
    test_uret();
}
