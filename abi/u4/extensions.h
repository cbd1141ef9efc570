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

/* Object types. */
enum {
    u4_SenderTableObject = U4_OBJECT_BASE, /* size bits: u4_MinSenderTableBits and up */
};
enum { u4_MinSenderTableBits = 13, u4_MaxSenderTableBits = 20 };

/* Invocations, of what the name begins with; docs/uintr.md. */
enum {
    u4_TCBSetSenderTable = U4_LABEL_BASE, /* cap 0: sender table; without one: takes it away */
    u4_TCBRegisterReceiver,               /* cap 0: notification with receive right */
    u4_TCBUnregisterReceiver,
    u4_SenderTableRegister,   /* cap 0: notification with send right -> index for uipi send */
    u4_SenderTableUnregister, /* word 0: index */
};

/* System calls. */
enum {
    u4_SysTraceMark = U4_SYSCALL_BASE, /* a0 kind, a1 value: emits debug.mark; a0, a1 unchanged */
    u4_SysNameThread = U4_SYSCALL_BASE - 1, /* DebugNameThread, present in release kernels too */
    u4_SysCheck =
        U4_SYSCALL_BASE - 2, /* debug kernels: checks every invariant, panics on a failure */
    /* Recv on a0, after a signal to the notification a2 (0: none). a3: `time` at which it ends
     * with a message of U4_LABEL_TIMEOUT and no badge, 0: never. */
    u4_SysSignalWait = U4_SYSCALL_BASE - 0x20,
    /* There are requests in this thread's ring. a0: U4_ASYNC_NOW, or 0 to go on while the kernel
     * waits for the next tick or an idle hart. Returns U4_ASYNC_OK, U4_ASYNC_NO_RING. */
    u4_SysAsyncWake = U4_SYSCALL_BASE - 0x21,
};

/*
 * Invocations of the trace capability. LABEL(name, number from U4_LABEL_BASE).
 *   U4TraceGetMask   target                       -> mask, 4 words
 *   U4TraceSetMask   target, clear[4], set[4]     mask = (mask & ~clear) | set
 *   U4TraceGrantRing address; caps: TCB, frame    the frame, which the thread sees at `address`,
 *                                                 becomes its ring in place of one it had
 *   U4TraceEndRing   ; caps: TCB
 *   U4TraceSetFilter thread, object               references as in events, 0: none (layout.h)
 *   U4TraceSetTrigger index, TRACE_TRIGGER_WORDS words of a trace_trigger_t (abi/trace/trigger.h)
 *   U4TraceGetTrigger index                       -> all its words
 */
#define U4_TRACE_LABELS(LABEL) \
    LABEL(U4TraceGetMask, 0x20) \
    LABEL(U4TraceSetMask, 0x21) \
    LABEL(U4TraceGrantRing, 0x22) \
    LABEL(U4TraceEndRing, 0x23) \
    LABEL(U4TraceSetFilter, 0x24) \
    LABEL(U4TraceSetTrigger, 0x25) \
    LABEL(U4TraceGetTrigger, 0x26)

#define U4_LABEL_ENUM(name, number) name = U4_LABEL_BASE + (number),
enum u4_trace_label { U4_TRACE_LABELS(U4_LABEL_ENUM) };

/* Whose mask: a hart's ring by its number, those of all harts, or those of all user rings, the
 * future ones included. */
#define U4_TRACE_ALL_HARTS (~(seL4_Word)0)
#define U4_TRACE_USER_RINGS (~(seL4_Word)1)

/*
 * Rings of async system calls (abi/u4/ring.h), invocations of TCBs.
 *   U4AsyncRegister    log2; caps: frame, notification   the frame becomes the thread's rings
 *   U4AsyncUnregister
 * A request's words are the capability pointer, those of the extra capabilities, the message; its
 * info is that of the call, and an answer is what the call would have answered. What would be a
 * capability fault is answered with FailedLookup.
 */
enum u4_async_label {
    U4AsyncRegister = U4_LABEL_BASE + 0x40,
    U4AsyncUnregister = U4_LABEL_BASE + 0x41,
};
enum { U4_ASYNC_NOW = 1 };
enum { U4_ASYNC_OK = 0, U4_ASYNC_NO_RING = 1 };

/* Labels of messages from the kernel. */
enum { U4_LABEL_TIMEOUT = U4_LABEL_BASE + 0x5f };

/* Content of the BootInfo chunk U4_BOOTINFO_ID, after its header. */
typedef struct {
    uint32_t version; /* of this structure: 1; fields are only ever added at the end */
    uint32_t flags;   /* U4_BOOT_* */
    uint64_t timebase_hz;
    uint64_t trace_header_paddr;
    uint64_t trace_cap; /* root CNode slot of the trace capability, behind `empty`; 0: none */
} u4_boot_chunk_t;

enum {
    U4_BOOT_TRACE = 1, /* the kernel was built with tracing */
    U4_BOOT_UINTC = 2, /* UINTC is in the device tree */
};

#endif
