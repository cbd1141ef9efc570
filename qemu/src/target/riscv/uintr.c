/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traps that are taken in U-mode, and the hart's user-interrupt state as a whole: reset,
 * migration, the connection to the UINTC. User interrupts go the way of all interrupts:
 * riscv_cpu_exec_interrupt asks which is to be taken, riscv_cpu_do_interrupt takes it.
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "hw/intc/riscv_aclint.h"
#include "migration/cpu.h"
#include "qemu/timer.h"
#include "trace.h"

#define USER_STATUS (MSTATUS_UIE | MSTATUS_UPIE)

/* Traps to U-mode are for user code, not for a guest's: there the supervisor is another. */
static bool uintr_in_user(CPURISCVState *env)
{
    return riscv_has_ext(env, RVN) && env->priv == PRV_U && !riscv_cpu_virt_enabled(env);
}

int riscv_uintr_irq(CPURISCVState *env, uint64_t pending)
{
    static const int by_priority[] = {IRQ_U_EXT, IRQ_U_SOFT, IRQ_U_TIMER};
    uint64_t irqs = pending & env->mideleg & env->uintr.sideleg;

    if (irqs && uintr_in_user(env) && (env->mstatus & MSTATUS_UIE)) {
        for (size_t i = 0; i < ARRAY_SIZE(by_priority); i++) {
            if (irqs & BIT_ULL(by_priority[i])) {
                return by_priority[i];
            }
        }
    }
    return RISCV_EXCP_NONE;
}

bool riscv_uintr_trap(CPURISCVState *env, bool async, target_ulong cause, target_ulong tval)
{
    uint64_t deleg = async ? env->mideleg & env->uintr.sideleg : env->medeleg & env->uintr.sedeleg;
    bool enabled = env->mstatus & MSTATUS_UIE;
    target_ulong base = env->uintr.utvec & ~(target_ulong)3;

    if (!uintr_in_user(env) || cause >= 64 || !(deleg & BIT_ULL(cause))) {
        return false;
    }
    env->mstatus &= ~USER_STATUS;
    env->mstatus |= enabled ? MSTATUS_UPIE : 0;
    env->uintr.ucause = cause | (target_ulong)async << (TARGET_LONG_BITS - 1);
    env->uintr.uepc = env->pc;
    env->uintr.utval = tval;
    env->pc = base + (async && (env->uintr.utvec & 3) == 1 ? cause * 4 : 0);
    trace_riscv_uintr_trap(env->mhartid, async, cause, env->uintr.uepc, env->pc);
    riscv_cpu_set_mode(env, PRV_U);
    return true;
}

void riscv_uintr_reset(CPURISCVState *env)
{
    RISCVUintrState wiring = env->uintr;

    if (!riscv_has_ext(env, RVN)) {
        return;
    }
    env->uintr = (RISCVUintrState){
        .uintc_base = wiring.uintc_base, .port = wiring.port, .uintc = wiring.uintc};
    env->mstatus &= ~(uint64_t)USER_STATUS;
    env->mip &= ~U_MODE_INTERRUPTS;
    env->mie &= ~U_MODE_INTERRUPTS;
    env->mideleg |= U_MODE_INTERRUPTS;
}

void riscv_uintr_attach(CPURISCVState *env, hwaddr base, const RISCVUintcPort *port, void *uintc)
{
    env->uintr.uintc_base = base;
    env->uintr.port = port;
    env->uintr.uintc = uintc;
}

static bool uintr_needed(void *opaque)
{
    RISCVCPU *cpu = opaque;

    return riscv_has_ext(&cpu->env, RVN);
}

/*
 * A snapshot of QEMU 7.2 has stimecmp but not the timer behind it: a system that sleeps
 * until its next tick would sleep for ever. Here, the timer is set again. The clock itself
 * may not be loaded yet: what is computed is when to fire, whatever it shows now.
 */
static int uintr_post_load(void *opaque, int version_id)
{
    RISCVCPU *cpu = opaque;
    CPURISCVState *env = &cpu->env;
    RISCVAclintMTimerState *mtimer = env->rdtime_fn_arg;
    int64_t ticks, ns_per_tick;

    if (!cpu->cfg.ext_sstc || !mtimer) {
        return 0;
    }
    timer_del(env->stimer);
    ticks = env->stimecmp - env->rdtime_fn(mtimer);
    ns_per_tick = NANOSECONDS_PER_SECOND / mtimer->timebase_freq;
    if (env->stimecmp && !(env->mip & MIP_STIP) && ticks < INT64_MAX / 2 / ns_per_tick) {
        timer_mod(env->stimer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ticks * ns_per_tick);
    }
    return 0;
}

const VMStateDescription vmstate_riscv_uintr = {
    .name = "cpu/uintr",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = uintr_needed,
    .post_load = uintr_post_load,
    .fields =
        (VMStateField[]){
            VMSTATE_UINTTL(env.uintr.utvec, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.uscratch, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.uepc, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.ucause, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.utval, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.sedeleg, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.sideleg, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.suist, RISCVCPU),
            VMSTATE_UINTTL(env.uintr.suirs, RISCVCPU),
            VMSTATE_END_OF_LIST(),
        },
};
