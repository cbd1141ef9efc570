/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * u4's own additions to the interface, and what every program needs around it: names of threads,
 * marks in the trace, the console, the end of the program. All of it works on seL4 too, where
 * names and marks fall back to what seL4 has.
 */
#ifndef U4_U4_H
#define U4_U4_H

#include <stdbool.h>

#include <sel4/sel4.h>

#include "abi/u4/extensions.h"

/* u4's chunk of BootInfo (its version and flags); null in other programs and on seL4. */
const u4_boot_chunk_t *u4_boot_chunk(void);

/* Whether the kernel has u4's extensions. */
bool u4_kernel(void);

/*
 * Whether the kernel has debug system calls. A root task finds out in u4_machine_init(), other
 * programs are told by their creator; until then a program believes that it has.
 */
bool u4_debug_calls(void);
void u4_set_debug_calls(bool present);

/*
 * Name the thread behind TCB, in the trace and in debug output. Overwrites the start of the IPC
 * buffer. Does nothing on a kernel that has no such call.
 */
void u4_name_thread(seL4_TCB tcb, const char *name);

/* Leave a mark of the user's own KIND and VALUE in the trace; nothing happens on seL4. */
void u4_trace_mark(seL4_Word kind, seL4_Word value);

/*
 * Where standard output's characters go: the debug system call unless a program says else, and
 * nowhere if there is no such call.
 */
typedef void (*u4_console_put_t)(char c);
void u4_console_set(u4_console_put_t put);

/* What _exit() does first; a root task's machine layer makes it leave QEMU. */
typedef void (*u4_exit_hook_t)(int status);
void u4_exit_set(u4_exit_hook_t hook);

/*
 * seL4_Recv from FROM (an endpoint or notification) after a signal to the notification SIGNAL (0:
 * none), in one system call. Ends with label U4_LABEL_TIMEOUT and badge 0 when `time` reaches
 * DEADLINE (0: never), to the precision of the kernel's tick. REPLY: MCS only. u4's kernel only.
 */
seL4_MessageInfo_t u4_signal_wait(seL4_CPtr from, seL4_Word *badge, seL4_CPtr signal,
                                  uint64_t deadline, seL4_CPtr reply);

/*
 * A program that ends, by exit() or by returning from main(), sends its status to the endpoint
 * that it was given as "exit": this label, one word.
 */
enum { U4_LABEL_EXIT = U4_LABEL_BASE + 0x40 };

#endif
