/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CSRs of user interrupts: which bits exist, who may touch them, what they are views of;
 * and that no CSR access whatever from user mode harms the machine.
 */
#include "machine.h"

typedef struct field_test {
    const char *name;
    unsigned csr;
    uint64_t writable; /* of all ones */
} field_test_t;

/* Exceptions of user mode, the ones sedeleg can hand over. */
#define USER_EXCEPTIONS 0xb1fful

static const field_test_t storage[] = {
    {"ustatus", USTATUS, STATUS_UIE | STATUS_UPIE},
    {"uscratch", USCRATCH, ~0ul},
    {"uepc", UEPC, ~1ul},
    {"ucause", UCAUSE, ~0ul},
    {"utval", UTVAL, ~0ul},
    {"sedeleg", SEDELEG, USER_EXCEPTIONS},
    {"sideleg", SIDELEG, INT_USER},
    {"suist", SUIST, ENABLE | ((1ul << 56) - 1)},
    {"suirs", SUIRS, ENABLE | 0xffff},
};

static void test_fields(void)
{
    clean_slate();
    for (unsigned i = 0; i < sizeof(storage) / sizeof(storage[0]); i++) {
        const field_test_t *t = &storage[i];

        csr_put(t->csr, ~0ul);
        check_equal(csr_get(t->csr), t->writable, t->name);
        csr_put(t->csr, 0);
        check_equal(csr_get(t->csr), 0, t->name);
    }
    csr_put(UTVEC, 0x80001000);
    csr_put(UTVEC, 0x80002001);
    check_equal(csr_get(UTVEC), 0x80002001, "utvec takes vectored mode");
    csr_put(UTVEC, 0x80003002);
    csr_put(UTVEC, 0x80003003);
    check_equal(csr_get(UTVEC), 0x80002001, "utvec ignores reserved modes");
    csr_put(SUICFG, 0x12345000);
    check_equal(csr_get(SUICFG), UINTC_BASE, "suicfg names the UINTC and cannot be changed");
}

static void test_privileges(void)
{
    static const unsigned user[] = {USTATUS, UIE, UTVEC, USCRATCH, UEPC, UCAUSE, UTVAL, UIP};
    static const unsigned super[] = {SEDELEG, SIDELEG, SUIST, SUIRS, SUICFG};
    bool user_ok = true, super_ok = true, denied = true;
    uint64_t value;

    clean_slate();
    for (unsigned i = 0; i < sizeof(user) / sizeof(user[0]); i++) {
        value = 0;
        user_ok &= csr_try(PRV_U, CSRRS, user[i], &value);
        value = 0;
        super_ok &= csr_try(PRV_S, CSRRS, user[i], &value);
    }
    for (unsigned i = 0; i < sizeof(super) / sizeof(super[0]); i++) {
        value = 0;
        super_ok &= csr_try(PRV_S, CSRRS, super[i], &value);
        value = 0;
        denied &= !csr_try(PRV_U, CSRRS, super[i], &value);
        denied &= this_user()->cause == CAUSE_ILLEGAL;
    }
    check(user_ok, "user mode reaches the user CSRs");
    check(super_ok, "supervisor mode reaches them all");
    check(denied, "the supervisor's CSRs are illegal instructions in user mode");
}

static void test_status_view(void)
{
    uint64_t value = STATUS_UIE;

    clean_slate();
    csr_set(mstatus, STATUS_UIE);
    check_equal(csr_get(USTATUS), STATUS_UIE, "ustatus shows mstatus.UIE");
    csr_put(USTATUS, STATUS_UPIE);
    check_equal(csr_read(mstatus) & (STATUS_UIE | STATUS_UPIE), STATUS_UPIE,
                "writing ustatus changes mstatus");
    check_equal(csr_read(sstatus) & (STATUS_UIE | STATUS_UPIE), STATUS_UPIE,
                "sstatus shows the same");
    csr_clear(sstatus, STATUS_UPIE);
    check_equal(csr_get(USTATUS), 0, "and can clear it");
    csr_try(PRV_U, CSRRS, USTATUS, &value);
    check_equal(csr_read(mstatus) & STATUS_UIE, STATUS_UIE, "user mode can set UIE");
    value = ~0ul;
    csr_try(PRV_U, CSRRW, USTATUS, &value);
    check_equal(csr_read(mstatus) & (STATUS_SIE | 1ul << 3), 0, "but no other mode's enable");
}

