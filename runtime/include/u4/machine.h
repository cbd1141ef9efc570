/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's virt machine as a root task uses it: leave it with a status, its UART and clock. */
#ifndef U4_MACHINE_H
#define U4_MACHINE_H

#include <u4/vspace.h>

#define U4_TEST_PADDR 0x100000ull
#define U4_RTC_PADDR 0x101000ull
#define U4_UART_PADDR 0x10000000ull

enum { U4_RTC_IRQ = 11, U4_UART_IRQ = 10 };

/*
 * Set the root task up on this machine: find out whether the kernel has debug system calls, make
 * exit(status) end QEMU with STATUS, print through the UART if there are no debug calls. To be
 * called first, at the priority with which the root task starts.
 */
seL4_Error u4_machine_init(u4_vspace_t *vspace);

/* Frames of the devices that u4_machine_init() has taken. */
seL4_CPtr u4_machine_uart_frame(void);

/* The part of u4_machine_init() that finds out about debug calls (u4_debug_calls()). */
seL4_Error u4_machine_probe_debug(u4_vspace_t *vspace);

/* Does the device tree, which BootInfo carries, name a device compatible with NAME? */
bool u4_machine_has(const char *name);

/* End QEMU with STATUS (0..255). Only after u4_machine_init(). On a machine without a test device
 * the status is printed and, with debug calls, the system halted. */
void u4_exit(int status);

#endif
