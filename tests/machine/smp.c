/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User interrupts between harts: each sends to each, receivers that migrate, supervisors
 * that are told on another hart, and that no hart gets what is another's.
 */
#include "machine.h"

static unsigned harts;

/* The receiver's side: hart h is receiver 100 + h and waits for its own vectors only. */
typedef struct receiver {
    uint64_t got;
    uint64_t want;
    unsigned interrupts;
} receiver_t;

static receiver_t receivers[MAX_HARTS];

static unsigned receiver_of(unsigned hart)
{
    return 100 + hart;
}

static void receive(void *argument)
{
    receiver_t *r = argument;
    uint64_t bits;

    receiver_setup(receiver_of(hart_id()));
    *uintc_reg(receiver_of(hart_id()), REG_ACTIVE) = 1;
    while ((r->got & r->want) != r->want) {
        if (receiver_take(&bits)) {
            r->got |= bits;
            r->interrupts++;
        } else {
            rest();
        }
    }
}

static void send_from_here(unsigned to, unsigned vector)
{
    send_vector(to * 64 + vector, receiver_of(to), vector);
}

/* Before anyone sends: in a fresh entry's 32-bit mode half of the vectors do not exist. */
static void setup_receivers(void)
{
    for (unsigned h = 0; h < harts; h++) {
        *uintc_reg(receiver_of(h), REG_LOW) = LOW_HART(h) | LOW_WIDE;
    }
}

/* Hart 0 to every other, every vector, one at a time. */
static void test_one_to_each(void)
{
    bool delivered = true, separate = true;

    receiver_setup(receiver_of(hart_id()));
    setup_receivers();
    for (unsigned h = 1; h < harts; h++) {
        receivers[h] = (receiver_t){.want = ~0ul};
        start_on(h, receive, &receivers[h]);
    }
    for (unsigned v = 0; v < 64; v++) {
        for (unsigned h = 1; h < harts; h++) {
            send_from_here(h, v);
        }
    }
    for (unsigned h = 1; h < harts; h++) {
        wait_for(h);
        delivered &= receivers[h].got == ~0ul && receivers[h].interrupts > 0;
        separate &= *uintc_reg(receiver_of(h), REG_HIGH) == 0;
    }
    check(delivered, "hart 0 sends 64 vectors to each other hart");
    check(separate, "and nothing more arrives");
    check_equal(csr_read(mip) & INT_USER, 0, "the sender is not interrupted");
}

/* Everyone sends to everyone, itself included, and waits for what the others send. */
static void all_to_all(void *argument)
{
    unsigned self = hart_id();

    receiver_setup(receiver_of(hart_id()));
    for (unsigned h = 0; h < harts; h++) {
        send_from_here(h, self);
        send_from_here(h, 63 - self);
    }
    receive(argument);
}

static void test_all_to_all(void)
{
    uint64_t everyone = 0;
    bool good = true;

    setup_receivers();
    for (unsigned h = 0; h < harts; h++) {
        everyone |= 1ul << h | 1ul << (63 - h);
    }
    for (unsigned h = 0; h < harts; h++) {
        receivers[h] = (receiver_t){.want = everyone};
    }
    for (unsigned h = 1; h < harts; h++) {
        start_on(h, all_to_all, &receivers[h]);
    }
    all_to_all(&receivers[0]);
    for (unsigned h = 0; h < harts; h++) {
        if (h > 0) {
            wait_for(h);
        }
        good &= receivers[h].got == everyone;
    }
    check(good, "every hart sends to every hart");
}

static void wait_for_bit(void *argument)
{
    receiver_t *r = argument;

    receiver_setup(receiver_of(hart_id()));
    *uintc_reg(receiver_of(hart_id()), REG_LOW) = LOW_HART(hart_id()) | LOW_WIDE | LOW_ACTIVE;
    while (!receiver_take(&r->got)) {
        rest();
    }
}

/* Sends while the receiver is on no hart are delivered on the hart it moves to. */
static void test_migration(void)
{
    bool good = true;

    receiver_setup(receiver_of(hart_id()));
    for (unsigned h = 1; h < harts; h++) {
        receivers[h] = (receiver_t){0};
        *uintc_reg(receiver_of(h), REG_LOW) = LOW_HART(0) | LOW_WIDE;
        send_from_here(h, 40 + h);
        start_on(h, wait_for_bit, &receivers[h]);
        wait_for(h);
        good &= receivers[h].got == 1ul << (40 + h);
    }
    check(good, "what is pending is delivered on the hart the receiver moves to");
    check_equal(csr_read(mip) & INT_USER, 0, "and not where it was");
}

static void wait_for_supervisor_interrupt(void *argument)
{
    receiver_t *r = argument;

    csr_set(mie, INT_SUPER_SOFT);
    while (!(csr_read(mip) & INT_SUPER_SOFT)) {
        rest();
    }
    r->got = csr_read(mip) & (INT_SUPER_SOFT | INT_USER);
    csr_clear(mip, INT_SUPER_SOFT);
    csr_clear(mie, INT_SUPER_SOFT);
}

static void test_supervisor_elsewhere(void)
{
    bool good = true;

    for (unsigned h = 1; h < harts; h++) {
        receivers[h] = (receiver_t){0};
        *uintc_reg(receiver_of(h), REG_LOW) = LOW_HART(h) | LOW_WIDE | LOW_SUPER;
        (void)*uintc_reg(receiver_of(h), REG_HIGH);
        start_on(h, wait_for_supervisor_interrupt, &receivers[h]);
        send_from_here(h, 1);
        wait_for(h);
        good &= receivers[h].got == INT_SUPER_SOFT;
    }
    check(good, "S: the supervisor is told on the receiver's hart");
    check_equal(csr_read(mip) & (INT_USER | INT_SUPER_SOFT), 0, "and only there");
}

/* What each hart writes into its own CSRs stays there. */
static void write_own(void *argument)
{
    (void)argument;
    csr_put(SUIRS, ENABLE | 7);
    csr_put(USCRATCH, 0xabc);
}

static void test_own_csrs(void)
{
    clean_slate();
    start_on(harts - 1, write_own, NULL);
    wait_for(harts - 1);
    check(csr_get(SUIRS) == 0 && csr_get(USCRATCH) == 0, "each hart has its own CSRs");
}

void test_main(void)
{
    harts = hart_count();
    print("# %u harts\n", harts);
    test_one_to_each();
    test_all_to_all();
    test_migration();
    test_supervisor_elsewhere();
    test_own_csrs();
}
