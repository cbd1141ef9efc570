/* SPDX-License-Identifier: BSD-2-Clause */
/* Ping-pong between two threads of one hart: synchronous, and between their coroutines. */
#include "async.h"

enum { CALLS = 2048, STACK = 16384, MAX_CALLERS = 32, LABEL_STOP = 99 };

const unsigned works[WORKS] = {0, 10, 20, 30};

static seL4_CPtr endpoint, port_endpoint;
static volatile unsigned result;

void work(unsigned n)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < n; j++)
            __asm__ volatile("add %0, %0, %1" : "+r"(sum) : "r"(j));
    if (n)
        result = sum;
}

/* ---- synchronous ---- */

static void sync_server(u4_thread_t *self)
{
    seL4_Word n = 0;
    seL4_MessageInfo_t info = seL4_RecvWithMRs(endpoint, NULL, &n, NULL, NULL, NULL);

    (void)info;
    for (;;) {
        work((unsigned)n);
        (void)seL4_ReplyRecvWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL, &n, NULL,
                                    NULL, NULL);
    }
    (void)self;
}

static uint64_t sync_calls(seL4_Word n)
{
    uint64_t start = instructions();

    for (int i = 0; i < CALLS; i++) {
        seL4_Word word = n;

        (void)seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
    }
    return (instructions() - start) / CALLS;
}

void bench_sync(void)
{
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));

    need(u4_alloc_object(&alloc, seL4_EndpointObject, 0, &endpoint) == seL4_NoError,
         "make an endpoint");
    start_thread(&thread, sync_server, stack, sizeof stack);
    (void)sync_calls(0);
    for (unsigned w = 0; w < LOADS; w++)
        printf("bench: sync_w%u %lu\n", works[w], (unsigned long)sync_calls(works[w]));
    need(seL4_TCB_Suspend(thread.tcb) == seL4_NoError, "stop a thread");
}

/* ---- asynchronous ---- */

static u4_exec_t server_exec, client_exec;
static u4_port_t port;
static u4_alloc_t server_alloc;
static u4_vspace_t server_vspace;

static void serve(void *argument)
{
    u4_port_t *from = argument;
    seL4_Word words[U4_RING_FIRST_WORDS];
    seL4_MessageInfo_t info;
    u4_status_t status = u4_recv(from, NULL, &info, words, U4_RING_FIRST_WORDS, U4_NEVER);

    while (status == U4_OK) {
        work((unsigned)words[0]);
        info = seL4_MessageInfo_new(0, 0, 0, 1);
        status = u4_reply_recv(from, NULL, &info, words, U4_RING_FIRST_WORDS, U4_NEVER);
    }
}

static void async_server(u4_thread_t *self)
{
    const u4_exec_config_t config = {.name = "server",
                                     .alloc = &server_alloc,
                                     .vspace = &server_vspace,
                                     .capacity = 4,
                                     .stack_pages = 1};

    need(u4_exec_init(&server_exec, &config) == U4_OK, "make the server's executor");
    need(u4_port_open(&port, port_endpoint, self->tcb, NULL, NULL) == U4_OK, "open a port");
    (void)u4_coro_spawn("server", 4, serve, &port);
    (void)u4_exec_run_until_complete(&server_exec, NULL);
}

typedef struct {
    u4_conn_t *conn;
    unsigned calls;
    seL4_Word work;
} caller_t;

static void call(void *argument)
{
    const caller_t c = *(caller_t *)argument;

    for (unsigned left = c.calls; left > 0; left--) {
        seL4_Word word = c.work;
        seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 1);

        (void)u4_call(c.conn, &info, &word, 1, U4_NEVER);
    }
}

/* CALLS calls by that many coroutines; instructions per call. */
static uint64_t async_calls(u4_conn_t *conn, unsigned concurrency, seL4_Word n)
{
    caller_t c = {conn, CALLS / concurrency, n};
    uint64_t start;

    for (unsigned i = 0; i < concurrency; i++)
        need(u4_coro_spawn("client", 4, call, &c) != NULL, "spawn a coroutine");
    start = instructions();
    need(u4_exec_run_until_complete(&client_exec, NULL) == U4_OK, "run the clients");
    return (instructions() - start) / CALLS;
}

static u4_conn_t *connect(void)
{
    enum { BITS = 20, SLOTS = 256 };
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));
    const u4_exec_config_t config = {.name = "client",
                                     .alloc = &alloc,
                                     .vspace = &vspace,
                                     .capacity = MAX_CALLERS,
                                     .stack_pages = 1};
    seL4_CPtr slots = u4_alloc_slots(&alloc, SLOTS), untyped = 0;
    u4_conn_t *conn = NULL;

    u4_alloc_init(&server_alloc, seL4_CapInitThreadCNode, slots, slots + SLOTS);
    need(u4_alloc_object(&alloc, seL4_UntypedObject, BITS, &untyped) == seL4_NoError &&
             u4_alloc_add(&server_alloc, untyped, BITS),
         "give the server memory");
    server_vspace = (u4_vspace_t){seL4_CapInitThreadVSpace, &server_alloc, 0x3000000000};
    need(u4_alloc_object(&alloc, seL4_EndpointObject, 0, &port_endpoint) == seL4_NoError,
         "make an endpoint");
    start_thread(&thread, async_server, stack, sizeof stack);
    need(u4_exec_init(&client_exec, &config) == U4_OK, "make the client's executor");
    need(u4_connect(&conn, port_endpoint, &(u4_conn_config_t){.log2 = 6}) == U4_OK, "connect");
    return conn;
}

static void measure(const char *name, u4_conn_t *conn)
{
    (void)async_calls(conn, MAX_CALLERS, 0);
    for (unsigned c = 1; c <= MAX_CALLERS; c *= 2)
        for (unsigned w = 0; w < LOADS; w++) {
            uint64_t before = client_exec.notified_count + server_exec.notified_count, n;
            uint64_t each = async_calls(conn, c, works[w]);

            n = client_exec.notified_count + server_exec.notified_count - before;
            printf("bench: %s_c%u_w%u %lu\n", name, c, works[w], (unsigned long)each);
            printf("bench: notified_%sc%u_w%u %lu\n", *name == 'a' ? "" : "looking_", c, works[w],
                   (unsigned long)(n * 1000 / CALLS));
        }
}

void bench_ipc(void)
{
    u4_conn_t *conn = connect();

    measure("async", conn);
    if (U4_SMP && harts > 1) {
        client_exec.looks = server_exec.looks = LOOKS;
        measure("looking", conn);
    }
}
