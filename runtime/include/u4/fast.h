/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The common case of what coroutines do all the time, inline: with it a call costs what the ring
 * and the switch cost, and what does not fit goes to the functions whose names end in _slowly.
 * Included by u4/conn.h; not for itself.
 */
#ifndef U4_FAST_H
#define U4_FAST_H

#define U4_FAST static inline __attribute__((always_inline))
#define U4_RARELY(x) __builtin_expect(!!(x), 0)

extern const uint8_t u4_highest_bit[256];
void u4_switch(u4_context_t *from, const u4_context_t *to);
void u4_switch_fpu(u4_context_t *from, const u4_context_t *to);

/* A coroutine becomes ready. */
U4_FAST void u4_ready_push(u4_exec_t *e, u4_coro_t *c)
{
    u4_queue_t *q = &e->ready[c->priority];

    c->next = NULL;
    if (q->head)
        q->tail->next = c;
    else
        q->head = c;
    q->tail = c;
    e->ready_bits |= (uint8_t)(1 << c->priority);
}

/* The most important one, of which there must be one. */
U4_FAST u4_coro_t *u4_ready_pop(u4_exec_t *e)
{
    unsigned priority = u4_highest_bit[e->ready_bits];
    u4_queue_t *q = &e->ready[priority];
    u4_coro_t *c = q->head;

    q->head = c->next;
    if (!q->head)
        e->ready_bits &= (uint8_t) ~(1 << priority);
    return c;
}

/* Whose turn it is: a ready coroutine's or, from time to time, the executor's own. */
U4_FAST const u4_context_t *u4_choose(u4_exec_t *e)
{
    u4_coro_t *next = NULL;
    const u4_context_t *to = &e->main;

    if (e->ready_bits && e->patience-- > 0) {
        next = u4_ready_pop(e);
        next->state = U4_CORO_RUNNING;
        to = &next->context;
    }
    e->current = next;
    return to;
}

U4_FAST void u4_go(const u4_exec_t *e, u4_context_t *from, const u4_context_t *to)
{
    if (U4_RARELY(e->fpu))
        u4_switch_fpu(from, to);
    else
        u4_switch(from, to);
}

/* The current coroutine's wait, which nobody has cancelled and which has no deadline (yet). */
U4_FAST u4_status_t u4_wait(u4_exec_t *e, u4_coro_t *self, u4_wait_t why, void *what)
{
    self->state = U4_CORO_BLOCKED;
    self->wait = why;
    self->waits_for = what;
    u4_go(e, &self->context, u4_choose(e));
    return (u4_status_t)self->status;
}

/* Is it a message of one line, and is there room for it? */
U4_FAST bool u4_sends_at_once(const u4_conn_t *conn, uint64_t info)
{
    return conn->ready && conn->tx.limit != conn->tx.head && (info & 0x7f) <= U4_RING_FIRST_WORDS;
}

/* An answer's info, of which only MAX words were stored. */
U4_FAST void u4_store_info(seL4_MessageInfo_t *info, seL4_Word value, uint64_t max)
{
    if (U4_RARELY((value & 0x7f) > max))
        value = (value & ~(seL4_Word)0x7f) | max;
    info->words[0] = value;
}

u4_status_t u4_call_slowly(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                           uint64_t max, uint64_t deadline);

U4_FAST u4_status_t u4_call(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                            uint64_t max, uint64_t deadline)
{
    u4_exec_t *e = conn->exec;
    u4_coro_t *self = e->current;
    u4_status_t status;

    if (U4_RARELY(deadline != U4_NEVER || self->cancelled ||
                  !u4_sends_at_once(conn, info->words[0])))
        return u4_call_slowly(conn, info, words, max, deadline);
    self->token += 0x10000;
    u4_ring_push_line(&conn->tx, u4_ring_first(self->token, U4_RING_REQUEST), info->words[0],
                      words);
    self->result_words = words;
    self->result_max = max;
    status = u4_wait(e, self, U4_WAIT_CALL, conn);
    if (U4_RARELY(status != U4_OK))
        return status;
    u4_store_info(info, self->result_info, max);
    return U4_OK;
}

u4_status_t u4_reply_slowly(u4_coro_t *self, seL4_MessageInfo_t info, const seL4_Word *words);

/* Take the next request of the connection that was served last, if it is a line. */
U4_FAST bool u4_recv_at_once(u4_port_t *port, u4_coro_t *self, u4_conn_t **from,
                             seL4_MessageInfo_t *info, seL4_Word *words, uint64_t max)
{
    u4_conn_t *conn = port->current;
    uint64_t what, first;

    if (U4_RARELY(!conn || conn->rx.tail == conn->rx.known))
        return false;
    first = u4_ring_peek(&conn->rx, &what);
    if (U4_RARELY(u4_ring_kind(first) != U4_RING_REQUEST || (what & 0x7f) > U4_RING_FIRST_WORDS))
        return false;
    u4_ring_take_line(&conn->rx, what, words, max);
    self->served = conn;
    self->served_sequence = conn->sequence;
    self->served_token = (uint32_t)first;
    u4_store_info(info, what, max);
    if (from)
        *from = conn;
    return true;
}

U4_FAST u4_status_t u4_reply_recv(u4_port_t *port, u4_conn_t **from, seL4_MessageInfo_t *info,
                                  seL4_Word *words, uint64_t max, uint64_t deadline)
{
    u4_coro_t *self = port->exec->current;
    u4_conn_t *conn = self->served;

    /* A client that has left is no error of ours. */
    if (U4_RARELY(!conn || conn->sequence != self->served_sequence ||
                  !u4_sends_at_once(conn, info->words[0])))
        (void)u4_reply_slowly(self, *info, words);
    else
        u4_ring_push_line(&conn->tx, u4_ring_first(self->served_token, U4_RING_RESPONSE),
                          info->words[0], words);
    if (U4_RARELY(!u4_recv_at_once(port, self, from, info, words, max))) {
        self->served = NULL;
        return u4_recv(port, from, info, words, max, deadline);
    }
    return U4_OK;
}

#endif
