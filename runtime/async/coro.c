/* SPDX-License-Identifier: BSD-2-Clause */
/* Coroutines: their life, and what they wait by. */
#include <string.h>

#include "internal.h"
#include "trace.h"

__thread u4_exec_t *u4_exec_self;

const char *u4_status_name(u4_status_t status)
{
    static const char *const names[] = {"ok",      "timeout", "cancelled", "closed",
                                        "refused", "invalid", "no memory", "stuck"};

    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown status";
}

u4_coro_t *u4_coro_self(void)
{
    return u4_exec_self->current;
}

u4_coro_t *u4_ready_above(const u4_exec_t *e, unsigned priority)
{
    for (unsigned p = priority + 1; p < U4_PRIORITIES; p++)
        if (e->last[p] && e->last[p]->state == U4_CORO_READY)
            return e->last[p];
    return NULL;
}

__attribute__((noinline)) const void *u4_switch_fpu(u4_context_t *from, const u4_context_t *to,
                                                    const void *gift)
{
    gift = u4_switch(from, to, gift);
    __asm__ volatile("" ::
                         : "fs0", "fs1", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9",
                           "fs10", "fs11");
    return gift;
}

void u4_coro_yield(void)
{
    u4_exec_t *e = u4_exec_self;

    u4_coro_t *self = e->current;
    const u4_context_t *to;

    u4_ready_push(e, self);
    to = coro_choose(e);
    if (to != &self->context)
        (void)u4_go(e, &self->context, to, NULL);
}

const u4_context_t *coro_choose(u4_exec_t *e)
{
    const u4_context_t *to = u4_choose(e);

    if (U4_RARELY(e->traced))
        U4_TRACE(coro_run, coro_id(e->current));
    return to;
}

static void trace_block(const u4_coro_t *c, u4_wait_t why, const void *what, bool timed)
{
    uint32_t object = 0, token = 0;

    if (why == U4_WAIT_JOIN)
        object = coro_id(what);
    else if (why == U4_WAIT_CALL || (why == U4_WAIT_ROOM && what != c->exec->sysring))
        object = ((const u4_conn_t *)what)->id;
    if (why == U4_WAIT_CALL || why == U4_WAIT_SYSCALL)
        token = u4_ring_token(c->token);
    U4_TRACE(coro_block, why, timed, coro_id(c), object, token);
}

U4_FAST u4_status_t block(u4_wait_t why, unsigned how, void *what, uint64_t deadline)
{
    u4_exec_t *e = u4_exec_self;
    u4_coro_t *self = e->current;

    if (self->cancelled) {
        self->cancelled = false;
        return U4_CANCELLED;
    }
    if (deadline != U4_NEVER) {
        how |= U4_HOW_TIMED;
        timer_add(e, self, deadline);
    }
    U4_CORO_WORD(self) = (u4_coro_word_t)(U4_CORO_BLOCKED | why << 8 | how << 24);
    self->waits_for = what;
    if (U4_RARELY(e->traced))
        trace_block(self, why, what, how & U4_HOW_TIMED);
    (void)u4_go(e, &self->context, coro_choose(e), NULL);
    return (u4_status_t)self->status;
}

u4_status_t u4_coro_block(u4_wait_t why, void *what, uint64_t deadline)
{
    return block(why, 0, what, deadline);
}

u4_status_t coro_block_how(u4_wait_t why, unsigned how, void *what, uint64_t deadline)
{
    return block(why, how, what, deadline);
}

static void leave_queue(u4_coro_t *c)
{
    u4_queue_t *q = c->in;

    if (c->prev)
        c->prev->next = c->next;
    else
        q->head = c->next;
    if (c->next)
        c->next->prev = c->prev;
    else
        q->tail = c->prev;
    c->in = NULL;
}

void u4_coro_wake_with(u4_coro_t *c, u4_status_t status)
{
    if (c->state != U4_CORO_BLOCKED)
        return;
    if (c->in)
        leave_queue(c);
    if (c->timer)
        timer_remove(c->exec, c);
    c->status = (uint8_t)status;
    c->wait = U4_WAIT_NONE;
    c->waits_for = NULL;
    u4_ready_push(c->exec, c);
    if (U4_RARELY(c->exec->traced))
        U4_TRACE(coro_wake, status, coro_id(c), coro_id(c->exec->current));
}

u4_status_t u4_queue_wait(u4_queue_t *queue, u4_wait_t why, void *what, uint64_t deadline)
{
    u4_coro_t *self = u4_exec_self->current;

    if (!self->cancelled) {
        self->next = NULL;
        self->prev = queue->tail;
        if (queue->tail)
            queue->tail->next = self;
        else
            queue->head = self;
        queue->tail = self;
        self->in = queue;
    }
    return u4_coro_block(why, what, deadline);
}

bool u4_queue_wake(u4_queue_t *queue, u4_status_t status)
{
    if (!queue->head)
        return false;
    u4_coro_wake_with(queue->head, status);
    return true;
}

void u4_coro_cancel(u4_coro_t *c)
{
    if (c->state == U4_CORO_BLOCKED)
        u4_coro_wake_with(c, U4_CANCELLED);
    else if (c->state != U4_CORO_FREE)
        c->cancelled = true;
}

void u4_sleep_until(uint64_t deadline)
{
    (void)u4_coro_block(U4_WAIT_SLEEP, NULL, deadline);
}

u4_coro_t *u4_coro_spawn(const char *name, unsigned priority, void (*entry)(void *), void *argument)
{
    u4_exec_t *e = u4_exec_self;
    u4_coro_t *c = e->free;

    if (!c || priority >= U4_PRIORITIES || stack_provide(e, c) != U4_OK)
        return NULL;
    e->free = c->next;
    e->live++;
    e->priorities += e->at_priority[priority]++ == 0;
    c->sequence++;
    c->wait = U4_WAIT_NONE;
    c->priority = (uint8_t)priority;
    c->cancelled = false;
    c->served = NULL;
    c->entry = entry;
    c->argument = argument;
    strncpy(c->name, name, sizeof c->name - 1);
    memset(&c->context, 0, sizeof c->context);
    c->context.ra = (seL4_Word)u4_coro_start;
    c->context.sp = c->stack + ((seL4_Word)e->stack_pages << seL4_PageBits);
    u4_ready_push(e, c);
    if (U4_RARELY(e->traced)) {
        uint32_t text[3];

        memcpy(text, c->name, sizeof text);
        U4_TRACE(coro_spawn, priority, coro_id(c), text[0], text[1], text[2]);
    }
    return c;
}

/* A coroutine from beginning to end. Its stack is used until the last switch, so it only becomes
 * free for the next spawn, which cannot come before. */
_Noreturn void u4_coro_main(void)
{
    u4_exec_t *e = u4_exec_self;
    u4_coro_t *self = e->current;

    self->entry(self->argument);
    while (u4_queue_wake(&self->joiners, U4_OK))
        ;
    self->state = U4_CORO_FREE;
    if (e->last[self->priority] == self)
        e->last[self->priority] = NULL;
    if (U4_RARELY(e->traced))
        U4_TRACE(coro_end, coro_id(self));
    e->priorities -= --e->at_priority[self->priority] == 0;
    self->next = e->free;
    e->free = self;
    e->live--;
    for (;;)
        (void)u4_go(e, &self->context, coro_choose(e), NULL);
}

u4_status_t u4_coro_join(u4_coro_t *c, uint64_t deadline)
{
    if (c->state == U4_CORO_FREE)
        return U4_OK;
    return u4_queue_wait(&c->joiners, U4_WAIT_JOIN, c, deadline);
}
