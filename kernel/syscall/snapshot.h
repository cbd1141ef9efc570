/* SPDX-License-Identifier: GPL-2.0-only */
/* The debug system calls that print the system's state on the console. */
#ifndef KERNEL_SYSCALL_SNAPSHOT_H
#define KERNEL_SYSCALL_SNAPSHOT_H

/* Every thread: name, state, where it is, priority. */
void snapshot_scheduler(void);
/* Every thread's CSpace, one line a capability. */
void snapshot_capabilities(void);

#endif
