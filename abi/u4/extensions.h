/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * u4's own numbers, far away from every stock one: labels from 0x7500, object types from 0x75,
 * system calls from -0x7500 downwards, one chunk in BootInfo's extra region that announces them.
 */
#ifndef ABI_U4_EXTENSIONS_H
#define ABI_U4_EXTENSIONS_H

#include "abi/sel4/types.h"

#define U4_LABEL_BASE 0x7500
#define U4_OBJECT_BASE 0x75
#define U4_SYSCALL_BASE (-0x7500)
#define U4_BOOTINFO_ID 0x7534

/* System calls. */
enum {
    u4_SysTraceMark = U4_SYSCALL_BASE, /* a0 kind, a1 value: emits debug.mark; a0, a1 unchanged */
    u4_SysNameThread = U4_SYSCALL_BASE - 1, /* DebugNameThread, present in release kernels too */
    u4_SysCheck =
        U4_SYSCALL_BASE - 2, /* debug kernels: checks every invariant, panics on a failure */
};

/* Content of the BootInfo chunk U4_BOOTINFO_ID, after its header. */
typedef struct {
    uint32_t version; /* of this structure: 1 */
    uint32_t flags;   /* U4_BOOT_* */
    uint64_t timebase_hz;
    uint64_t trace_header_paddr;
} u4_boot_chunk_t;

enum {
    U4_BOOT_TRACE = 1, /* the kernel was built with tracing */
    U4_BOOT_UINTC = 2, /* UINTC is in the device tree */
};

#endif
