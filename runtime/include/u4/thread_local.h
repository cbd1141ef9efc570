/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread-local storage of a thread: made by its creator, found through tp. */
#ifndef U4_THREAD_LOCAL_H
#define U4_THREAD_LOCAL_H

#include <sel4/types.h>

/* Bytes that u4_tls_make() needs, alignment slack included. */
size_t u4_tls_size(void);

/*
 * Initialise MEMORY (u4_tls_size() bytes) as a thread's block with IPC_BUFFER as the thread's
 * IPC buffer. Returns the value for the thread's tp.
 */
seL4_Word u4_tls_make(void *memory, seL4_IPCBuffer *ipc_buffer);

#endif
