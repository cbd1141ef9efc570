/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from and return to user mode. sscratch holds the current TCB while in user mode and 0
 * in the kernel, so a trap in the kernel (always a bug: interrupts are off there) is known at
 * once. sstatus is only ever changed by the switch code: nothing to save here.
 */
#include "kernel/arch/riscv/csr.h"
#include "kernel/hart.h"
#include "kernel/smp/lock.h"
#include "kernel/syscall/syscall.h"
#include "kernel/object/tcb.h"

#define SAVE(reg, n) sd reg, TCB_REG(n)(t0)
#define LOAD(reg, n) ld reg, TCB_REG(n)(t0)

.section .text.trap, "ax"
.global trap_entry
.balign 64
trap_entry:
    csrrw t0, sscratch, t0
    beqz t0, kernel_trap
    SAVE(ra, 1)
    SAVE(sp, 2)
    SAVE(gp, 3)
    SAVE(tp, 4)
    SAVE(t1, 6)
    SAVE(t2, 7)
    SAVE(s0, 8)
    SAVE(s1, 9)
    SAVE(a0, 10)
    SAVE(a1, 11)
    SAVE(a2, 12)
    SAVE(a3, 13)
    SAVE(a4, 14)
    SAVE(a5, 15)
    SAVE(a6, 16)
    SAVE(a7, 17)
    SAVE(s2, 18)
    SAVE(s3, 19)
    SAVE(s4, 20)
    SAVE(s5, 21)
    SAVE(s6, 22)
    SAVE(s7, 23)
    SAVE(s8, 24)
    SAVE(s9, 25)
    SAVE(s10, 26)
    SAVE(s11, 27)
    SAVE(t3, 28)
    SAVE(t4, 29)
    SAVE(t5, 30)
    SAVE(t6, 31)
    csrrw t1, sscratch, zero
    SAVE(t1, 5)
    ld tp, TCB_HART(t0)
    csrr t1, scause
    csrr t2, sepc
    ld sp, HART_STACK(tp)
    li t3, CAUSE_ECALL_U
    sd t2, TCB_FAULT_PC(t0)
#if U4_SMP
    KERNEL_LOCK s0, s1, s2, contended
locked:
#endif
    bne t1, t3, not_a_call
    /* The caller goes on behind its ecall; C functions below do not return. */
    addi t2, t2, 4
    sd t2, TCB_PC(t0)
#ifndef U4_NO_FASTPATH
    li t1, SYSCALL_CALL
    beq a7, t1, fastpath_call
    li t1, SYSCALL_REPLY_RECV
    beq a7, t1, fastpath_reply_recv
    li t1, SYSCALL_SEND
    beq a7, t1, fastpath_signal
#if !U4_MCS
    li t1, SYSCALL_SIGNAL_WAIT
    beq a7, t1, fastpath_signal_wait
#endif
#endif
    mv a2, a7
    j trap_syscall

not_a_call:
    sd t2, TCB_PC(t0)
    mv a0, t1
    bltz t1, 1f
    csrr a1, stval
    j trap_exception
1:  j trap_interrupt

#if U4_SMP
/* Another hart is in the kernel. While this one waits, its thread may be taken from it: then the
 * trap has never happened, and the thread will execute its instruction again. */
contended:
    mv s1, t0
    mv a0, s0
    call lock_wait
    mv t0, s1
    ld t1, HART_CURRENT(tp)
    beq t0, t1, 1f
    j kernel_exit
1:  csrr t1, scause
    csrr t2, sepc
    li t3, CAUSE_ECALL_U
    LOAD(a0, 10)
    LOAD(a1, 11)
    LOAD(a7, 17)
    j locked
#endif

/* To hart->current, which must not be the idle thread. */
.global restore_user
.balign 16
restore_user:
    ld t0, HART_CURRENT(tp)
#if U4_SMP
    /* Whoever wants to change the thread's registers stalls this hart first. */
    KERNEL_UNLOCK t1, t2
#endif
    ld t1, TCB_PC(t0)
    csrw sscratch, t0
    csrw sepc, t1
    LOAD(ra, 1)
    LOAD(sp, 2)
    LOAD(gp, 3)
    LOAD(tp, 4)
    LOAD(t1, 6)
    LOAD(t2, 7)
    LOAD(s0, 8)
    LOAD(s1, 9)
    LOAD(a0, 10)
    LOAD(a1, 11)
    LOAD(a2, 12)
    LOAD(a3, 13)
    LOAD(a4, 14)
    LOAD(a5, 15)
    LOAD(a6, 16)
    LOAD(a7, 17)
    LOAD(s2, 18)
    LOAD(s3, 19)
    LOAD(s4, 20)
    LOAD(s5, 21)
    LOAD(s6, 22)
    LOAD(s7, 23)
    LOAD(s8, 24)
    LOAD(s9, 25)
    LOAD(s10, 26)
    LOAD(s11, 27)
    LOAD(t3, 28)
    LOAD(t4, 29)
    LOAD(t5, 30)
    LOAD(t6, 31)
    LOAD(t0, 5)
    sret

/* Nothing to run: waits until an interrupt is pending, takes it like one from user mode. */
.global idle_wait
idle_wait:
    ld sp, HART_STACK(tp)
#if U4_SMP
    KERNEL_UNLOCK t0, t1
#endif
1:  wfi
    csrr t0, sip
    csrr t1, sie
    and t0, t0, t1
    beqz t0, 1b
#if U4_SMP
    call lock_acquire
#endif
    j trap_idle_interrupt

/* A trap in the kernel. The stack may be what broke, so start over on this hart's. */
kernel_trap:
    csrrw t0, sscratch, zero
    la sp, trap_panic_stack_top
    csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    mv a3, ra
    j trap_in_kernel

/* FPU registers, to and from memory; sstatus.FS must be on. */
.global fpu_save
fpu_save:
.irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\r, 8 * \r(a0)
.endr
    frcsr a1
    sd a1, 256(a0)
    ret
.global fpu_load
fpu_load:
.irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\r, 8 * \r(a0)
.endr
    ld a1, 256(a0)
    fscsr a1
    ret

.section .bss
.balign 16
    .space 2048
trap_panic_stack_top:
