/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a connection between its making and its end; which ones are looked at (look.c). */
#include "conn.h"
#include "trace.h"

void conn_activate(u4_conn_t *conn)
{
    u4_exec_t *e = conn->exec;

    if (conn->active)
        return;
    conn->active = true;
    conn->next_active = e->active;
    e->active = conn;
    e->active_count++;
    e->quiet -= conn->open;
    u4_shared(conn->rx.control->armed) = 0;
}

void conn_deactivate(u4_exec_t *e, u4_conn_t **place)
{
    u4_conn_t *conn = *place;

    *place = conn->next_active;
    conn->active = false;
    conn->tx.limit = conn->tx.head;
    e->active_count--;
    e->quiet += conn->open;
}

void conn_hint(u4_exec_t *e, uint64_t groups)
{
    for (unsigned group = 0; groups && e->quiet; groups >>= 1, group++)
        if (groups & 1)
            for (u4_conn_t *conn = e->by_group[group]; conn; conn = conn->next_group)
                if (conn->open)
                    conn_activate(conn);
}

void bell_ring(const u4_conn_t *conn)
{
    U4_TRACE(async_bell, conn->id);
    bell_send(conn->peer);
}

/* Everything that waits on the connection ends, and who serves it answers in vain. */
void conn_close(u4_conn_t *conn)
{
    u4_exec_t *e = conn->exec;

    if (!conn->open)
        return;
    U4_TRACE(async_disconnect, conn->id, conn->notified, conn->avoided);
    conn->open = false;
    conn->sequence++;
    conn->tx.limit = conn->tx.head;
    conn->rx.known = conn->rx.tail;
    e->quiet -= !conn->active;
    while (u4_queue_wake(&conn->room, U4_CLOSED))
        ;
    for (unsigned i = 0; i < e->capacity; i++) {
        u4_coro_t *c = &e->coros[i];

        if (c->served == conn)
            c->served = NULL;
        if (c->state == U4_CORO_BLOCKED && c->wait == U4_WAIT_CALL && c->waits_for == conn)
            u4_coro_wake_with(c, U4_CLOSED);
    }
    if (conn->port && conn->port->current == conn)
        conn->port->current = NULL;
}

void *u4_bulk(const u4_conn_t *conn, seL4_Word offset, seL4_Word length)
{
    if (offset > conn->data_size || length > conn->data_size - offset)
        return NULL;
    return conn->data + offset;
}
