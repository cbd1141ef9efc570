/* SPDX-License-Identifier: BSD-2-Clause */
/* faulting.S: functions that fault at their first instruction, and registers across a call. */
#ifndef TESTS_KERNEL_FAULTING_H
#define TESTS_KERNEL_FAULTING_H

#include <sel4/sel4.h>

seL4_Word fault_load(seL4_Word address);
void fault_store(seL4_Word address, seL4_Word value);
seL4_Word fault_breakpoint(seL4_Word value);
seL4_Word fault_illegal(seL4_Word value);
seL4_Word fault_float(void);

/* A system call with a5 = 0x55, a6 = 0x66; its ecall instruction is at fault_ecall_at. */
seL4_Word fault_ecall(seL4_Word number, seL4_Word a0, seL4_Word a1, seL4_Word a2, seL4_Word a3,
                      seL4_Word a4);
extern const char fault_ecall_at[];

/* A system call with A6 after which all registers but a0..a5 must be as before: 0 if they are. */
seL4_Word registers_kept(seL4_Word number, seL4_Word cptr, seL4_Word info, seL4_Word a6);

#endif
