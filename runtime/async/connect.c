/* SPDX-License-Identifier: BSD-2-Clause */
/* Making connections, the client's side; and what both sides need for it. */
#include <limits.h>
#include <string.h>

#include "conn.h"
#include "trace.h"

enum { PAGE = 1 << seL4_PageBits, GROUPS = 63 };

static seL4_Word ring_bytes(unsigned log2)
{
    return (seL4_Word)U4_RING_LINE << log2;
}

unsigned conn_frame_count(seL4_Word log2, seL4_Word data_size)
{
    if (log2 < U4_RING_MIN_LOG2 || log2 > U4_RING_MAX_LOG2 || data_size > U4_DATA_MAX)
        return 0;
    return (unsigned)((U4_RINGS_LINES + 2 * ring_bytes((unsigned)log2) + data_size + PAGE - 1) /
                      PAGE);
}

/* The least used of the bits that a notification can tell apart. */
static uint8_t pick_group(const u4_exec_t *e)
{
    unsigned uses[GROUPS] = {0}, best = 0;

    for (const u4_conn_t *conn = e->conns; conn; conn = conn->next)
        uses[conn->group] += conn->open;
    for (unsigned i = 0; i < GROUPS; i++)
        if (e->notice_mask >> i & 1)
            uses[i] = UINT_MAX;
    for (unsigned i = 1; i < GROUPS; i++)
        if (uses[i] < uses[best])
            best = i;
    return (uint8_t)best;
}

/* Does a coroutine serve a request of the connection, or wait for something of it? */
static bool in_use(const u4_exec_t *e, const u4_conn_t *conn)
{
    for (unsigned i = 0; i < e->capacity; i++)
        if (e->coros[i].state != U4_CORO_FREE &&
            (e->coros[i].served == conn || e->coros[i].waits_for == conn))
            return true;
    return false;
}

/* A structure that no connection uses any more. A closed one's memory stays until then, since a
 * coroutine may still be at work on it. */
static u4_conn_t *find_free(u4_exec_t *e)
{
    enum { AT_ONCE = PAGE / sizeof(u4_conn_t) };
    void *memory;

    for (u4_conn_t *conn = e->conns; conn; conn = conn->next)
        if (!conn->open && !conn->active && !conn->handle && !in_use(e, conn)) {
            conn_free(conn);
            return conn;
        }
    if (page_make(e, &memory) != U4_OK)
        return NULL;
    for (unsigned i = 0; i < AT_ONCE; i++) {
        u4_conn_t *conn = (u4_conn_t *)memory + i;

        conn->exec = e;
        conn->next = e->conns;
        e->conns = conn;
    }
    return e->conns;
}

u4_status_t conn_make(u4_exec_t *e, u4_conn_t **out)
{
    u4_conn_t *conn = find_free(e);
    u4_conn_t fresh = {.exec = e};

    if (!conn)
        return U4_NO_MEMORY;
    fresh.next = conn->next;
    fresh.sequence = conn->sequence;
    fresh.group = pick_group(e);
    fresh.bell = conn->bell ? conn->bell : u4_alloc_slots(e->alloc, 1);
    if (!fresh.bell)
        return U4_NO_MEMORY;
    *conn = fresh;
    (void)seL4_CNode_Delete(e->alloc->cnode, conn->bell, seL4_WordBits);
    if (seL4_CNode_Mint(e->alloc->cnode, conn->bell, seL4_WordBits, e->alloc->cnode,
                        e->notification, seL4_WordBits, seL4_CanWrite, bell_badge(e, conn->group)))
        return U4_NO_MEMORY;
    *out = conn;
    return U4_OK;
}

void conn_free(u4_conn_t *conn)
{
    seL4_CNode cnode = conn->exec->alloc->cnode;

    for (u4_conn_t **at = &conn->exec->by_group[conn->group]; *at; at = &(*at)->next_group)
        if (*at == conn) {
            *at = conn->next_group;
            break;
        }
    for (unsigned i = 0; i < conn->frames_given; i++)
        (void)seL4_CNode_Delete(cnode, conn->frames + i, seL4_WordBits);
    conn->frames_given = 0;
    if (conn->peer)
        (void)seL4_CNode_Delete(cnode, conn->peer, seL4_WordBits);
    conn->peer = 0;
    conn->handle = 0;
    conn->rings = NULL;
}

