/* SPDX-License-Identifier: BSD-2-Clause */
/* Executors that are notified by user interrupts, on a UINTC or emulated. */
#include <string.h>

#include <rel4/stubs.h>
#include <u4/uintr.h>

#include "peer.h"

static u4_uintr_t interrupts;
static u4_exec_t exec;

/* The root thread's executor, as a receiver of user interrupts. */
static void make_receiver(void)
{
    const u4_exec_config_t config = {.name = "receiver",
                                     .alloc = &test_alloc,
                                     .vspace = &test_vspace,
                                     .capacity = 40,
                                     .stack_pages = 1,
                                     .uintr = &interrupts};

    memset(&interrupts, 0, sizeof interrupts);
    CHECK_OK(u4_uintr_init(&interrupts, seL4_CapInitThreadTCB, 0));
    CHECK_EQ(u4_exec_init(&exec, &config), U4_OK);
}

TEST_U4(uintr, calls, "a client that sleeps is woken by user interrupts")
{
    static call_t calls[33];
    seL4_CPtr ep = start_server(1, NULL);
    u4_conn_t *conn = NULL;

    make_receiver();
    CHECK_EQ(u4_connect(&conn, ep, &(u4_conn_config_t){.log2 = 5}), U4_OK);
    for (unsigned i = 0; i < 33; i++) {
        calls[i] = (call_t){.conn = conn, .label = i, .length = 2, .repeat = 10};
        spawn(make_call, &calls[i]);
    }
    run_all(&exec);
    for (unsigned i = 0; i < 33; i++)
        CHECK_EQ(calls[i].status, U4_OK);
    /* A server on another hart may be as fast as its client. */
    CHECK(U4_SMP || exec.sleeps > 5);
    CHECK(U4_SMP || exec.notified_count > 5);
    u4_exec_fini(&exec);
}

static void turn(void *call)
{
    while (((call_t *)call)->ended == 0)
        u4_coro_yield();
}

TEST_U4(uintr, busy, "one that never rests still tells its peer, and learns of the answer")
{
    seL4_CPtr ep = start_server(1, NULL);
    call_t slow = {.label = LABEL_SLOW}, quick = {0};

    make_receiver();
    CHECK_EQ(u4_connect(&slow.conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
    quick.conn = slow.conn;
    spawn(make_call, &quick);
    run_all(&exec);
    /* Now the connection is quiet, and its ring armed. */
    spawn(make_call, &slow);
    spawn(turn, &slow);
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, ROOT_PRIO - 1));
    run_all(&exec);
    CHECK_EQ(slow.status, U4_OK);
    u4_exec_fini(&exec);
}

TEST_U4(uintr, traced, "the trace tells a notification's system call, and its user interrupt")
{
    seL4_CPtr ep = make_server(1, NULL);
    trace_ring_t *mine = new_ring(seL4_CapInitThreadTCB), *theirs = new_ring(server_tcb());
    call_t call = {.label = LABEL_LEAVE};

    mine->mask[TRACE_WORD_coro_run] &= ~TRACE_BIT_coro_run; /* turn()'s would fill the ring */
    trace_server(theirs);
    start_server_thread();
    u4_trace_use(mine);
    make_receiver();
    CHECK_EQ(u4_connect(&call.conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
    spawn(make_call, &call);
    spawn(turn, &call);
    CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, ROOT_PRIO - 1));
    run_all(&exec);
    CHECK_EQ(call.status, U4_CLOSED);
    for (uint64_t end = u4_now() + 60 * u4_ticks_per_second();
         !record(mine, TRACE_UINTR_HANDLER, 0) && u4_now() < end;)
        ;
    u4_trace_use(NULL);
    const trace_record_t *made = need(mine, TRACE_ASYNC_CONNECT, 0);
    const trace_record_t *left = need(theirs, TRACE_ASYNC_DISCONNECT, 0);
    CHECK_EQ(need(mine, TRACE_UINTR_HANDLER, 0)->cd, (uint64_t)1 << made->d);
    CHECK_EQ(need(theirs, TRACE_ASYNC_BELL, left->b - 1)->a, made->a);
    CHECK(!record(theirs, TRACE_ASYNC_BELL, left->b));
    u4_exec_fini(&exec);
}

