/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where user interrupts enter: everything that a C function may change is saved on the
 * interrupted stack (RISC-V has no red zone), u4_uintr_handle(uscratch) is called, and uret goes
 * back. The second entry saves the floating-point registers too.
 */
#define FRAME_INT (16 * 8)
#define FRAME_FLOAT (FRAME_INT + 22 * 8)

.macro integers op
    \op ra, 0(sp)
    \op t0, 8(sp)
    \op t1, 16(sp)
    \op t2, 24(sp)
    \op a0, 32(sp)
    \op a1, 40(sp)
    \op a2, 48(sp)
    \op a3, 56(sp)
    \op a4, 64(sp)
    \op a5, 72(sp)
    \op a6, 80(sp)
    \op a7, 88(sp)
    \op t3, 96(sp)
    \op t4, 104(sp)
    \op t5, 112(sp)
    \op t6, 120(sp)
.endm

.macro floats op
.irp r, 0,1,2,3,4,5,6,7
    \op ft\r, FRAME_INT + 8 * \r(sp)
    \op fa\r, FRAME_INT + 64 + 8 * \r(sp)
.endr
    \op ft8, FRAME_INT + 128(sp)
    \op ft9, FRAME_INT + 136(sp)
    \op ft10, FRAME_INT + 144(sp)
    \op ft11, FRAME_INT + 152(sp)
.endm

    .section .text.uintr, "ax"
    .balign 4
    .globl u4_uintr_entry
    .type u4_uintr_entry, @function
u4_uintr_entry:
    addi sp, sp, -FRAME_INT
    integers sd
    csrr a0, 0x040
    call u4_uintr_handle
    integers ld
    addi sp, sp, FRAME_INT
    .word 0x00200073 /* uret */
    .size u4_uintr_entry, . - u4_uintr_entry

    .balign 4
    .globl u4_uintr_entry_float
    .type u4_uintr_entry_float, @function
u4_uintr_entry_float:
    addi sp, sp, -FRAME_FLOAT
    integers sd
    floats fsd
    frcsr t0
    sd t0, FRAME_INT + 160(sp)
    csrr a0, 0x040
    call u4_uintr_handle
    ld t0, FRAME_INT + 160(sp)
    fscsr t0
    floats fld
    integers ld
    addi sp, sp, FRAME_FLOAT
    .word 0x00200073 /* uret */
    .size u4_uintr_entry_float, . - u4_uintr_entry_float
