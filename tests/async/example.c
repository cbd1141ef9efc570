/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example of docs/async.md, a root task: a server thread that adds numbers, a client thread
 * with three coroutines that ask it, and one of them makes system calls by the ring.
 */
#include <stdio.h>
#include <stdlib.h>

#include <rel4/rel4.h>
#include <rel4/stubs.h>
#include <u4/machine.h>
#include <u4/thread.h>

static u4_alloc_t alloc, server_alloc;
static u4_vspace_t vspace, server_vspace;
static seL4_CPtr endpoint;

static u4_exec_config_t config(const char *name, u4_alloc_t *from, u4_vspace_t *space)
{
    return (u4_exec_config_t){
        .name = name, .alloc = from, .vspace = space, .capacity = 8, .stack_pages = 2};
}

static void need(bool ok, const char *what)
{
    if (!ok) {
        printf("example: cannot %s\n", what);
        exit(1);
    }
}

/* ---- the server: one coroutine that answers, for any number of clients ---- */

static u4_port_t port;

static void add(void *argument)
{
    seL4_MessageInfo_t info = reL4_Recv(&port, NULL);

    (void)argument;
    while (seL4_MessageInfo_get_label(info) == 0) {
        seL4_SetMR(0, seL4_GetMR(0) + seL4_GetMR(1));
        info = reL4_ReplyRecv(&port, seL4_MessageInfo_new(0, 0, 0, 1), NULL);
    }
}

static void server(u4_thread_t *self)
{
    static u4_exec_t exec;
    const u4_exec_config_t c = config("server", &server_alloc, &server_vspace);

    need(u4_exec_init(&exec, &c) == U4_OK, "make the server's executor");
    need(u4_port_open(&port, endpoint, self->tcb, NULL, NULL) == U4_OK, "open a port");
    need(u4_coro_spawn("add", 4, add, NULL) != NULL, "spawn a coroutine");
    (void)u4_exec_run_until_complete(&exec, NULL);
}

/* ---- the client ---- */

static u4_conn_t *conn;

static void ask(void *argument)
{
    seL4_Word n = (seL4_Word)argument;

    for (seL4_Word i = 0; i < 3; i++) {
        seL4_SetMR(0, n);
        seL4_SetMR(1, i);
        (void)reL4_Call(conn, seL4_MessageInfo_new(0, 0, 0, 2));
        printf("%lu + %lu = %lu\n", n, i, seL4_GetMR(0));
    }
}

static void copy(void *argument)
{
    seL4_CPtr slot = u4_alloc_slots(&alloc, 1);
    const char *why;
    bool async = u4_calls_async(CNodeCopy, &why);
    seL4_Error error =
        reL4_CNode_Copy(seL4_CapInitThreadCNode, slot, seL4_WordBits, seL4_CapInitThreadCNode,
                        endpoint, seL4_WordBits, seL4_AllRights);

    printf("copied a capability: error %d (%s)\n", error, why);
    need(async && !error, "copy by the ring");
    (void)argument;
}

static void start_server(void)
{
    enum { BITS = 18, SLOTS = 128, STACK = 8192, PRIORITY = 100 };
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));
    const u4_thread_env_t env = {.alloc = &alloc,
                                 .vspace = &vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB};
    const u4_thread_config_t c = {.name = "server",
                                  .entry = server,
                                  .stack = stack,
                                  .stack_size = STACK,
                                  .priority = PRIORITY};
    seL4_CPtr untyped = 0, slots = u4_alloc_slots(&alloc, SLOTS);

    u4_alloc_init(&server_alloc, seL4_CapInitThreadCNode, slots, slots + SLOTS);
    need(!u4_alloc_object(&alloc, seL4_UntypedObject, BITS, &untyped) &&
             u4_alloc_add(&server_alloc, untyped, BITS),
         "give the server memory");
    server_vspace = (u4_vspace_t){seL4_CapInitThreadVSpace, &server_alloc, 0x3000000000};
    need(!u4_alloc_object(&alloc, seL4_EndpointObject, 0, &endpoint) &&
             !u4_thread_create(&thread, &env, &c) && !seL4_TCB_Resume(thread.tcb),
         "start the server");
}

int main(void)
{
    static u4_exec_t exec;
    static u4_sysring_t ring;
    const u4_exec_config_t c = config("client", &alloc, &vspace);

    u4_alloc_boot(&alloc, seL4_GetBootInfo());
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    need(!u4_machine_init(&vspace), "use the machine");
    start_server();
    need(u4_exec_init(&exec, &c) == U4_OK, "make an executor");
    need(u4_connect(&conn, endpoint, &(u4_conn_config_t){.log2 = 5}) == U4_OK, "connect");
    need(u4_sysring_open(&ring, seL4_CapInitThreadTCB, 4) == U4_OK, "open a ring");
    for (seL4_Word n = 10; n <= 30; n += 10)
        need(u4_coro_spawn("ask", 4, ask, (void *)n) != NULL, "spawn a coroutine");
    need(u4_coro_spawn("copy", 4, copy, NULL) != NULL, "spawn a coroutine");
    need(u4_exec_run_until_complete(&exec, NULL) == U4_OK, "run them");
    printf("done: slept %lu times\n", (unsigned long)exec.sleeps);
    return 0;
}
