/* SPDX-License-Identifier: BSD-2-Clause */
#include "answer.h"

#include "trace.h"

/* The coroutine that waits for it; null if none does (any more). */
static u4_coro_t *coro_of(const u4_exec_t *e, uint64_t first, u4_wait_t why, const void *what)
{
    u4_coro_t *c = u4_coro_of(e, first);

    if (c->token != u4_ring_sized(first, 0) || c->waits_for != what ||
        c->state != U4_CORO_BLOCKED || c->wait != why)
        return NULL;
    return c;
}

bool answer_take(u4_exec_t *e, u4_consumer_t *rx, u4_wait_t why, const void *what)
{
    uint64_t info, first = u4_ring_peek(rx, &info), max = 0;
    u4_coro_t *c = coro_of(e, first, why, what);
    bool in_place = c && !(c->how & U4_HOW_LONG);
    seL4_Word *words = NULL;

    if (c) {
        words = in_place ? c->answer.words : c->result_words;
        max = in_place ? U4_RING_FIRST_WORDS : c->result_max;
    }
    if ((u4_ring_kind(first) & ~U4_RING_LONG) != U4_RING_REQUEST ||
        !u4_ring_take(rx, first, info, words, max))
        return false;
    if (why == U4_WAIT_CALL)
        U4_TRACE(async_answer, !c, ((const u4_conn_t *)what)->id, u4_ring_token(first),
                 label_of(info));
    else
        U4_TRACE(async_fetch, label_of(info), u4_ring_token(first));
    if (in_place)
        c->answer.info = info;
    else if (c)
        c->result_info = info;
    if (c)
        u4_coro_wake_with(c, U4_OK);
    return true;
}
