/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and answers. */
#include "conn.h"
#include "trace.h"

static bool has_room(u4_conn_t *conn, uint64_t lines)
{
    if (conn->tx.limit - conn->tx.head >= lines)
        return true;
    if (!u4_producer_refresh(&conn->tx))
        conn_close(conn);
    return conn->tx.limit - conn->tx.head >= lines;
}

/* Until LINES lines are free: back-pressure is on the coroutine, not on the thread. */
static u4_status_t wait_for_room(u4_conn_t *conn, uint64_t lines, uint64_t deadline)
{
    while (conn->open && !has_room(conn, lines)) {
        u4_status_t status;

        conn_activate(conn);
        status = u4_queue_wait(&conn->room, U4_WAIT_ROOM, conn, deadline);
        if (status != U4_OK)
            return status;
    }
    return conn->open ? U4_OK : U4_CLOSED;
}

static __attribute__((noinline)) u4_status_t push_slowly(u4_conn_t *conn, uint64_t first,
                                                         uint64_t info, const seL4_Word *words,
                                                         uint64_t deadline)
{
    u4_status_t status = wait_for_room(conn, u4_ring_lines(u4_info_length(info)), deadline);

    if (status != U4_OK)
        return status;
    u4_ring_push(&conn->tx, first, info, words);
    conn_activate(conn);
    conn_open_path(conn);
    if (conn->port)
        U4_TRACE(async_reply, conn->id, u4_ring_token(first), label_of(info),
                 lines_sent(&conn->tx));
    else
        U4_TRACE(async_request, u4_ring_kind(first) == U4_RING_SEND, conn->id, u4_ring_token(first),
                 label_of(info), lines_sent(&conn->tx));
    return U4_OK;
}

/* Send; at once if the message is a line and there is room, as it is nearly always. */
static inline __attribute__((always_inline)) u4_status_t push(u4_conn_t *conn, uint64_t first,
                                                              uint64_t info, const seL4_Word *words,
                                                              uint64_t deadline)
{
    if (U4_RARELY(!u4_sends_at_once(conn, info)))
        return push_slowly(conn, first, info, words, deadline);
    u4_ring_push(&conn->tx, first, info, words);
    return U4_OK;
}

u4_status_t u4_call_slowly(u4_conn_t *conn, seL4_MessageInfo_t *info, seL4_Word *words,
                           uint64_t max, uint64_t deadline)
{
    u4_coro_t *self = conn->exec->current;
    u4_status_t status;

    /* Now, not later: whoever guesses the last one must not wake it while it waits for room. */
    self->token += U4_RING_NEXT_TOKEN;
    status = push(conn, self->token, info->words[0], words, deadline);
    if (status != U4_OK)
        return status;
    self->result_words = words;
    self->result_max = max;
    status = coro_block_how(U4_WAIT_CALL, U4_HOW_LONG, conn, deadline);
    if (status == U4_OK)
        u4_store_info(info, self->result_info, max);
    return status;
}

u4_status_t u4_send(u4_conn_t *conn, seL4_MessageInfo_t info, const seL4_Word *words,
                    uint64_t deadline)
{
    return push(conn, u4_ring_first(0, U4_RING_SEND), info.words[0], words, deadline);
}

bool u4_try_send(u4_conn_t *conn, seL4_MessageInfo_t info, const seL4_Word *words)
{
    if (!conn->open || !has_room(conn, u4_ring_lines(u4_info_length(info.words[0]))))
        return false;
    return u4_send(conn, info, words, U4_NEVER) == U4_OK;
}

/*
 * The next connection of PORT that is known to have a request: those behind the one served last
 * first. What has come since the executor looked is found when it looks again.
 */
static u4_conn_t *next_conn(const u4_port_t *port)
{
    u4_conn_t *current = port->current;

    if (current && current->active)
        for (u4_conn_t *conn = current->next_active; conn; conn = conn->next_active)
            if (conn->port == port && conn->rx.tail != conn->rx.known)
                return conn;
    for (u4_conn_t *conn = port->exec->active; conn; conn = conn->next_active)
        if (conn->port == port && conn->rx.tail != conn->rx.known)
            return conn;
    return NULL;
}

/* Take a request that is there; false if CONN turned out to be broken. */
static bool take_request(u4_coro_t *self, u4_conn_t *conn, u4_conn_t **from,
                         seL4_MessageInfo_t *info, seL4_Word *words, uint64_t max)
{
    uint64_t what, first = u4_ring_peek(&conn->rx, &what);
    unsigned kind = u4_ring_kind(first) & ~U4_RING_LONG;

    if (__builtin_expect((kind != U4_RING_REQUEST && kind != U4_RING_SEND) ||
                             !u4_ring_take(&conn->rx, first, what, words, max),
                         0)) {
        conn_close(conn);
        return false;
    }
    self->served = kind == U4_RING_REQUEST ? conn : NULL;
    self->served_token = u4_ring_sized(first, 0);
    u4_store_info(info, what, max);
    U4_TRACE(async_take, kind == U4_RING_SEND, conn->id, u4_ring_token(first), label_of(what),
             conn->rx.known - conn->rx.tail);
    if (from)
        *from = conn;
    return true;
}

u4_status_t u4_recv(u4_port_t *port, u4_conn_t **from, seL4_MessageInfo_t *info, seL4_Word *words,
                    uint64_t max, uint64_t deadline)
{
    for (;;) {
        u4_conn_t *conn = port->current;
        u4_status_t status;

        if (!conn || conn->rx.tail == conn->rx.known)
            port->current = conn = next_conn(port);
        if (conn) {
            if (take_request(port->exec->current, conn, from, info, words, max))
                return U4_OK;
            continue;
        }
        status = u4_queue_wait(&port->receivers, U4_WAIT_RECV, port, deadline);
        if (status != U4_OK)
            return status;
    }
}

u4_request_t u4_defer(void)
{
    u4_coro_t *self = u4_exec_self->current;
    u4_request_t request = {self->served, 0, self->served_token};

    if (request.conn)
        request.sequence = request.conn->sequence;
    self->served = NULL;
    return request;
}

u4_status_t u4_reply_to(u4_request_t request, seL4_MessageInfo_t info, const seL4_Word *words)
{
    if (!request.conn)
        return U4_INVALID;
    if (request.conn->sequence != request.sequence)
        return U4_CLOSED;
    return push(request.conn, request.token, info.words[0], words, U4_NEVER);
}

u4_status_t u4_reply(seL4_MessageInfo_t info, const seL4_Word *words)
{
    return u4_reply_to(u4_defer(), info, words);
}

u4_status_t u4_reply_slowly(u4_coro_t *self, seL4_MessageInfo_t info, const seL4_Word *words)
{
    return self->served ? u4_reply(info, words) : U4_OK;
}
