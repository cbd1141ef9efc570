/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold however sends and the receiver's side interleave: no signal is lost while
 * the receiver deactivates, activates and migrates its entry, and none arrives through a
 * sender entry that was invalidated before the UINTC was next accessed.
 */
#include "machine.h"

#define RECEIVER 200
#define VICTIM 300
#define ROUNDS 200

static volatile uint64_t wanted;   /* what the sender is to send in this round */
static volatile unsigned round_of; /* which round that is */
static volatile bool over;
static volatile unsigned sends;

static void send(uint64_t index)
{
    run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &index, 0);
}

static void sending(void *argument)
{
    unsigned seen = 0;

    (void)argument;
    for (unsigned v = 0; v < 64; v++) {
        sender_table[1][v] = sender(RECEIVER, v);
    }
    csr_put(SUIST, suist_for(sender_table[1], 1));
    while (!over) {
        if (seen == round_of) {
            rest();
            continue;
        }
        seen = round_of;
        for (unsigned v = 0; v < 64; v++) {
            if (wanted >> v & 1) {
                send(v);
            }
        }
    }
}

static uint64_t random_bits(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void prepare_receiver(void)
{
    clean_slate();
    csr_put(SUIRS, ENABLE | RECEIVER);
    csr_put(SIDELEG, INT_USER_SOFT);
    csr_set(mie, INT_USER_SOFT);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE;
}

/* One look, as a scheduled-in receiver has it: activate, take an interrupt, deactivate. */
static uint64_t look(unsigned step)
{
    uint64_t a0 = 0, got = 0;

    if (step & 1) {
        *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE | LOW_ACTIVE | LOW_HART(hart_id());
    } else {
        run_insn(PRV_U, insn_uipi(UIPI_ACTIVATE, 0, 0), &a0, 0);
    }
    csr_put(USTATUS, STATUS_UIE);
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    csr_put(USTATUS, 0);
    if (outcome() == TO_USER) {
        csr_clear(mip, INT_USER_SOFT);
        run_insn(PRV_U, insn_uipi(UIPI_READ, A0, 0), &got, 0);
    }
    run_insn(PRV_U, insn_uipi(UIPI_DEACTIVATE, 0, 0), &a0, 0);
    if (step % 7 == 3) {
        *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE | LOW_HART(60000);
    }
    return got;
}

static void test_nothing_is_lost(void)
{
    bool exact = true;
    unsigned looks = 0;

    prepare_receiver();
    start_on(1, sending, NULL);
    for (unsigned r = 1; r <= ROUNDS; r++) {
        uint64_t got = 0;

        wanted = random_bits();
        round_of = r;
        wake(1);
        while (got != wanted) {
            got |= look(++looks);
            exact &= (got & ~wanted) == 0;
            if (got != wanted && looks % 16 == 0) { /* let the sender run, under -icount too */
                *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE | LOW_ACTIVE | LOW_HART(hart_id());
                rest();
            }
        }
    }
    over = true;
    wake(1);
    wait_for(1);
    check(true, "200 rounds: every send arrives while the receiver comes and goes");
    check(exact, "and nothing that was not sent");
}

/* Sends without end through one entry, valid or not. */
static void flooding(void *argument)
{
    (void)argument;
    csr_put(SUIST, suist_for(sender_table[1], 1));
    while (!over) {
        send(0);
        sends = sends + 1;
        if (sends % 8 == 0) {
            wake(0);
            rest();
        }
    }
}

static void let_it_send(void)
{
    unsigned before = sends;

    do {
        wake(1);
        rest();
    } while (sends - before < 16);
}

static void test_revocation(void)
{
    bool came = true, stopped = true;

    over = false;
    sender_table[1][0] = 0;
    *uintc_reg(VICTIM, REG_LOW) = LOW_WIDE;
    start_on(1, flooding, NULL);
    for (unsigned r = 0; r < 50; r++) {
        *(volatile uint64_t *)&sender_table[1][0] = sender(VICTIM, r);
        let_it_send();
        came &= *uintc_reg(VICTIM, REG_HIGH) == 1ul << r;
        *(volatile uint64_t *)&sender_table[1][0] = 0;
        __asm__ volatile("fence rw, rw" ::: "memory");
        (void)*uintc_reg(VICTIM, REG_HIGH); /* the access that closes the door */
        let_it_send();
        stopped &= *uintc_reg(VICTIM, REG_HIGH) == 0;
    }
    over = true;
    wake(1);
    wait_for(1);
    check(came, "a valid entry works while it is valid");
    check(stopped, "once invalidated, and the UINTC accessed, it never sends again");
}

void test_main(void)
{
    if (hart_count() < 2) {
        bail("this test needs two harts");
    }
    test_nothing_is_lost();
    test_revocation();
}
