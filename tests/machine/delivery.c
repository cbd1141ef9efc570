/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a user interrupt is taken, where, and what it leaves: each condition alone and all in
 * combination, for each way in which it can become deliverable.
 */
#include "machine.h"

#define RECEIVER 17

typedef enum path { BY_MRET, BY_SRET, BY_URET, BY_USTATUS, BY_UIE, BY_SEND, BY_ACTIVATE } path_t;

static const char *const path_names[] = {
    "pending when mret goes to user mode", "pending when sret does",
    "pending when uret enables",           "pending when ustatus.UIE is set",
    "pending when uie.USIE is set",        "sent by the hart to itself",
    "pending when the receiver activates",
};

/* The conditions, as bits of a number that runs through all combinations. */
enum { ACTIVE = 1, WIDE = 2, DELEGATED = 4, ENABLED = 8, STATUS = 16, CONDITIONS = 32 };

static void setup(unsigned c)
{
    clean_slate();
    csr_put(SUIST, suist_for(sender_table[0], 1));
    csr_put(SUIRS, ENABLE | RECEIVER);
    sender_table[0][0] = sender(RECEIVER, 11);
    csr_put(SIDELEG, c & DELEGATED ? INT_USER_SOFT : 0);
    csr_clear(mie, INT_USER);
    csr_set(mie, c & ENABLED ? INT_USER_SOFT : 0);
    csr_put(USTATUS, c & STATUS ? STATUS_UIE : 0);
    *uintc_reg(RECEIVER, REG_LOW) = (c & ACTIVE ? LOW_ACTIVE : 0) | (c & WIDE ? LOW_WIDE : 0);
}

static void post(void)
{
    *uintc_reg(RECEIVER, REG_SEND) = 11;
}

/* Bring the hart to user mode by sret, out of supervisor mode. */
static void by_sret(void)
{
    uint64_t a0 = 0;
    static uint32_t nop[2] = {INSN_NOP, INSN_ECALL};

    csr_write(sepc, (uintptr_t)nop);
    csr_clear(sstatus, 1ul << 8);
    run_insn(PRV_S, INSN_SRET, &a0, 0);
}

static void go(path_t path)
{
    uint64_t a0 = 0;

    switch (path) {
    case BY_MRET:
        post();
        run_insn(PRV_U, INSN_NOP, &a0, 0);
        break;
    case BY_SRET:
        post();
        by_sret();
        break;
    case BY_URET:
        csr_put(USTATUS, csr_get(USTATUS) & STATUS_UIE ? STATUS_UPIE : 0);
        csr_put(UEPC, (uintptr_t)supervisor_vector);
        post();
        run_insn(PRV_U, INSN_URET, &a0, 0);
        break;
    case BY_USTATUS: /* a0 is what UIE shall be */
        a0 = csr_get(USTATUS);
        csr_put(USTATUS, 0);
        post();
        csr_try(PRV_U, CSRRW, USTATUS, &a0);
        break;
    case BY_UIE:
        a0 = csr_read(mie) & INT_USER_SOFT;
        csr_clear(mie, INT_USER_SOFT);
        post();
        csr_try(PRV_U, CSRRW, UIE, &a0);
        break;
    case BY_SEND: run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &a0, 0); break;
    case BY_ACTIVATE: {
        bool active = *uintc_reg(RECEIVER, REG_ACTIVE);

        *uintc_reg(RECEIVER, REG_ACTIVE) = 0;
        post();
        run_insn(PRV_U, insn_uipi(active ? UIPI_ACTIVATE : UIPI_DEACTIVATE, 0, 0), &a0, 0);
        break;
    }
    }
}

static outcome_t expected(path_t path, unsigned c)
{
    bool enabled = c & ENABLED;

    if (path == BY_UIE && !(c & DELEGATED)) {
        enabled = false; /* uie has no such bit then */
    }
    if (!(c & ACTIVE) || !enabled) {
        return DONE;
    }
    if (!(c & DELEGATED)) {
        return TO_SUPERVISOR;
    }
    return c & STATUS ? TO_USER : DONE;
}

static bool matches(path_t path, outcome_t got, outcome_t want)
{
    if (got == want) {
        return true;
    }
    /* These two end at an ecall of their own when nothing is taken. */
    return want == DONE && (path == BY_URET || path == BY_SRET) && got == TO_MACHINE &&
           this_user()->cause == CAUSE_ECALL_U;
}

