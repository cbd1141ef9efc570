/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uret and the uipi instructions. An instruction's access to the UINTC, and for a send the
 * reading of the sender table too, is one step under QEMU's global lock: once a hart's own
 * access to the UINTC is done, every send that saw an older sender table is done as well.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "cpu.h"
#include "exec/exec-all.h"
#include "exec/helper-proto.h"
#include "hw/intc/riscv_uintc.h"
#include "pmp.h"
#include "trace.h"

/* An entry of the sender table. */
#define SENDER_SIZE 8
#define SENDERS_PER_PAGE (4096 / SENDER_SIZE)
#define SENDER_VALID BIT_ULL(0)
#define SENDER_VECTOR_SHIFT 16
#define SENDER_INDEX_SHIFT 48

static void uintc_needed(CPURISCVState *env, uintptr_t ra)
{
    if (riscv_cpu_virt_enabled(env)) {
        riscv_raise_exception(env, RISCV_EXCP_VIRT_INSTRUCTION_FAULT, ra);
    }
    if (!env->uintr.port) {
        riscv_raise_exception(env, RISCV_EXCP_ILLEGAL_INST, ra);
    }
}

/* Where @index's entry starts in the UINTC; false if there is none. */
static bool receiver_offset(CPURISCVState *env, uint64_t index, hwaddr *offset)
{
    *offset = index * RISCV_UINTC_STRIDE;
    return index < env->uintr.port->receivers;
}

/* The same for this hart's own receiver. */
static bool own_offset(CPURISCVState *env, hwaddr *offset)
{
    return (env->uintr.suirs & UINTR_ENABLE) &&
           receiver_offset(env, extract64(env->uintr.suirs, 0, SUIRS_INDEX_LENGTH), offset);
}

/* Read as the page-table walker does: physical, on behalf of S-mode, subject to PMP. */
static bool read_sender(CPURISCVState *env, hwaddr addr, uint64_t *entry)
{
    MemTxResult result;
    pmp_priv_t allowed;

    if (riscv_feature(env, RISCV_FEATURE_PMP) &&
        !pmp_hart_has_privs(env, addr, SENDER_SIZE, PMP_READ, &allowed, PRV_S)) {
        return false;
    }
    *entry = address_space_ldq_le(env_cpu(env)->as, addr, MEMTXATTRS_UNSPECIFIED, &result);
    return result == MEMTX_OK;
}

/* Returns what became of the send, in words for the trace. */
static const char *post(CPURISCVState *env, uint64_t index, uint64_t *entry)
{
    uint64_t suist = env->uintr.suist;
    uint64_t pages = extract64(suist, SUIST_SIZE_SHIFT, SUIST_SIZE_LENGTH);
    hwaddr table = extract64(suist, 0, SUIST_PPN_LENGTH) << 12;
    hwaddr offset;

    if (!(suist & UINTR_ENABLE)) {
        return "no table";
    }
    if (index >= pages * SENDERS_PER_PAGE) {
        return "beyond the table";
    }
    if (!read_sender(env, table + index * SENDER_SIZE, entry)) {
        return "table not readable";
    }
    if (!(*entry & SENDER_VALID)) {
        return "entry not valid";
    }
    if (!receiver_offset(env, *entry >> SENDER_INDEX_SHIFT, &offset)) {
        return "no such receiver";
    }
    env->uintr.port->write(env->uintr.uintc, offset + RISCV_UINTC_SEND,
                           extract64(*entry, SENDER_VECTOR_SHIFT, 16));
    return "sent";
}

void helper_uipi_send(CPURISCVState *env, target_ulong index)
{
    uint64_t entry = 0;
    const char *outcome;

    uintc_needed(env, GETPC());
    qemu_mutex_lock_iothread();
    outcome = post(env, index, &entry);
    qemu_mutex_unlock_iothread();
    trace_riscv_uipi_send(env->mhartid, index, entry, outcome);
}

target_ulong helper_uipi_read(CPURISCVState *env)
{
    uint64_t pending = 0;
    hwaddr offset;

    uintc_needed(env, GETPC());
    if (own_offset(env, &offset)) {
        qemu_mutex_lock_iothread();
        pending = env->uintr.port->read(env->uintr.uintc, offset + RISCV_UINTC_HIGH);
        qemu_mutex_unlock_iothread();
    }
    return pending;
}

static void own_write(CPURISCVState *env, hwaddr reg, uint64_t value)
{
    hwaddr offset;

    if (own_offset(env, &offset)) {
        qemu_mutex_lock_iothread();
        env->uintr.port->write(env->uintr.uintc, offset + reg, value);
        qemu_mutex_unlock_iothread();
    }
}

void helper_uipi_write(CPURISCVState *env, target_ulong bits)
{
    uintc_needed(env, GETPC());
    own_write(env, RISCV_UINTC_HIGH, bits);
}

void helper_uipi_activate(CPURISCVState *env, uint32_t active)
{
    uintc_needed(env, GETPC());
    own_write(env, RISCV_UINTC_ACTIVE, active);
}

target_ulong helper_uret(CPURISCVState *env)
{
    target_ulong pc = env->uintr.uepc;

    if (riscv_cpu_virt_enabled(env)) {
        riscv_raise_exception(env, RISCV_EXCP_VIRT_INSTRUCTION_FAULT, GETPC());
    }
    if (env->priv != PRV_U) {
        riscv_raise_exception(env, RISCV_EXCP_ILLEGAL_INST, GETPC());
    }
    env->mstatus = set_field(env->mstatus, MSTATUS_UIE, get_field(env->mstatus, MSTATUS_UPIE));
    env->mstatus |= MSTATUS_UPIE;
    riscv_cpu_set_mode(env, PRV_U);
    trace_riscv_uret(env->mhartid, pc);
    return pc;
}