static void test_enable_view(void)
{
    uint64_t value = ~0ul;

    clean_slate();
    csr_try(PRV_U, CSRRW, UIE, &value);
    check_equal(csr_read(mie) & INT_USER, 0, "uie has no bits without sideleg");
    csr_put(SIDELEG, INT_USER_SOFT | INT_USER_EXT);
    value = ~0ul;
    csr_try(PRV_U, CSRRW, UIE, &value);
    check_equal(csr_read(mie) & INT_USER, INT_USER_SOFT | INT_USER_EXT,
                "uie changes the delegated bits of mie, no others");
    csr_set(sie, INT_USER);
    check_equal(csr_read(sie) & INT_USER, INT_USER, "sie has all user bits");
    check_equal(csr_get(UIE), INT_USER_SOFT | INT_USER_EXT, "uie shows the delegated ones");
}

static void test_pending_view(void)
{
    uint64_t value = ~0ul;

    clean_slate();
    csr_try(PRV_U, CSRRW, UIP, &value);
    check_equal(csr_read(mip) & INT_USER, 0, "uip has no bits without sideleg");
    csr_put(SIDELEG, INT_USER);
    value = ~0ul;
    csr_try(PRV_U, CSRRW, UIP, &value);
    check_equal(csr_read(mip) & INT_USER, INT_USER_SOFT, "user mode raises uip.USIP only");
    value = ~0ul;
    csr_try(PRV_U, CSRRC, UIP, &value);
    check_equal(value & INT_USER, INT_USER_SOFT, "user mode reads it");
    check_equal(csr_read(mip) & INT_USER, 0, "and clears it");
    csr_set(sip, INT_USER);
    check_equal(csr_read(mip) & INT_USER, INT_USER_SOFT | INT_USER_EXT,
                "sip can raise the software and external interrupts");
    csr_set(mip, INT_USER);
    check_equal(csr_get(UIP), INT_USER, "mip can raise all; uip shows them");
    csr_clear(mip, INT_USER);
}

static void test_delegation(void)
{
    clean_slate();
    csr_write(mideleg, 0ul);
    check_equal(csr_read(mideleg) & INT_USER, INT_USER, "mideleg's user bits are read-only one");
    check_equal(csr_read(misa) >> ('N' - 'A') & 1, 1, "misa shows N");
}

/* Every CSR number, every access, from user mode: it works or is illegal, nothing else. */
static void test_every_csr(void)
{
    static const unsigned ops[] = {CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI, CSRRCI};
    static const uint64_t values[] = {0, ~0ul, 0x5a5a5a5a5a5a5a5a};
    bool good = true;

    clean_slate();
    csr_put(SIDELEG, INT_USER);
    for (unsigned n = 0; n < 4096 * 6 * 3; n++) {
        uint64_t value = values[n % 3];
        uint64_t cause = run_insn(PRV_U, insn_csr(ops[n / 3 % 6], n / 18, A0, A0), &value, 0);

        if (!executed() && cause != CAUSE_ILLEGAL && outcome() != TO_USER) {
            print("# CSR 0x%lx: cause 0x%lx\n", (uint64_t)(n / 18), cause);
            good = false;
        }
        if (n % 18 == 17) { /* put the handler back: a write may have moved it */
            csr_put(UTVEC, (uintptr_t)user_vector);
            csr_put(USTATUS, 0);
        }
    }
    check(good, "every access to every CSR from user mode is harmless");
}

void test_main(void)
{
    test_fields();
    test_privileges();
    test_status_view();
    test_enable_view();
    test_pending_view();
    test_delegation();
    test_every_csr();
}
