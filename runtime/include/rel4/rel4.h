/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reL4's asynchronous calls: seL4's message calls, between coroutines. Messages are in the IPC
 * buffer, as seL4's are, and read by seL4_GetMR() behind the call, up to the coroutine's next
 * wait. What blocks blocks the coroutine, not the thread. reL4_Signal() and reL4_Poll() are in
 * u4/uintr.h; the runtime's own functions, with deadlines and bulk data, in u4/conn.h.
 */
#ifndef REL4_REL4_H
#define REL4_REL4_H

#include <u4/conn.h>

/* Labels of answers that did not come: the connection is gone, or the call was cancelled. */
enum { reL4_Closed = 0x7570, reL4_Cancelled = 0x7571 };

/* A request; the coroutine waits for the answer. */
seL4_MessageInfo_t reL4_Call(u4_conn_t *conn, seL4_MessageInfo_t info);
/* A message without answer; waits for room in the ring only. */
u4_status_t reL4_Send(u4_conn_t *conn, seL4_MessageInfo_t info);
/* The next message to the port; *FROM (may be null) is its connection. */
seL4_MessageInfo_t reL4_Recv(u4_port_t *port, u4_conn_t **from);
/* Answer the message received last, wait for the next one. */
seL4_MessageInfo_t reL4_ReplyRecv(u4_port_t *port, seL4_MessageInfo_t info, u4_conn_t **from);

static inline u4_coro_t *reL4_coroutine_spawn_with_prio(const char *name, unsigned priority,
                                                        void (*entry)(void *), void *argument)
{
    return u4_coro_spawn(name, priority, entry, argument);
}
static inline void reL4_coroutine_wake(u4_coro_t *coro)
{
    u4_coro_wake(coro);
}
static inline u4_status_t reL4_coroutine_run_until_complete(u4_exec_t *exec)
{
    return u4_exec_run_until_complete(exec, NULL);
}

#endif
