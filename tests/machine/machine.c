/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running instructions below M-mode, CSRs by number, MMIO that may fault.
 */
#include "machine.h"

int64_t probe(uintptr_t address, unsigned what, uint64_t *value);
void machine_trap(void);

static user_t users[MAX_HARTS];
/* Instructions to run, a page for each hart: QEMU's threads race when they rewrite one page. */
static uint32_t code[MAX_HARTS][1024] __attribute__((aligned(4096)));

user_t *this_user(void)
{
    return &users[hart_id()];
}

void set_mpp(unsigned prv)
{
    csr_clear(mstatus, STATUS_MPP);
    csr_set(mstatus, (uint64_t)prv << 11);
}

uint64_t run_insn(unsigned prv, uint32_t insn, uint64_t *a0, uint64_t a1)
{
    user_t *u = this_user();
    uint32_t *c = code[hart_id()];

    c[0] = insn;
    c[1] = INSN_ECALL;
    __asm__ volatile("fence.i" ::: "memory");
    u->pc = (uintptr_t)c;
    u->x[A0] = a0 ? *a0 : 0;
    u->x[A1] = a1;
    set_mpp(prv);
    enter(u);
    if (a0) {
        *a0 = u->x[A0];
    }
    return u->cause;
}

bool executed(void)
{
    const user_t *u = this_user();

    return (u->cause == CAUSE_ECALL_U || u->cause == CAUSE_ECALL_S) &&
           u->pc == (uintptr_t)&code[hart_id()][1];
}

outcome_t outcome(void)
{
    const user_t *u = this_user();
    uintptr_t vector = (uintptr_t)user_vector;

    if (u->cause == CAUSE_ECALL_U && u->pc >= vector && u->pc < vector + 64) {
        return TO_USER;
    }
    if (u->cause == CAUSE_ECALL_S && u->pc == (uintptr_t)supervisor_vector) {
        return TO_SUPERVISOR;
    }
    return executed() ? DONE : TO_MACHINE;
}

const char *outcome_name(outcome_t o)
{
    static const char *const names[] = {"no trap", "user", "supervisor", "machine"};

    return names[o];
}

/* M-mode cannot be entered by enter(): its CSR instructions run right here. */
static uint64_t csr_here(unsigned op, unsigned csr, uint64_t value)
{
    uint32_t *c = code[hart_id()];
    uint64_t (*f)(uint64_t, uint64_t) = (uint64_t(*)(uint64_t, uint64_t))(void *)c;

    c[0] = insn_csr(op, csr, A0, op == CSRRS ? 0 : A0);
    c[1] = 0x00008067; /* ret */
    __asm__ volatile("fence.i" ::: "memory");
    return f(value, 0);
}

uint64_t csr_get(unsigned csr)
{
    return csr_here(CSRRS, csr, 0);
}

void csr_put(unsigned csr, uint64_t value)
{
    csr_here(CSRRW, csr, value);
}

bool csr_try(unsigned prv, unsigned op, unsigned csr, uint64_t *value)
{
    run_insn(prv, insn_csr(op, csr, A0, A0), value, 0);
    return executed();
}

static unsigned log2_of(unsigned bytes)
{
    return bytes == 8 ? 3 : bytes / 2;
}

int64_t try_load(uintptr_t address, unsigned bytes, uint64_t *value)
{
    *value = 0;
    return probe(address, log2_of(bytes), value);
}

int64_t try_store(uintptr_t address, unsigned bytes, uint64_t value)
{
    return probe(address, 4 + log2_of(bytes), &value);
}

void clean_slate(void)
{
    static const unsigned csrs[] = {USTATUS, UTVEC,   USCRATCH, UEPC,  UCAUSE,
                                    UTVAL,   SEDELEG, SIDELEG,  SUIST, SUIRS};

    csr_clear(mip, INT_USER | INT_SUPER_SOFT);
    csr_clear(mie, INT_USER | INT_SUPER_SOFT);
    csr_clear(mstatus, STATUS_SIE);
    csr_write(mideleg, INT_SUPER_SOFT);
    csr_write(medeleg, 0ul);
    for (unsigned i = 0; i < sizeof(csrs) / sizeof(csrs[0]); i++) {
        csr_put(csrs[i], 0);
    }
    csr_put(UTVEC, (uintptr_t)user_vector);
    for (unsigned i = 0; i < UINTC_COUNT; i++) {
        *uintc_reg(i, REG_LOW) = LOW_WIDE;
        (void)*uintc_reg(i, REG_HIGH);
        *uintc_reg(i, REG_LOW) = 0;
    }
}

void machine_trap(void)
{
    print("# mcause 0x%lx mepc 0x%lx mtval 0x%lx\n", csr_read(mcause), csr_read(mepc),
          csr_read(mtval));
    bail("unexpected trap in M-mode");
}