static void test_conditions(path_t path)
{
    bool good = true;

    for (unsigned c = 0; c < CONDITIONS; c++) {
        setup(c);
        go(path);
        if (!matches(path, outcome(), expected(path, c))) {
            print("# conditions 0x%lx: got %s, want %s; pc 0x%lx cause 0x%lx\n", (uint64_t)c,
                  outcome_name(outcome()), outcome_name(expected(path, c)), this_user()->pc,
                  this_user()->cause);
            good = false;
        }
    }
    check(good, path_names[path]);
}

#define ALL_OF_THEM (CONDITIONS - 1)

static void test_state(void)
{
    uint64_t a0 = 0;
    uint64_t after;

    setup(ALL_OF_THEM);
    csr_put(UTVAL, 0x1234);
    run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &a0, 0);
    after = this_user()->pc;
    check_equal(after, (uintptr_t)user_vector, "direct mode: utvec's base");
    check_equal(csr_get(UCAUSE), INTERRUPT | 0, "ucause: user software interrupt");
    check_equal(csr_get(UTVAL), 0, "utval is zero");
    check_equal(csr_get(USTATUS), STATUS_UPIE, "UPIE = UIE, UIE = 0");
    check_equal(csr_read(mip) & INT_USER, INT_USER_SOFT, "USIP stays until software clears it");
    check_equal(*uintc_reg(RECEIVER, REG_HIGH), 1ul << 11, "and so do the pending bits");

    setup(ALL_OF_THEM);
    run_insn(PRV_U, INSN_ECALL, &a0, 0);
    after = this_user()->pc;
    run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &a0, 0);
    check_equal(csr_get(UEPC), after + 4, "uepc is the instruction behind the send");

    setup(ALL_OF_THEM);
    csr_put(UTVEC, (uintptr_t)user_vector | 1);
    csr_put(SIDELEG, INT_USER);
    csr_set(mie, INT_USER);
    csr_set(mip, INT_USER_TIMER);
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check_equal(this_user()->pc, (uintptr_t)user_vector + 4 * 4, "vectored mode: the timer's");
    csr_put(USTATUS, STATUS_UIE);
    csr_set(mip, INT_USER_SOFT);
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check_equal(this_user()->pc, (uintptr_t)user_vector, "software comes before timer");
    csr_put(USTATUS, STATUS_UIE);
    csr_set(mip, INT_USER_EXT);
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check_equal(this_user()->pc, (uintptr_t)user_vector + 8 * 4, "external comes before software");
    check_equal(csr_get(UCAUSE), INTERRUPT | 8, "ucause: user external interrupt");
    csr_clear(mip, INT_USER);
}

static void test_no_delivery_above_user(void)
{
    uint64_t a0 = 0;

    setup(ALL_OF_THEM);
    post();
    run_insn(PRV_S, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "not taken in supervisor mode");
    csr_set(mstatus, STATUS_SIE);
    run_insn(PRV_S, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "nor with SIE set");
    csr_put(SIDELEG, 0);
    run_insn(PRV_S, INSN_NOP, &a0, 0);
    check(outcome() == TO_SUPERVISOR, "but not delegated it is the supervisor's");
    check_equal(csr_read(scause), INTERRUPT | 0, "with its cause");
    run_insn(PRV_S, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "which SIE = 0 holds off");
}

static void test_exceptions(void)
{
    uint64_t a0 = 0;

    setup(ALL_OF_THEM);
    csr_put(SEDELEG, 1ul << CAUSE_BREAKPOINT | 1ul << CAUSE_ILLEGAL);
    run_insn(PRV_U, INSN_EBREAK, &a0, 0);
    check(outcome() == TO_MACHINE, "sedeleg does nothing without medeleg");
    csr_write(medeleg, 1ul << CAUSE_BREAKPOINT | 1ul << CAUSE_ILLEGAL);
    run_insn(PRV_U, INSN_EBREAK, &a0, 0);
    check(outcome() == TO_USER && csr_get(UCAUSE) == CAUSE_BREAKPOINT,
          "with both, an exception is taken in user mode");
    csr_put(USTATUS, 0);
    run_insn(PRV_U, 0xffffffff, &a0, 0);
    check(outcome() == TO_USER && csr_get(UCAUSE) == CAUSE_ILLEGAL, "even with UIE = 0");
    check_equal(csr_get(UTVAL), 0xffffffff, "utval is the instruction");
    check_equal(csr_get(USTATUS), 0, "UPIE = UIE = 0");
    run_insn(PRV_S, INSN_EBREAK, &a0, 0);
    check(outcome() == TO_SUPERVISOR, "the supervisor's own stay its own");
    csr_put(SEDELEG, 0);
    run_insn(PRV_U, INSN_EBREAK, &a0, 0);
    check(outcome() == TO_SUPERVISOR, "and all of them without sedeleg");
}

