/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long traffic for snapshots: a token goes round all harts, each hop a user interrupt, and
 * every hart sums what it sees. A snapshot that lost or invented anything would end it, or
 * change the sum. Lines that begin with "at" tell how far it is.
 */
#include "machine.h"

#define ROUNDS 4000
#define TICK 2000 /* of time: 200 us */
#define INT_SUPER_TIMER (1ul << 5)

static unsigned harts;
static uint64_t sums[MAX_HARTS];

static unsigned receiver_of(unsigned hart)
{
    return 20 + 100 * hart;
}

static uint64_t wait_for_token(unsigned self)
{
    uint64_t bits = 0;

    while (!receiver_take(&bits)) {
        rest();
    }
    sums[self] = sums[self] * 6364136223846793005 + bits + csr_get(UCAUSE);
    return bits;
}

/* Sleep until the timer that is behind stimecmp (0x14d): snapshots must keep it going. */
static void sleep_one_tick(void)
{
    csr_put(0x14d, csr_read(time) + TICK);
    csr_set(mie, INT_SUPER_TIMER);
    while (!(csr_read(mip) & INT_SUPER_TIMER)) {
        rest();
    }
    csr_clear(mie, INT_SUPER_TIMER);
}

static void pass_on(void *argument)
{
    unsigned self = hart_id();

    (void)argument;
    receiver_setup(receiver_of(self));
    *uintc_reg(receiver_of(self), REG_LOW) = LOW_HART(self) | LOW_WIDE | LOW_ACTIVE;
    for (unsigned r = 0; r < ROUNDS; r++) {
        if (self > 0 || r > 0) {
            wait_for_token(self);
        }
        if (self == 0 && r % (ROUNDS / 10) == 0) {
            print("at %u\n", r);
        }
        if (self == 0 && r % 4 == 0) {
            sleep_one_tick();
        }
        send_vector(r % SENDERS, receiver_of((self + 1) % harts), (r * 7 + self) % 64);
    }
    if (self == 0) {
        wait_for_token(self);
    }
}

/* What the sum must be: each hop's vector is known. */
static uint64_t expected(unsigned self)
{
    unsigned from = (self + harts - 1) % harts;
    uint64_t sum = 0;

    for (unsigned r = 0; r < ROUNDS; r++) {
        sum = sum * 6364136223846793005 + (1ul << (r * 7 + from) % 64) + INTERRUPT;
    }
    return sum;
}

void test_main(void)
{
    bool good = true;

    harts = hart_count();
    csr_set(0x30a, 1ul << 63); /* menvcfg.STCE */
    for (unsigned h = 0; h < harts; h++) {
        *uintc_reg(receiver_of(h), REG_LOW) = LOW_HART(h) | LOW_WIDE;
    }
    for (unsigned h = 1; h < harts; h++) {
        start_on(h, pass_on, NULL);
    }
    pass_on(NULL);
    for (unsigned h = 0; h < harts; h++) {
        if (h > 0) {
            wait_for(h);
        }
        good &= sums[h] == expected(h);
    }
    print("# sum 0x%lx time 0x%lx\n", sums[0], csr_read(mcycle));
    check(good, "every hart got every token, once and in order");
}
