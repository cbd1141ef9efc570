/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CSRs of user interrupts. ustatus, uie and uip are views of mstatus, mie and mip;
 * suist, suirs and suicfg exist on a hart that is wired to a UINTC.
 */
#include "qemu/osdep.h"
#include "cpu.h"

#define USER_STATUS (MSTATUS_UIE | MSTATUS_UPIE)

/* Exceptions that user code can raise, and a supervisor may therefore hand to it. */
#define USER_EXCEPTIONS \
    (BIT_ULL(RISCV_EXCP_INST_ADDR_MIS) | BIT_ULL(RISCV_EXCP_INST_ACCESS_FAULT) | \
     BIT_ULL(RISCV_EXCP_ILLEGAL_INST) | BIT_ULL(RISCV_EXCP_BREAKPOINT) | \
     BIT_ULL(RISCV_EXCP_LOAD_ADDR_MIS) | BIT_ULL(RISCV_EXCP_LOAD_ACCESS_FAULT) | \
     BIT_ULL(RISCV_EXCP_STORE_AMO_ADDR_MIS) | BIT_ULL(RISCV_EXCP_STORE_AMO_ACCESS_FAULT) | \
     BIT_ULL(RISCV_EXCP_U_ECALL) | BIT_ULL(RISCV_EXCP_INST_PAGE_FAULT) | \
     BIT_ULL(RISCV_EXCP_LOAD_PAGE_FAULT) | BIT_ULL(RISCV_EXCP_STORE_PAGE_FAULT))

static RISCVException n_present(CPURISCVState *env, int csrno)
{
    if (!riscv_has_ext(env, RVN)) {
        return RISCV_EXCP_ILLEGAL_INST;
    }
    return riscv_cpu_virt_enabled(env) ? RISCV_EXCP_VIRT_INSTRUCTION_FAULT : RISCV_EXCP_NONE;
}

/* The list of registers for debuggers is made before harts are wired: it has them anyway. */
static RISCVException uintc_present(CPURISCVState *env, int csrno)
{
    bool present = env->uintr.port || env->debugger || !DEVICE(env_cpu(env))->realized;

    return present ? n_present(env, csrno) : RISCV_EXCP_ILLEGAL_INST;
}

/* Read and write the machine-level register @of through two masks. */
static RISCVException rmw_view(CPURISCVState *env, int of, target_ulong *ret_val,
                               target_ulong new_val, target_ulong wr_mask, target_ulong visible,
                               target_ulong writable)
{
    riscv_csr_operations ops;
    RISCVException ret;
    target_ulong old;

    riscv_get_csr_ops(of, &ops);
    ret = ops.op(env, of, &old, new_val, wr_mask & visible & writable);
    if (ret == RISCV_EXCP_NONE && ret_val) {
        *ret_val = old & visible;
    }
    return ret;
}

static target_ulong delegated(CPURISCVState *env)
{
    return env->mideleg & env->uintr.sideleg;
}

static RISCVException rmw_uie(CPURISCVState *env, int csrno, target_ulong *ret_val,
                              target_ulong new_val, target_ulong wr_mask)
{
    return rmw_view(env, CSR_MIE, ret_val, new_val, wr_mask, delegated(env), -1);
}

/* Only the software interrupt is the user's own to raise and clear. */
static RISCVException rmw_uip(CPURISCVState *env, int csrno, target_ulong *ret_val,
                              target_ulong new_val, target_ulong wr_mask)
{
    return rmw_view(env, CSR_MIP, ret_val, new_val, wr_mask, delegated(env), MIP_USIP);
}

static RISCVException read_ustatus(CPURISCVState *env, int csrno, target_ulong *val)
{
    *val = env->mstatus & USER_STATUS;
    return RISCV_EXCP_NONE;
}

static RISCVException write_ustatus(CPURISCVState *env, int csrno, target_ulong val)
{
    env->mstatus = (env->mstatus & ~(uint64_t)USER_STATUS) | (val & USER_STATUS);
    return RISCV_EXCP_NONE;
}

/* The register behind the CSRs that only store what is written, or part of it. */
static target_ulong *storage(CPURISCVState *env, int csrno, target_ulong *mask)
{
    *mask = -1;
    switch (csrno) {
    case CSR_UTVEC: return &env->uintr.utvec;
    case CSR_USCRATCH: return &env->uintr.uscratch;
    case CSR_UEPC: *mask = riscv_has_ext(env, RVC) ? -2 : -4; return &env->uintr.uepc;
    case CSR_UCAUSE: return &env->uintr.ucause;
    case CSR_UTVAL: return &env->uintr.utval;
    case CSR_SEDELEG: *mask = USER_EXCEPTIONS; return &env->uintr.sedeleg;
    case CSR_SIDELEG: *mask = U_MODE_INTERRUPTS; return &env->uintr.sideleg;
    case CSR_SUIST: *mask = SUIST_MASK; return &env->uintr.suist;
    case CSR_SUIRS: *mask = SUIRS_MASK; return &env->uintr.suirs;
    default: g_assert_not_reached();
    }
}

static RISCVException read_stored(CPURISCVState *env, int csrno, target_ulong *val)
{
    target_ulong mask;

    *val = *storage(env, csrno, &mask) & mask;
    return RISCV_EXCP_NONE;
}

static RISCVException write_stored(CPURISCVState *env, int csrno, target_ulong val)
{
    target_ulong mask;
    target_ulong *reg = storage(env, csrno, &mask);

    /* utvec's modes are direct and vectored; a reserved one changes nothing. */
    if (csrno != CSR_UTVEC || (val & 3) < 2) {
        *reg = val & mask;
    }
    return RISCV_EXCP_NONE;
}

/* Where the UINTC is; the wiring cannot be changed, so writes have no effect. */
static RISCVException read_suicfg(CPURISCVState *env, int csrno, target_ulong *val)
{
    *val = env->uintr.uintc_base;
    return RISCV_EXCP_NONE;
}

static RISCVException write_suicfg(CPURISCVState *env, int csrno, target_ulong val)
{
    return RISCV_EXCP_NONE;
}

void riscv_uintr_register_csrs(void)
{
    static const struct {
        int number;
        riscv_csr_operations ops;
    } csrs[] = {
        {CSR_USTATUS, {"ustatus", n_present, read_ustatus, write_ustatus}},
        {CSR_UIE, {"uie", n_present, NULL, NULL, rmw_uie}},
        {CSR_UTVEC, {"utvec", n_present, read_stored, write_stored}},
        {CSR_USCRATCH, {"uscratch", n_present, read_stored, write_stored}},
        {CSR_UEPC, {"uepc", n_present, read_stored, write_stored}},
        {CSR_UCAUSE, {"ucause", n_present, read_stored, write_stored}},
        {CSR_UTVAL, {"utval", n_present, read_stored, write_stored}},
        {CSR_UIP, {"uip", n_present, NULL, NULL, rmw_uip}},
        {CSR_SEDELEG, {"sedeleg", n_present, read_stored, write_stored}},
        {CSR_SIDELEG, {"sideleg", n_present, read_stored, write_stored}},
        {CSR_SUIST, {"suist", uintc_present, read_stored, write_stored}},
        {CSR_SUIRS, {"suirs", uintc_present, read_stored, write_stored}},
        {CSR_SUICFG, {"suicfg", uintc_present, read_suicfg, write_suicfg}},
    };

    for (size_t i = 0; i < ARRAY_SIZE(csrs); i++) {
        riscv_csr_operations ops = csrs[i].ops;

        riscv_set_csr_ops(csrs[i].number, &ops);
    }
}
