/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of all harts in S-mode, from the firmware: a0 is the hart, a1 the device tree or,
 * for harts that the program started, its argument. tp holds the hart's number.
 */

#define STACK_SHIFT 14

    .option norvc
    .section .text.start, "ax"
    .global _start
_start:
    la      t0, supervisor_main
    j       1f
    .global hart_start
hart_start:
    la      t0, second_main
1:  mv      tp, a0
    la      sp, stacks
    addi    t1, a0, 1
    slli    t1, t1, STACK_SHIFT
    add     sp, sp, t1
    csrw    sscratch, zero
    csrw    sie, zero
    la      t1, trap_vector
    csrw    stvec, t1
    jalr    t0
2:  wfi
    j       2b

    .text
own_trap:
    .global own_trap
    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    call    supervisor_trap
    j       2b

    .bss
    .balign 4096
stacks:
    .space  8 << STACK_SHIFT
    .global sender_table
sender_table:
    .space  8 * 4096
