/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers, of peers and of the kernel: to whom they go. While all coroutines have one priority,
 * whoever has the next answer in a ring goes on at once, and reads it there; one switches to the
 * next without coming by here (u4_wait_answer()). Else all answers are taken out, and their
 * coroutines become ready.
 */
#ifndef U4_ASYNC_ANSWER_H
#define U4_ASYNC_ANSWER_H

#include "internal.h"

/* answer.c: take the next answer, of which there is one, out of RX. False if it cannot be. */
bool answer_take(u4_exec_t *e, u4_consumer_t *rx, u4_wait_t why, const void *what);

/* Answers in RX for those who wait for WHY on WHAT. False if the peer is broken. */
U4_FAST bool answers_take(u4_exec_t *e, u4_consumer_t *rx, u4_wait_t why, const void *what)
{
    const u4_coro_word_t word = (u4_coro_word_t)(U4_CORO_BLOCKED | why << 8);

    if (rx->tail == rx->known && !u4_consumer_refresh(rx))
        return false;
    e->patience = PATIENCE;
    while (rx->tail != rx->known) {
        const u4_ring_line_t *line = NULL;
        const u4_context_t *to;

        if (e->direct && !e->ready)
            line = u4_next_answer(e, rx, word, what, &to);
        if (line)
            (void)u4_switch(&e->main, to, line);
        else if (!answer_take(e, rx, why, what))
            return false;
    }
    return true;
}

#endif