/* What scheduling needs: entries that were pending while not active, or elsewhere. */
static void test_reactivation(void)
{
    uint64_t a0 = 0;

    setup(ALL_OF_THEM & ~ACTIVE);
    post();
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "not active: held");
    *uintc_reg(RECEIVER, REG_ACTIVE) = 1;
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == TO_USER, "ACTIVE delivers what was held");

    setup(ALL_OF_THEM & ~ACTIVE);
    post();
    *uintc_reg(RECEIVER, REG_LOW) = LOW_ACTIVE | LOW_WIDE;
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == TO_USER, "LOW delivers what was held");

    setup(ALL_OF_THEM);
    *uintc_reg(RECEIVER, REG_HIGH) = 1ul << 63;
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == TO_USER, "HIGH posts and delivers");

    setup(ALL_OF_THEM);
    post();
    csr_clear(mip, INT_USER_SOFT);
    (void)*uintc_reg(RECEIVER, REG_HIGH);
    *uintc_reg(RECEIVER, REG_ACTIVE) = 1;
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "nothing pending, nothing delivered");

    setup(ALL_OF_THEM);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_ACTIVE | LOW_WIDE | LOW_HART(60000);
    post();
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == DONE, "a hart that does not exist: nobody is interrupted");
    *uintc_reg(RECEIVER, REG_LOW) = LOW_ACTIVE | LOW_WIDE;
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == TO_USER, "and retargeting delivers it");
}

static bool supervisor_told(void)
{
    bool told = csr_read(mip) & INT_SUPER_SOFT;

    csr_clear(mip, INT_SUPER_SOFT);
    return told;
}

/* LOW's S bit: the receiver is blocked, the supervisor wants to know. */
static void test_supervisor_notify(void)
{
    uint64_t a0 = 0;

    setup(ALL_OF_THEM);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_ACTIVE | LOW_WIDE | LOW_SUPER;
    check(!supervisor_told(), "S: nothing pending, no interrupt");
    post();
    check(supervisor_told(), "S: the first pending bit interrupts the supervisor");
    check_equal(csr_read(mip) & INT_USER, 0, "and not the user, Active or not");
    *uintc_reg(RECEIVER, REG_SEND) = 12;
    *uintc_reg(RECEIVER, REG_HIGH) = 1;
    check(!supervisor_told(), "S: more bits do not interrupt it again");
    check_equal(*uintc_reg(RECEIVER, REG_HIGH), 3ul << 11 | 1, "S: they are kept");
    post();
    check(supervisor_told(), "S: taken and pending anew, it does");
    *uintc_reg(RECEIVER, REG_LOW) = LOW_WIDE | LOW_SUPER;
    check(supervisor_told(), "S: set while bits are pending, it does: no wake-up is lost");
    *uintc_reg(RECEIVER, REG_ACTIVE) = 1;
    check(!supervisor_told(), "S: activating does not");
    *uintc_reg(RECEIVER, REG_LOW) = LOW_ACTIVE | LOW_WIDE;
    check(!supervisor_told(), "S cleared: not the supervisor's any more");
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    check(outcome() == TO_USER, "but the user's");

    setup(ALL_OF_THEM);
    csr_set(mie, INT_SUPER_SOFT);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_SUPER;
    run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &a0, 0);
    check(outcome() == TO_SUPERVISOR && csr_read(scause) == (INTERRUPT | 1),
          "S: a send from user mode traps to the supervisor, in 32-bit mode too");
}

void test_main(void)
{
    for (path_t p = BY_MRET; p <= BY_ACTIVATE; p++) {
        test_conditions(p);
    }
    test_state();
    test_no_delivery_above_user();
    test_exceptions();
    test_reactivation();
    test_supervisor_notify();
}
