/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CSRs of user interrupts ("N" extension 1.1; U-interrupt specification 0.1.1), by number:
 * assemblers do not know their names. For csr_read() and its kin.
 */
#ifndef KERNEL_UINTR_CSR_H
#define KERNEL_UINTR_CSR_H

#define CSR_USTATUS 0x000
#define CSR_UIE 0x004
#define CSR_UTVEC 0x005
#define CSR_USCRATCH 0x040
#define CSR_UEPC 0x041
#define CSR_UCAUSE 0x042
#define CSR_UTVAL 0x043
#define CSR_UIP 0x044
#define CSR_SIDELEG 0x103
#define CSR_SUIST 0x1b0
#define CSR_SUIRS 0x1b1

/* suist, suirs */
#define CSR_UINTR_ENABLE (1ull << 63)
#define CSR_SUIST_PAGES_SHIFT 44

#endif
