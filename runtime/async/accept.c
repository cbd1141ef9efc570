/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port: the executor sleeps on its endpoint, with its notification bound to the thread, so that
 * connecting needs no thread of its own. A handshake is OPEN, a FRAME for each page, START; all
 * over endpoint capabilities with the same badge.
 */
#include "conn.h"

static seL4_CPtr take_cap(u4_port_t *port)
{
    seL4_CPtr cap = port->receive_slot;

    port->receive_slot = u4_alloc_slots(port->exec->alloc, 1);
    seL4_SetCapReceivePath(port->exec->alloc->cnode, port->receive_slot,
                           port->receive_slot ? seL4_WordBits : 0);
    return cap;
}

static void answer(u4_port_t *port, u4_status_t status, seL4_Word handle, seL4_CPtr cap)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(status, 0, cap != 0, 1);

    if (cap)
        seL4_SetCap(0, cap);
    seL4_SetMR(0, handle);
#if U4_MCS
    seL4_Send(port->reply, info);
#else
    (void)port;
    seL4_Reply(info);
#endif
}

/* The handshake of BADGE that HANDLE names; null if it is somebody else's, or there is none. */
static u4_conn_t *find(const u4_port_t *port, seL4_Word handle, seL4_Word badge)
{
    for (u4_conn_t *conn = port->exec->conns; conn; conn = conn->next)
        if (handle && conn->handle == handle && conn->port == port && conn->badge == badge)
            return conn;
    return NULL;
}

static u4_status_t open_conn(u4_port_t *port, seL4_Word badge, seL4_Word log2, seL4_Word data_size,
                             u4_conn_t **out)
{
    static seL4_Word handles;
    unsigned frames = conn_frame_count(log2, data_size);
    u4_conn_t *conn;
    u4_status_t status;

    if (!frames)
        return U4_INVALID;
    status = conn_make(port->exec, &conn);
    if (status != U4_OK)
        return status;
    conn->badge = badge;
    if (port->accept && !port->accept(port->argument, conn))
        return U4_REFUSED;
    conn->frames = u4_alloc_slots(port->exec->alloc, frames);
    if (!conn->frames)
        return U4_NO_MEMORY;
    conn->port = port;
    conn->frame_count = frames;
    conn->handle = ++handles;
    conn->data_size = data_size;
    conn->peer = take_cap(port);
    *out = conn;
    return U4_OK;
}

static u4_status_t add_frame(u4_port_t *port, u4_conn_t *conn)
{
    seL4_CNode cnode = port->exec->alloc->cnode;

    if (conn->frames_given == conn->frame_count ||
        seL4_CNode_Move(cnode, conn->frames + conn->frames_given, seL4_WordBits, cnode,
                        port->receive_slot, seL4_WordBits))
        return U4_INVALID;
    conn->frames_given++;
    return U4_OK;
}

static u4_status_t start_conn(u4_conn_t *conn)
{
    u4_rings_t *rings;
    unsigned log2;
    void *memory;

    if (conn->frames_given != conn->frame_count ||
        frames_map(conn->exec->vspace, conn->frames, conn->frame_count, &memory) != U4_OK)
        return U4_INVALID;
    rings = memory;
    log2 = u4_shared(rings->log2);
    if (rings->magic != U4_RINGS_MAGIC || rings->version != U4_RINGS_VERSION ||
        conn_frame_count(log2, conn->data_size) != conn->frame_count)
        return U4_INVALID;
    conn->handle = 0;
    conn_set_rings(conn, memory, log2, conn->data_size, true);
    return U4_OK;
}

/* A supervisor says that whoever used BADGE is dead. */
static void bury(const u4_port_t *port, seL4_Word badge)
{
    for (u4_conn_t *conn = port->exec->conns; conn; conn = conn->next)
        if (conn->port == port && conn->badge == badge)
            conn_close(conn);
}

static void take_open(u4_port_t *port, seL4_Word badge, seL4_MessageInfo_t info)
{
    u4_conn_t *conn = NULL;
    u4_status_t status = U4_INVALID;

    if (seL4_MessageInfo_get_extraCaps(info) == 1 && !seL4_MessageInfo_get_capsUnwrapped(info) &&
        seL4_MessageInfo_get_length(info) >= 2)
        status = open_conn(port, badge, seL4_GetMR(0), seL4_GetMR(1), &conn);
    answer(port, status, conn ? conn->handle : 0, status == U4_OK ? conn->bell : 0);
}

void accept_message(u4_exec_t *e, seL4_Word badge, seL4_MessageInfo_t info)
{
    u4_port_t *port = e->acceptor;
    u4_conn_t *conn = find(port, seL4_GetMR(0), badge);
    u4_status_t status = U4_INVALID;

    switch (seL4_MessageInfo_get_label(info)) {
    case U4_CONNECT_OPEN: take_open(port, badge, info); return;
    case U4_CONNECT_FRAME:
        if (conn && seL4_MessageInfo_get_extraCaps(info) == 1)
            status = add_frame(port, conn);
        break;
    case U4_CONNECT_START:
        if (conn)
            status = start_conn(conn);
        break;
    case U4_CONNECT_GONE:
        if (badge == 0) {
            bury(port, seL4_GetMR(0));
            status = U4_OK;
        }
        break;
    default: break;
    }
    /* Whatever came along and was not wanted must not stay in the way of the next one. */
    (void)seL4_CNode_Delete(e->alloc->cnode, port->receive_slot, seL4_WordBits);
    if (conn && status != U4_OK)
        conn_free(conn);
    answer(port, status, 0, 0);
}

u4_status_t u4_port_open(u4_port_t *port, seL4_CPtr endpoint, seL4_TCB tcb, u4_accept_t accept,
                         void *argument)
{
    u4_exec_t *e = u4_exec_self;

    if (e->acceptor || e->uintr)
        return U4_INVALID;
    *port = (u4_port_t){.exec = e, .endpoint = endpoint, .accept = accept, .argument = argument};
#if U4_MCS
    if (u4_alloc_object(e->alloc, seL4_ReplyObject, 0, &port->reply))
        return U4_NO_MEMORY;
#endif
    port->receive_slot = u4_alloc_slots(e->alloc, 1);
    if (!port->receive_slot)
        return U4_NO_MEMORY;
    if (seL4_TCB_BindNotification(tcb, e->notification))
        return U4_INVALID;
    seL4_SetCapReceivePath(e->alloc->cnode, port->receive_slot, seL4_WordBits);
    e->acceptor = port;
    e->wait_on = endpoint;
    return U4_OK;
}
