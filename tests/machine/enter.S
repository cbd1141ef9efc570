/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to a lower mode and back, for programs in M-mode and (with SUPERVISOR defined) in
 * S-mode. The scratch register holds the user_t of the code that runs below, and 0 while
 * the program itself runs.
 */

#ifdef SUPERVISOR
#define SCRATCH sscratch
#define EPC     sepc
#define CAUSE   scause
#define TVAL    stval
#define RETURN  sret
#else
#define SCRATCH mscratch
#define EPC     mepc
#define CAUSE   mcause
#define TVAL    mtval
#define RETURN  mret
#endif

    .option norvc

    .macro  all_but_a0 instruction
    .irp    r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \instruction x\r, \r*8(a0)
    .endr
    .endm

    .macro  callee_saved instruction
    \instruction ra, 0(sp)
    \instruction s0, 8(sp)
    \instruction s1, 16(sp)
    \instruction s2, 24(sp)
    \instruction s3, 32(sp)
    \instruction s4, 40(sp)
    \instruction s5, 48(sp)
    \instruction s6, 56(sp)
    \instruction s7, 64(sp)
    \instruction s8, 72(sp)
    \instruction s9, 80(sp)
    \instruction s10, 88(sp)
    \instruction s11, 96(sp)
    .endm

    .macro  caller_saved instruction
    \instruction ra, 0(sp)
    \instruction t0, 8(sp)
    \instruction t1, 16(sp)
    \instruction t2, 24(sp)
    \instruction a0, 32(sp)
    \instruction a1, 40(sp)
    \instruction a2, 48(sp)
    \instruction a3, 56(sp)
    \instruction a4, 64(sp)
    \instruction a5, 72(sp)
    \instruction a6, 80(sp)
    \instruction a7, 88(sp)
    \instruction t3, 96(sp)
    \instruction t4, 104(sp)
    \instruction t5, 112(sp)
    \instruction t6, 120(sp)
    .endm

/* uint64_t enter(user_t *u) */
    .text
    .global enter
enter:
    addi    sp, sp, -112
    callee_saved sd
    sd      sp, 280(a0)
    csrw    SCRATCH, a0
    ld      t0, 256(a0)
    csrw    EPC, t0
    all_but_a0 ld
    ld      a0, 80(a0)
    RETURN

    .balign 4
    .global trap_vector
trap_vector:
    csrrw   a0, SCRATCH, a0
    beqz    a0, 1f
    all_but_a0 sd
    csrrw   t0, SCRATCH, zero
    sd      t0, 80(a0)
    csrr    t0, EPC
    sd      t0, 256(a0)
    csrr    t1, CAUSE
    sd      t1, 264(a0)
    csrr    t0, TVAL
    sd      t0, 272(a0)
    ld      sp, 280(a0)
    mv      a0, t1
    callee_saved ld
    addi    sp, sp, 112
    ret
1:  j       own_trap

/* Traps to S and U come straight back, registers untouched. */
    .balign 4
    .global supervisor_vector
supervisor_vector:
    ecall
    .balign 64
    .global user_vector
user_vector:
    .rept   16                          /* one per cause, for vectored mode */
    ecall
    .endr

/*
 * A handler as programs have it: calls the C function whose address is in uscratch, with
 * ucause, on the interrupted stack; then uret.
 */
    .balign 4
    .global user_handler
user_handler:
    addi    sp, sp, -128
    caller_saved sd
    csrr    a0, 0x042                   /* ucause */
    csrr    t0, 0x040                   /* uscratch */
    jalr    t0
    caller_saved ld
    addi    sp, sp, 128
    .word   0x00200073                  /* uret */
