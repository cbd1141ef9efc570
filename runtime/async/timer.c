/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines: a binary heap of waiting coroutines, the earliest first. A coroutine's place in it,
 * plus one, is in c->timer. */
#include "internal.h"

static void put(u4_exec_t *e, unsigned at, u4_coro_t *c)
{
    e->timers[at] = c;
    c->timer = at + 1;
}

static void rise(u4_exec_t *e, unsigned at, u4_coro_t *c)
{
    while (at > 0 && e->timers[(at - 1) / 2]->deadline > c->deadline) {
        put(e, at, e->timers[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(e, at, c);
}

static void sink(u4_exec_t *e, unsigned at, u4_coro_t *c)
{
    for (;;) {
        unsigned child = 2 * at + 1;

        if (child + 1 < e->timer_count &&
            e->timers[child + 1]->deadline < e->timers[child]->deadline)
            child++;
        if (child >= e->timer_count || e->timers[child]->deadline >= c->deadline)
            break;
        put(e, at, e->timers[child]);
        at = child;
    }
    put(e, at, c);
}

void timer_add(u4_exec_t *e, u4_coro_t *c, uint64_t deadline)
{
    c->deadline = deadline;
    rise(e, e->timer_count++, c);
}

void timer_remove(u4_exec_t *e, u4_coro_t *c)
{
    unsigned at = c->timer - 1;
    u4_coro_t *last = e->timers[--e->timer_count];

    c->timer = 0;
    if (last == c)
        return;
    if (at > 0 && e->timers[(at - 1) / 2]->deadline > last->deadline)
        rise(e, at, last);
    else
        sink(e, at, last);
}

void timer_expire(u4_exec_t *e)
{
    uint64_t now = e->timer_count ? u4_now() : 0;

    while (e->timer_count && e->timers[0]->deadline <= now)
        u4_coro_wake_with(e->timers[0], U4_TIMEOUT);
}

uint64_t timer_first(const u4_exec_t *e)
{
    return e->timer_count ? e->timers[0]->deadline : U4_NEVER;
}
