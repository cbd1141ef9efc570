/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's virt machine as a root task uses it: leave it with a status, its UART and clock. */
#ifndef U4_MACHINE_H
#define U4_MACHINE_H

#include <u4/vspace.h>

#define U4_TEST_PADDR 0x100000ull
#define U4_RTC_PADDR 0x101000ull
#define U4_UART_PADDR 0x10000000ull

enum { U4_RTC_IRQ = 11, U4_UART_IRQ = 10 };

/* Make exit(status) end QEMU with STATUS: maps the machine's test device. */
seL4_Error u4_machine_init(u4_vspace_t *vspace);

/* Map the 4 KiB of device memory at PADDR, see u4_alloc_device() about order. */
seL4_Error u4_machine_map(u4_vspace_t *vspace, seL4_Word paddr, void **out);

/* Print through the UART itself, for kernels without debug system calls. */
seL4_Error u4_machine_uart_console(u4_vspace_t *vspace);

/* End QEMU with STATUS (0..255). Only after u4_machine_init(). */
void u4_exit(int status);

#endif
