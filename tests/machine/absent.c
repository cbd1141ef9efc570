/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is there without the N extension, and with it but without a UINTC. Run on the model
 * with either switched off, and on the distribution's own QEMU.
 */
#include "machine.h"

static const unsigned user_csrs[] = {USTATUS, UIE,   UTVEC, USCRATCH, UEPC,
                                     UCAUSE,  UTVAL, UIP,   SEDELEG,  SIDELEG};
static const unsigned uintc_csrs[] = {SUIST, SUIRS, SUICFG};

static bool all_are(const unsigned *csrs, unsigned count, bool there)
{
    bool good = true;

    for (unsigned i = 0; i < count; i++) {
        uint64_t value = 0;

        good &= csr_try(PRV_S, CSRRS, csrs[i], &value) == there;
        good &= there || this_user()->cause == CAUSE_ILLEGAL;
    }
    return good;
}

void test_main(void)
{
    bool n = csr_read(misa) >> ('N' - 'A') & 1;
    uint64_t value, a0 = 0;
    bool no_uipi = true;

    csr_write(medeleg, 0ul);
    csr_write(mideleg, 0ul);
    print("# the N extension is %s\n", n ? "there" : "absent");
    check(all_are(user_csrs, 10, n), n ? "its CSRs are there" : "its CSRs are illegal");
    check_equal(csr_read(mideleg) & INT_USER, n ? INT_USER : 0, "mideleg's user bits");
    csr_set(mstatus, STATUS_UIE | STATUS_UPIE);
    check_equal(csr_read(mstatus) & STATUS_UIE, n, "mstatus.UIE");
    csr_set(mie, INT_USER);
    check_equal(csr_read(mie) & INT_USER, n ? INT_USER : 0, "mie's user bits");
    csr_set(mip, INT_USER);
    check_equal(csr_read(mip) & INT_USER, n ? INT_USER : 0, "mip's user bits");
    csr_clear(mie, INT_USER);
    run_insn(PRV_U, INSN_URET, &a0, 0);
    check(n || this_user()->cause == CAUSE_ILLEGAL, "uret");

    check(all_are(uintc_csrs, 3, false), "without a UINTC, suist, suirs and suicfg are illegal");
    for (unsigned op = UIPI_SEND; op <= UIPI_DEACTIVATE; op++) {
        no_uipi &= run_insn(PRV_U, insn_uipi(op, A0, A0), &a0, 0) == CAUSE_ILLEGAL;
    }
    check(no_uipi, "and so is uipi");
    check_equal(fdt_count("uintc@"), 0, "the device tree has no UINTC");
    check_equal(try_load(UINTC_BASE, 8, &value), CAUSE_LOAD_ACCESS, "its place is empty");
}
