/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runtime's files share: ready queue, switching, timers, looking at connections. */
#ifndef U4_ASYNC_INTERNAL_H
#define U4_ASYNC_INTERNAL_H

#include <u4/conn.h>
#include <u4/coro.h>

enum { PATIENCE = 64 };

void u4_coro_start(void);
_Noreturn void u4_coro_ended(void);

void timer_remove(u4_exec_t *e, u4_coro_t *c);

/* u4_coro_wake() of one that is known to wait, and in no queue. */
U4_FAST void coro_go_on(u4_exec_t *e, u4_coro_t *c)
{
    if (U4_RARELY(c->timer))
        timer_remove(e, c);
    c->state = U4_CORO_READY;
    c->status = U4_OK;
    c->wait = U4_WAIT_NONE;
    u4_ready_push(e, c);
}

/* timer.c: deadlines of waiting coroutines. */
void timer_add(u4_exec_t *e, u4_coro_t *c, uint64_t deadline);
/* Wake those whose time has come. */
void timer_expire(u4_exec_t *e);
/* U4_NEVER if there is none. */
uint64_t timer_first(const u4_exec_t *e);

/* stack.c: a pool of stacks, and memory for a coroutine's when it is first used. */
u4_status_t stack_reserve(u4_exec_t *e);
u4_status_t stack_provide(u4_exec_t *e, u4_coro_t *c);
/* A page of fresh memory. */
u4_status_t page_make(const u4_exec_t *e, void **out);
/* Map COUNT frames, whose capabilities are in a row from FIRST on, in a row. */
u4_status_t frames_map(u4_vspace_t *vspace, seL4_CPtr first, unsigned count, void **out);

/* conn.c */
/* Look at every active connection: wake who can go on. */
void conn_poll(u4_exec_t *e);
/* Notify peers that asked for it, of what was sent and taken since. The last one is not notified
 * but returned, 0 if there is none: it is done with the system call that sleeps. */
seL4_CPtr conn_flush(u4_exec_t *e);
/* Say that this side stops looking. False if there is something to do after all. */
bool conn_prepare_sleep(u4_exec_t *e);
/* Groups were notified: their connections are to be looked at. */
void conn_hint(u4_exec_t *e, uint64_t groups);
/* Could a peer still wake somebody? */
bool conn_can_wake(const u4_exec_t *e);

/* accept.c: a message came to the endpoint on which the executor sleeps. */
void accept_message(u4_exec_t *e, seL4_Word badge, seL4_MessageInfo_t info);

/* sleep.c: block in the kernel until notified or DEADLINE; notifies SIGNAL (0: none) as it does. */
void exec_sleep(u4_exec_t *e, seL4_CPtr signal, uint64_t deadline);
/* See without blocking whether notifications or messages came. */
void exec_look(u4_exec_t *e);

#endif