void conn_set_rings(u4_conn_t *conn, void *rings, unsigned log2, seL4_Word data_size, bool server)
{
    char *requests = (char *)rings + U4_RINGS_LINES, *responses = requests + ring_bytes(log2);

    conn->rings = rings;
    conn->data = responses + ring_bytes(log2);
    conn->data_size = data_size;
    if (server) {
        u4_consumer_init(&conn->rx, &conn->rings->request, requests, log2);
        u4_producer_init(&conn->tx, &conn->rings->response, responses, log2);
    } else {
        u4_producer_init(&conn->tx, &conn->rings->request, requests, log2);
        u4_consumer_init(&conn->rx, &conn->rings->response, responses, log2);
    }
    conn->id = (uint32_t)u4_shared(conn->rings->id);
    conn->open = true;
    conn->exec->quiet++;
    conn->next_group = conn->exec->by_group[conn->group];
    conn->exec->by_group[conn->group] = conn;
    conn_activate(conn);
    conn_open_path(conn);
    U4_TRACE(async_connect, server, conn->id, 1u << log2, (uint32_t)data_size, conn->group);
}

/* One message of the handshake: *CAP goes along and, if ANSWER is not 0, one comes back there. */
static u4_status_t ask(seL4_CPtr endpoint, seL4_Word label, seL4_CPtr cap, seL4_Word words[2],
                       seL4_CNode cnode, seL4_CPtr answer)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(label, 0, cap != 0, 2);

    if (cap)
        seL4_SetCap(0, cap);
    seL4_SetCapReceivePath(cnode, answer, answer ? seL4_WordBits : 0);
    info = seL4_CallWithMRs(endpoint, info, &words[0], &words[1], NULL, NULL);
    seL4_SetCapReceivePath(0, 0, 0);
    if (seL4_MessageInfo_get_label(info) != U4_OK)
        return (u4_status_t)seL4_MessageInfo_get_label(info) == U4_NO_MEMORY ? U4_NO_MEMORY
                                                                             : U4_REFUSED;
    return !answer || seL4_MessageInfo_get_extraCaps(info) == 1 ? U4_OK : U4_REFUSED;
}

/* Give the frames of the shared memory one by one: a message brings one capability across. */
static u4_status_t hand_over(u4_conn_t *conn, seL4_CPtr endpoint, const u4_conn_config_t *config)
{
    seL4_CNode cnode = conn->exec->alloc->cnode;
    seL4_Word words[2] = {config->log2, config->data_size}, handle;
    u4_status_t status;

    conn->peer = u4_alloc_slots(conn->exec->alloc, 1);
    if (!conn->peer)
        return U4_NO_MEMORY;
    status = ask(endpoint, U4_CONNECT_OPEN, conn->bell, words, cnode, conn->peer);
    handle = words[0];
    for (unsigned i = 0; status == U4_OK && i < conn->frame_count; i++) {
        words[0] = handle;
        status = ask(endpoint, U4_CONNECT_FRAME, conn->frames + i, words, cnode, 0);
    }
    words[0] = handle;
    return status == U4_OK ? ask(endpoint, U4_CONNECT_START, 0, words, cnode, 0) : status;
}

u4_status_t u4_connect(u4_conn_t **out, seL4_CPtr endpoint, const u4_conn_config_t *config)
{
    u4_exec_t *e = u4_exec_self;
    unsigned frames = conn_frame_count(config->log2, config->data_size);
    u4_conn_t *conn;
    u4_status_t status;
    void *memory;

    if (!frames)
        return U4_INVALID;
    status = conn_make(e, &conn);
    if (status != U4_OK)
        return status;
    if (u4_alloc_objects(e->alloc, seL4_RISCV_4K_Page, 0, frames, &conn->frames))
        return U4_NO_MEMORY;
    conn->frame_count = conn->frames_given = frames;
    status = frames_map(e->vspace, conn->frames, frames, &memory);
    if (status == U4_OK) {
        *(u4_rings_t *)memory = (u4_rings_t){.magic = U4_RINGS_MAGIC,
                                             .version = U4_RINGS_VERSION,
                                             .log2 = config->log2,
                                             .id = (uint32_t)u4_now(),
                                             .data_size = config->data_size};
        status = hand_over(conn, endpoint, config);
    }
    if (status != U4_OK) {
        conn_free(conn);
        return status;
    }
    conn_set_rings(conn, memory, config->log2, config->data_size, false);
    *out = conn;
    return U4_OK;
}

void u4_disconnect(u4_conn_t *conn)
{
    if (conn->open) {
        u4_shared(conn->tx.control->closed) |= U4_RING_PRODUCER_CLOSED;
        u4_fence_full();
        u4_shared(conn->tx.control->armed) = 0;
        conn->notified++;
        U4_TRACE(async_notify, true, conn->id, 0);
        bell_ring(conn);
        conn_close(conn);
    }
}
