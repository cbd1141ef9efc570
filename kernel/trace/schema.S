/* SPDX-License-Identifier: GPL-2.0-only */
/* The event table's text, in the ELF file but not in memory: tools of another version read it. */
#if U4_TRACE
    .section .u4_schema, "", @progbits
    .incbin "trace/schema.txt"
#endif
