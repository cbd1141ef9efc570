/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at connections. An active one is looked at on each round; before the thread sleeps its
 * ring is armed and, if nothing came in between, it is taken from the list: many quiet
 * connections cost nothing. The bit in the peer's notification says which to take up again.
 */
#include <u4/sysring.h>

#include "conn.h"

void conn_activate(u4_conn_t *conn)
{
    u4_exec_t *e = conn->exec;

    if (conn->active)
        return;
    conn->active = true;
    conn->ready = conn->open;
    conn->next_active = e->active;
    e->active = conn;
    u4_shared(conn->rx.control->armed) = 0;
}

void conn_hint(u4_exec_t *e, uint64_t groups)
{
    for (unsigned base = 0; groups; groups >>= 8, base += 8)
        for (uint8_t byte = (uint8_t)groups; byte;) {
            unsigned bit = u4_highest_bit[byte];

            byte &= (uint8_t) ~(1 << bit);
            for (u4_conn_t *conn = e->by_group[base + bit]; conn; conn = conn->next_group)
                if (conn->open)
                    conn_activate(conn);
        }
}

/* Everything that waits on the connection ends. */
void conn_close(u4_conn_t *conn)
{
    u4_exec_t *e = conn->exec;

    if (!conn->open)
        return;
    conn->open = conn->ready = false;
    conn->sequence++;
    while (u4_queue_wake(&conn->room, U4_CLOSED))
        ;
    for (unsigned i = 0; i < e->capacity; i++) {
        u4_coro_t *c = &e->coros[i];

        if (c->state == U4_CORO_BLOCKED && c->wait == U4_WAIT_CALL && c->waits_for == conn)
            u4_coro_wake_with(c, U4_CLOSED);
    }
    if (conn->port && conn->port->current == conn)
        conn->port->current = NULL;
}

/* The coroutine that waits for this answer; null if none does (any more). */
static inline u4_coro_t *caller_of(const u4_exec_t *e, const u4_conn_t *conn, uint32_t token)
{
    u4_coro_t *c = &e->coros[token & 0xffff];

    if ((token & 0xffff) >= e->capacity || c->token != token || c->waits_for != conn ||
        c->wait != U4_WAIT_CALL)
        return NULL;
    return c;
}

static void take_responses(u4_conn_t *conn)
{
    u4_exec_t *e = conn->exec;
    bool broken = false;

    while (!u4_ring_empty(&conn->rx, &broken)) {
        uint64_t info, first = u4_ring_peek(&conn->rx, &info);
        u4_coro_t *c = caller_of(e, conn, (uint32_t)first);

        broken = u4_ring_kind(first) != U4_RING_RESPONSE ||
                 !u4_ring_take(&conn->rx, info, c ? c->result_words : NULL, c ? c->result_max : 0);
        if (broken)
            break;
        if (c) {
            c->result_info = info;
            coro_go_on(e, c);
        }
    }
    if (broken)
        conn_close(conn);
}

/* Requests stay in the ring until somebody receives: that is the client's back-pressure. */
static void offer_requests(u4_conn_t *conn)
{
    bool broken = false;

    if (conn->port->receivers.head && !u4_ring_empty(&conn->rx, &broken))
        for (uint64_t n = conn->rx.known - conn->rx.tail; n > 0; n--)
            if (!u4_queue_wake(&conn->port->receivers, U4_OK))
                break;
    if (broken)
        conn_close(conn);
}

static void offer_room(u4_conn_t *conn)
{
    if (!u4_producer_refresh(&conn->tx)) {
        conn_close(conn);
    } else if (conn->tx.limit != conn->offered) {
        conn->offered = conn->tx.limit;
        while (u4_queue_wake(&conn->room, U4_OK))
            ;
    }
}

/* The peer has left, and all that it said before was heard. */
static void see_closed(u4_conn_t *conn)
{
    bool broken = false;

    if (u4_shared(conn->rx.control->closed) & U4_RING_PRODUCER_CLOSED) {
        u4_fence_acquire();
        if (u4_ring_empty(&conn->rx, &broken))
            conn_close(conn);
    }
}

static void look_at(u4_conn_t *conn)
{
    if (conn->port)
        offer_requests(conn);
    else
        take_responses(conn);
    if (conn->room.head)
        offer_room(conn);
    see_closed(conn);
}

void conn_poll(u4_exec_t *e)
{
    u4_conn_t **place = &e->active;

    while (*place) {
        u4_conn_t *conn = *place;

        if (conn->open)
            look_at(conn);
        if (conn->open) {
            place = &conn->next_active;
        } else {
            *place = conn->next_active;
            conn->active = false;
        }
    }
}

bool conn_tell(u4_conn_t *conn)
{
    bool sent = conn->sent != conn->tx.head, taken = conn->taken != conn->rx.tail;
    bool wanted = false;

    conn->sent = conn->tx.head;
    conn->taken = conn->rx.tail;
    if (sent)
        wanted = u4_ring_wants(&conn->tx.control->armed);
    if (taken && u4_ring_wants(&conn->rx.control->starved))
        wanted = true;
    if (wanted)
        conn->notified++;
    else if (sent)
        conn->avoided++;
    return wanted;
}

seL4_CPtr conn_flush(u4_exec_t *e)
{
    seL4_CPtr last = 0;

    u4_fence_full();
    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active) {
        if (!conn_tell(conn))
            continue;
        if (last)
            bell_ring(last);
        last = conn->peer;
    }
    return last;
}

/* Could its ring make somebody go on now? */
static bool has_work(u4_conn_t *conn)
{
    bool broken = false;

    if (!conn->port || conn->port->receivers.head)
        if (!u4_ring_empty(&conn->rx, &broken))
            return true;
    if (conn->room.head && (!u4_producer_refresh(&conn->tx) || conn->tx.limit != conn->offered))
        return true;
    return broken || u4_shared(conn->rx.control->closed) & U4_RING_PRODUCER_CLOSED;
}

bool conn_prepare_sleep(u4_exec_t *e)
{
    u4_conn_t **place = &e->active;

    for (u4_conn_t *conn = e->active; conn; conn = conn->next_active) {
        u4_shared(conn->rx.control->armed) = 1;
        if (conn->room.head)
            u4_shared(conn->tx.control->starved) = 1;
    }
    u4_fence_full();
    while (*place) {
        u4_conn_t *conn = *place;

        if (has_work(conn)) {
            for (conn = e->active; conn; conn = conn->next_active)
                u4_shared(conn->rx.control->armed) = 0;
            return false;
        }
        /* Requests that nobody can receive yet are found when somebody does. */
        if (conn->rx.tail != conn->rx.known) {
            place = &conn->next_active;
            continue;
        }
        *place = conn->next_active;
        conn->active = conn->ready = false;
    }
    return true;
}

bool conn_can_wake(const u4_exec_t *e)
{
    if (e->acceptor || e->notified.head || (e->sysring && e->sysring->in_flight))
        return true;
    for (const u4_conn_t *conn = e->conns; conn; conn = conn->next)
        if (conn->open)
            return true;
    return false;
}

void *u4_bulk(const u4_conn_t *conn, seL4_Word offset, seL4_Word length)
{
    if (offset > conn->data_size || length > conn->data_size - offset)
        return NULL;
    return conn->data + offset;
}