static void copy_one(void *error)
{
    seL4_CPtr ep = make_endpoint();

    *(seL4_Error *)error =
        reL4_CNode_Copy(CNODE, make_slot(), DEPTH, CNODE, ep, DEPTH, seL4_AllRights);
}

TEST_U4(uintr, syscalls, "completions of async system calls come as user interrupts")
{
    static u4_sysring_t ring;
    seL4_Error error = seL4_NumErrors;

    make_receiver();
    memset(&ring, 0, sizeof ring);
    CHECK_EQ(u4_sysring_open(&ring, seL4_CapInitThreadTCB, 4), U4_OK);
    ring.mode = U4_CALLS_ASYNC;
    spawn(copy_one, &error);
    run_all(&exec);
    CHECK_EQ(error, seL4_NoError);
    /* By hand, with the kernel in no hurry: the handler is told while this thread goes on. */
    u4_ring_arm(&ring.rings->response.armed);
    submit_delete(&ring, make_slot());
    CHECK_EQ(u4_sys_value((seL4_Word)u4_SysAsyncWake, 0, 0), U4_ASYNC_OK);
    for (uint64_t end = u4_now() + 60 * u4_ticks_per_second(); !exec.hints && u4_now() < end;)
        ;
    CHECK_EQ(exec.hints, (seL4_Word)1 << 63);
    CHECK_EQ(u4_shared(ring.rings->response.head), 2); /* that, and the copy's */
    u4_sysring_close(&ring);
    u4_exec_fini(&exec);
}

enum { MINE = 5 };

static void wait_for_mine(void *vectors)
{
    *(seL4_Word *)vectors = reL4_Wait();
    log_add('w');
}

static void signal_mine(void *bell)
{
    log_add('a');
    u4_coro_yield();
    log_add('b');
    seL4_Signal(*(seL4_CPtr *)bell);
}

TEST_U4(uintr, wait, "reL4_Wait blocks the coroutine and not the thread")
{
    seL4_Word vectors = 0;
    seL4_CPtr bell;

    make_receiver();
    u4_exec_notices(&exec, (uint64_t)1 << MINE);
    bell = mint(exec.notification, seL4_CanWrite, MINE);
    u4_coro_t *c = spawn(wait_for_mine, &vectors);
    spawn(signal_mine, &bell);
    run_all(&exec);
    CHECK_LOG("abw");
    CHECK_EQ(vectors, (seL4_Word)1 << MINE);
    c = spawn(wait_for_mine, &vectors);
    CHECK_EQ(u4_exec_run_until_blocked(&exec), U4_STUCK);
    CHECK_EQ(c->wait, U4_WAIT_NOTIFY);
    u4_coro_cancel(c);
    run_all(&exec);
    CHECK_EQ(vectors, 0);
    u4_exec_fini(&exec);
}

static void leave_when_told(void *conn)
{
    (void)reL4_Wait();
    u4_disconnect(conn);
}

static void kill_server(void *bell)
{
    u4_sleep_until(u4_now() + u4_ticks_per_second() / 500);
    CHECK_OK(seL4_TCB_Suspend(server_tcb()));
    seL4_Signal(*(seL4_CPtr *)bell);
}

TEST_U4(uintr, death, "a server dies: who is told of it ends the calls that wait for it")
{
    seL4_CPtr ep = start_server(1, NULL), bell;
    call_t calls[3];
    u4_conn_t *conn = NULL;

    make_receiver();
    u4_exec_notices(&exec, (uint64_t)1 << MINE);
    bell = mint(exec.notification, seL4_CanWrite, MINE);
    CHECK_EQ(u4_connect(&conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
    for (unsigned i = 0; i < 3; i++) {
        calls[i] = (call_t){.conn = conn, .label = LABEL_HELD};
        spawn(make_call, &calls[i]);
    }
    spawn(leave_when_told, conn);
    spawn(kill_server, &bell);
    run_all(&exec);
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(calls[i].status, U4_CLOSED);
    u4_exec_fini(&exec);
}
