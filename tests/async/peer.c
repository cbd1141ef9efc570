/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer.h"

#include <string.h>

#if U4_SMP
#include "harts.h"
#endif

enum { SERVER_SLOTS = 900, SERVER_MEMORY = 20 };

typedef struct {
    seL4_CPtr endpoint;
    unsigned coroutines;
    u4_accept_t accept;
    seL4_TCB tcb;
    u4_alloc_t alloc;
    u4_vspace_t vspace;
    u4_exec_t exec;
    u4_port_t port;
    seL4_Word count;
    volatile bool released;
    u4_thread_t *thread;
    trace_ring_t *ring; /* of its events, null: none */
} server_t;

static server_t server;

static seL4_Word bulk_sum(const u4_conn_t *conn, seL4_Word *words)
{
    const unsigned char *data = u4_bulk(conn, words[0], words[1]);
    seL4_Word sum = 0;

    for (seL4_Word i = 0; data && i < words[1]; i++)
        sum += data[i];
    words[0] = sum;
    return data == NULL;
}

static seL4_MessageInfo_t serve(u4_conn_t *conn, seL4_MessageInfo_t info, seL4_Word *words)
{
    seL4_Word label = seL4_MessageInfo_get_label(info), length = seL4_MessageInfo_get_length(info);

    switch (label) {
    case LABEL_ADD: server.count += words[0]; return info;
    case LABEL_COUNT: words[0] = server.count; return INFO(0, 1);
    case LABEL_BULK: return INFO(bulk_sum(conn, words), 1);
    case LABEL_LEAVE: u4_disconnect(conn); return info;
    case LABEL_SLOW: u4_sleep_until(u4_now() + u4_ticks_per_second() / 100); break;
    case LABEL_HELD:
        while (!server.released)
            u4_sleep_until(u4_now() + u4_ticks_per_second() / 1000);
        break;
    default: break;
    }
    for (seL4_Word i = 0; i < length; i++)
        words[i]++;
    return INFO(label + 1, length);
}

static void serve_all(void *argument)
{
    seL4_Word words[seL4_MsgMaxLength];
    seL4_MessageInfo_t info;
    u4_conn_t *conn;
    u4_status_t status = u4_recv(&server.port, &conn, &info, words, seL4_MsgMaxLength, U4_NEVER);

    while (status == U4_OK) {
        info = serve(conn, info, words);
        status = u4_reply_recv(&server.port, &conn, &info, words, seL4_MsgMaxLength, U4_NEVER);
    }
    (void)argument;
}

static void run_server(u4_thread_t *self)
{
    const u4_exec_config_t config = {.name = "server",
                                     .alloc = &server.alloc,
                                     .vspace = &server.vspace,
                                     .capacity = 8,
                                     .stack_pages = 1};

    (void)self;
    u4_trace_use(server.ring);
    if (u4_exec_init(&server.exec, &config) ||
        u4_port_open(&server.port, server.endpoint, server.tcb, server.accept, NULL))
        return;
    for (unsigned i = 0; i < server.coroutines; i++)
        (void)u4_coro_spawn("server", 4, serve_all, NULL);
    (void)u4_exec_run_until_complete(&server.exec, NULL);
}

seL4_CPtr make_server(unsigned coroutines, u4_accept_t accept)
{
    u4_thread_t *t = thread("server", ROOT_PRIO - 1, run_server, NULL);
    seL4_CPtr slots = u4_alloc_slots(&test_alloc, SERVER_SLOTS);

    if (server.exec.magic)
        u4_exec_fini(&server.exec);
    memset(&server, 0, sizeof server);
    CHECK(slots != 0);
#if U4_SMP
    CHECK_OK(move_to(t, cores() - 1));
#endif
    u4_alloc_init(&server.alloc, CNODE, slots, slots + SERVER_SLOTS);
    (void)u4_alloc_add(&server.alloc, make_untyped(SERVER_MEMORY), SERVER_MEMORY);
    server.vspace =
        (u4_vspace_t){seL4_CapInitThreadVSpace, &server.alloc, test_vspace.next + 0x40000000};
    server.endpoint = make_endpoint();
    server.coroutines = coroutines;
    server.accept = accept;
    server.tcb = t->tcb;
    server.thread = t;
    return server.endpoint;
}

seL4_CPtr start_server(unsigned coroutines, u4_accept_t accept)
{
    seL4_CPtr endpoint = make_server(coroutines, accept);

    start(server.thread);
    return endpoint;
}

seL4_TCB server_tcb(void)
{
    return server.tcb;
}

void release_server(void)
{
    server.released = true;
}

void trace_server(trace_ring_t *ring)
{
    server.ring = ring;
}

void start_server_thread(void)
{
    start(server.thread);
}

unsigned server_conns(bool open)
{
    unsigned n = 0;

    for (const u4_conn_t *conn = server.exec.conns; conn; conn = conn->next)
        n += conn->open || !open;
    return n;
}

u4_conn_t *connect_to(seL4_CPtr endpoint, unsigned log2, seL4_Word data_size)
{
    u4_conn_t *conn = NULL;

    make_exec("client", 128);
    CHECK_EQ(u4_connect(&conn, endpoint, &(u4_conn_config_t){.log2 = log2, .data_size = data_size}),
             U4_OK);
    return conn;
}

void make_call(void *argument)
{
    call_t *call = argument;
    uint64_t deadline = U4_NEVER;
    unsigned i = 0;

    if (call->timeout_ms)
        deadline = u4_now() + call->timeout_ms * u4_ticks_per_second() / 1000;
    do {
        seL4_MessageInfo_t info = INFO(call->label, call->length);

        call->status = u4_call(call->conn, &info, call->words, seL4_MsgMaxLength, deadline);
        call->answer_label = seL4_MessageInfo_get_label(info);
        call->answer_length = seL4_MessageInfo_get_length(info);
    } while (++i < call->repeat && call->status == U4_OK);
    call->ended = u4_now();
}

void make_sends(void *argument)
{
    call_t *call = argument;

    for (unsigned i = 0; i < call->repeat; i++)
        CHECK_EQ(u4_send(call->conn, INFO(LABEL_ADD, 1), (const seL4_Word[]){5}, U4_NEVER), U4_OK);
}
