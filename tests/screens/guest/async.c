/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines to be viewed: "app" asks "store" over a connection, and both have trace rings.
 *
 *   store   two coroutines "work"; a request of label HOLD is kept for 20 ms, others are
 *           answered at once
 *   app     "ask" calls store again and again, "slow" waits for the request that is kept, "after"
 *           for slow's end, "caps" copies capabilities by the ring of system calls
 */
#include <stdio.h>
#include <stdlib.h>

#include <rel4/rel4.h>
#include <rel4/stubs.h>
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/trace.h>
#include <u4/u4.h>

enum { HOLD = 1, ROUNDS = 40, STACK = 8192, PRIORITY = 100, SLOTS = 256, UNTYPED_BITS = 18 };
enum { TICKS_HELD = 200000, TICKS_BETWEEN = 3000 /* of 100 ns */ };

static u4_alloc_t alloc, store_alloc;
static u4_vspace_t vspace, store_vspace;
static seL4_CPtr endpoint;
static u4_port_t port;
static u4_conn_t *conn;
static u4_coro_t *holder;

static void need(bool ok, const char *what)
{
    if (!ok) {
        printf("viewed-async: cannot %s\n", what);
        exit(1);
    }
}

/* Events of this thread from now on; a kernel without tracing gives no ring. */
static trace_ring_t *new_ring(seL4_TCB tcb)
{
    trace_ring_t *ring = NULL;

    need(u4_trace_cap() &&
             !u4_trace_new_ring(&vspace, u4_trace_cap(), tcb, seL4_LargePageBits, &ring),
         "make a trace ring");
    for (unsigned i = 0; i < TRACE_MASK_WORDS; i++)
        ring->mask[i] = ~(uint64_t)0;
    return ring;
}

static void work(void *argument)
{
    seL4_MessageInfo_t info = reL4_Recv(&port, NULL);

    (void)argument;
    for (;;) {
        if (seL4_MessageInfo_get_label(info) == HOLD)
            u4_sleep_until(u4_now() + TICKS_HELD);
        info = reL4_ReplyRecv(&port, seL4_MessageInfo_new(0, 0, 0, 1), NULL);
    }
}

static void store(u4_thread_t *self)
{
    static u4_exec_t exec;
    const u4_exec_config_t config = {.name = "store",
                                     .alloc = &store_alloc,
                                     .vspace = &store_vspace,
                                     .capacity = 4,
                                     .stack_pages = 2};

    u4_trace_use(self->argument);
    need(u4_exec_init(&exec, &config) == U4_OK &&
             u4_port_open(&port, endpoint, self->tcb, NULL, NULL) == U4_OK,
         "open a port");
    for (unsigned i = 0; i < 2; i++)
        need(u4_coro_spawn("work", 4, work, NULL) != NULL, "spawn a coroutine");
    (void)u4_exec_run_until_complete(&exec, NULL);
}

static void ask(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)reL4_Call(conn, seL4_MessageInfo_new(0, 0, 0, 1));
        u4_sleep_until(u4_now() + TICKS_BETWEEN);
    }
}

static void slow(void *argument)
{
    (void)argument;
    (void)reL4_Call(conn, seL4_MessageInfo_new(HOLD, 0, 0, 1));
}

static void after(void *argument)
{
    (void)argument;
    (void)u4_coro_join(holder, U4_NEVER);
}

static void caps(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)reL4_CNode_Copy(seL4_CapInitThreadCNode, u4_alloc_slots(&alloc, 1), seL4_WordBits,
                              seL4_CapInitThreadCNode, endpoint, seL4_WordBits, seL4_AllRights);
        u4_sleep_until(u4_now() + TICKS_BETWEEN);
    }
}

static void start_store(void)
{
    static u4_thread_t thread;
    static char stack[STACK] __attribute__((aligned(16)));
    const u4_thread_env_t env = {.alloc = &alloc,
                                 .vspace = &vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB};
    const u4_thread_config_t config = {
        .name = "store", .entry = store, .stack = stack, .stack_size = STACK, .priority = PRIORITY};
    seL4_CPtr untyped = 0, slots = u4_alloc_slots(&alloc, SLOTS);

    u4_alloc_init(&store_alloc, seL4_CapInitThreadCNode, slots, slots + SLOTS);
    need(!u4_alloc_object(&alloc, seL4_UntypedObject, UNTYPED_BITS, &untyped) &&
             u4_alloc_add(&store_alloc, untyped, UNTYPED_BITS),
         "give the store memory");
    store_vspace = (u4_vspace_t){seL4_CapInitThreadVSpace, &store_alloc, 0x3000000000};
    need(!u4_alloc_object(&alloc, seL4_EndpointObject, 0, &endpoint) &&
             !u4_thread_create(&thread, &env, &config),
         "make the store");
    thread.argument = new_ring(thread.tcb);
    need(!seL4_TCB_Resume(thread.tcb), "start the store");
}

int main(void)
{
    static u4_exec_t exec;
    static u4_sysring_t ring;
    const u4_exec_config_t config = {
        .name = "app", .alloc = &alloc, .vspace = &vspace, .capacity = 8, .stack_pages = 2};

    u4_alloc_boot(&alloc, seL4_GetBootInfo());
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    u4_name_thread(seL4_CapInitThreadTCB, "app");
    need(!u4_machine_init(&vspace), "use the machine");
    start_store();
    u4_trace_use(new_ring(seL4_CapInitThreadTCB));
    need(u4_exec_init(&exec, &config) == U4_OK &&
             u4_connect(&conn, endpoint, &(u4_conn_config_t){.log2 = 5}) == U4_OK &&
             u4_sysring_open(&ring, seL4_CapInitThreadTCB, 4) == U4_OK,
         "connect");
    ring.mode = U4_CALLS_ASYNC;
    holder = u4_coro_spawn("slow", 4, slow, NULL);
    need(holder && u4_coro_spawn("after", 4, after, NULL) && u4_coro_spawn("ask", 4, ask, NULL) &&
             u4_coro_spawn("caps", 4, caps, NULL),
         "spawn coroutines");
    need(u4_exec_run_until_complete(&exec, NULL) == U4_OK, "run them");
    u4_disconnect(conn);
    puts("viewed-async: done");
    return 0;
}
