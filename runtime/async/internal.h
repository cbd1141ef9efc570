/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runtime's files share: ready queue, switching, timers, looking at connections. */
#ifndef U4_ASYNC_INTERNAL_H
#define U4_ASYNC_INTERNAL_H

#include <u4/conn.h>
#include <u4/coro.h>

enum { PATIENCE = 64 };

/* switch.S: a coroutine's first instruction, and what it calls. */
void u4_coro_start(void);
_Noreturn void u4_coro_main(void);

/* u4_coro_block() with one of U4_HOW_* more. */
u4_status_t coro_block_how(u4_wait_t why, unsigned how, void *what, uint64_t deadline);

/* coro.c: u4_choose(), traced. */
const u4_context_t *coro_choose(u4_exec_t *e);

/* timer.c: deadlines of waiting coroutines. */
void timer_add(u4_exec_t *e, u4_coro_t *c, uint64_t deadline);
void timer_remove(u4_exec_t *e, u4_coro_t *c);
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

/* conn.c: groups were notified: their connections are to be looked at. */
void conn_hint(u4_exec_t *e, uint64_t groups);

/* accept.c: a message came to the endpoint on which the executor sleeps. */
void accept_message(u4_exec_t *e, seL4_Word badge, seL4_MessageInfo_t info);

/* sleep.c: with user interrupts: what comes from here on stays pending, and ends exec_sleep(). False
 * if something has come already; then they are on. */
bool exec_hold_interrupts(const u4_exec_t *e);
/* Block in the kernel until notified or DEADLINE; notifies SIGNAL (0: none) as it does. */
void exec_sleep(u4_exec_t *e, seL4_CPtr signal, uint64_t deadline);
/* See without blocking whether notifications or messages came. */
void exec_look(u4_exec_t *e);

#endif
