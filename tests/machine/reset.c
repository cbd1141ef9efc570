/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After a reset of the machine nothing of user interrupts is left. What must survive is in
 * memory that no image covers.
 */
#include "machine.h"

#define MARK ((volatile uint64_t *)0x87000000)
#define GONE 0x7534544553455230ul

static void dirty_everything(void)
{
    static const unsigned csrs[] = {USTATUS, UTVEC,   USCRATCH, UEPC,  UCAUSE,
                                    UTVAL,   SEDELEG, SIDELEG,  SUIST, SUIRS};

    for (unsigned i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++) {
        csr_put(csrs[i], ~3ul);
    }
    csr_put(USTATUS, STATUS_UIE | STATUS_UPIE);
    csr_set(mie, INT_USER);
    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        *uintc_reg(i, REG_LOW) = LOW_HART(0) | LOW_WIDE | LOW_ACTIVE;
        *uintc_reg(i, REG_SEND) = i % 64;
    }
}

static void check_clean(void)
{
    static const unsigned csrs[] = {USTATUS, UIE, UTVEC, USCRATCH, UEPC,    UCAUSE,
                                    UTVAL,   UIP, SUIST, SUIRS,    SEDELEG, SIDELEG};
    uint64_t any = 0;

    for (unsigned i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++) {
        any |= csr_get(csrs[i]);
    }
    check_equal(any, 0, "reset clears the CSRs");
    check_equal((csr_read(mip) | csr_read(mie)) & INT_USER, 0, "and the interrupt bits");
    check_equal(csr_read(mideleg) & INT_USER, INT_USER, "delegation to the supervisor is fixed");
    any = 0;
    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        any |= *uintc_reg(i, REG_LOW) | *uintc_reg(i, REG_HIGH);
    }
    check_equal(any, 0, "and all entries of the UINTC");
}

void test_main(void)
{
    if (MARK[0] != GONE) {
        dirty_everything();
        MARK[0] = GONE;
        reset_machine();
    }
    MARK[0] = 0;
    check_clean();
}
