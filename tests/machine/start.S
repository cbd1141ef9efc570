/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of all harts in M-mode, and the one place where traps in M-mode are expected.
 */

#define STACK_SHIFT 14

    .option norvc
    .section .text.start, "ax"
    .global _start
_start:
    csrr    t0, mhartid
    la      sp, stacks
    addi    t1, t0, 1
    slli    t1, t1, STACK_SHIFT
    add     sp, sp, t1
    csrw    mscratch, zero
    la      t1, trap_vector
    csrw    mtvec, t1
    la      t1, supervisor_vector
    csrw    stvec, t1
    li      t1, -1                      /* PMP: all of memory for everyone */
    csrw    pmpaddr0, t1
    li      t1, 0x1f
    csrw    pmpcfg0, t1
    mv      a0, t0
    call    hart_main
1:  wfi
    j       1b

/*
 * A trap in M-mode itself is allowed at the instructions of probe_table only: it goes to
 * probe_fault, with the cause in a0.
 */
    .text
    .global own_trap
own_trap:
    csrrw   a0, mscratch, a0
    csrr    t0, mepc
    la      t1, probe_first
    bltu    t0, t1, machine_trap
    la      t1, probe_last
    bgtu    t0, t1, machine_trap
    la      t1, probe_fault
    csrw    mepc, t1
    csrr    a0, mcause
    mret

/* int64_t probe(uintptr_t address, unsigned what, uint64_t *value): see machine.c */
    .global probe
probe:
    la      t0, probe_table
    slli    a1, a1, 3
    add     t0, t0, a1
    ld      t1, 0(a2)
    jr      t0
probe_first:
probe_table:
    lbu     t1, 0(a0)
    j       probe_done
    lhu     t1, 0(a0)
    j       probe_done
    lwu     t1, 0(a0)
    j       probe_done
    ld      t1, 0(a0)
    j       probe_done
    sb      t1, 0(a0)
    j       probe_done
    sh      t1, 0(a0)
    j       probe_done
    sw      t1, 0(a0)
    j       probe_done
probe_last:
    sd      t1, 0(a0)
probe_done:
    sd      t1, 0(a2)
    li      a0, -1
probe_fault:
    ret

    .bss
    .balign 4096
    .global user_stacks
stacks:
    .space  8 << STACK_SHIFT
user_stacks:
    .space  8 << STACK_SHIFT
    .global sender_table
sender_table:
    .space  8 * 4096
