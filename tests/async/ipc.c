/* SPDX-License-Identifier: BSD-2-Clause */
/* Async IPC between two threads of this program, each with an executor. */
#include <string.h>

#include "async.h"
#include "peer.h"

TEST(ipc, echo, "a call's words and label go there and back")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 5, 0);
    call_t call = {.conn = conn, .length = 4, .words = {1, 2, 3, 4}, .label = 7};

    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_OK);
    CHECK_EQ(call.answer_label, 8);
    CHECK_EQ(call.answer_length, 4);
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(call.words[i], i + 2);
}

TEST(ipc, lengths, "messages of every length")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 4, 0);

    for (unsigned length = 0; length <= seL4_MsgMaxLength; length++) {
        call_t call = {.conn = conn, .length = length};

        for (unsigned i = 0; i < length; i++)
            call.words[i] = 1000 * length + i;
        spawn(make_call, &call);
        run_all(conn->exec);
        CHECK_EQ(call.status, U4_OK);
        CHECK_EQ(call.answer_length, length);
        for (unsigned i = 0; i < length; i++)
            CHECK_EQ(call.words[i], 1000 * length + i + 1);
    }
}

TEST(ipc, concurrent, "many callers at once, more than the ring has lines")
{
    enum { CALLERS = 100 };
    static call_t calls[CALLERS];
    u4_conn_t *conn = connect_to(start_server(1, NULL), 4, 0);

    for (unsigned i = 0; i < CALLERS; i++) {
        calls[i] = (call_t){.conn = conn, .length = i % 10, .label = i, .repeat = 20};
        spawn(make_call, &calls[i]);
    }
    run_all(conn->exec);
    for (unsigned i = 0; i < CALLERS; i++) {
        CHECK_EQ(calls[i].status, U4_OK);
        CHECK_EQ(calls[i].answer_label, i + 1);
    }
    /* They share their notifications. */
    CHECK(conn->notified < CALLERS * 20 / 4);
}

static void call_and_release(void *call)
{
    make_call(call);
    release_server();
}

TEST(ipc, servers, "several server coroutines share a port and answer out of order")
{
    u4_conn_t *conn = connect_to(start_server(3, NULL), 5, 0);
    call_t held = {.conn = conn, .label = LABEL_HELD}, quick = {.conn = conn};

    spawn(make_call, &held);
    spawn(call_and_release, &quick);
    run_all(conn->exec);
    CHECK_EQ(held.status, U4_OK);
    CHECK_EQ(quick.status, U4_OK);
    CHECK(quick.ended < held.ended);
}

TEST(ipc, timeout, "a call's deadline; the late answer reaches nobody")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 5, 0);
    call_t call = {.conn = conn, .label = LABEL_HELD, .timeout_ms = 4};

    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_TIMEOUT);
    release_server();
    call = (call_t){.conn = conn, .label = 30};
    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_OK);
    CHECK_EQ(call.answer_label, 31);
}

TEST(ipc, cancel, "a cancelled call ends at once")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 5, 0);
    call_t call = {.conn = conn, .label = LABEL_HELD};
    u4_coro_t *c = spawn(make_call, &call);

    CHECK_EQ(u4_exec_run_until_blocked(conn->exec), U4_STUCK);
    CHECK_EQ(c->wait, U4_WAIT_CALL);
    CHECK(c->waits_for == conn);
    u4_coro_cancel(c);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_CANCELLED);
}

static bool refuse(void *argument, u4_conn_t *conn)
{
    (void)argument;
    (void)conn;
    return false;
}

TEST(ipc, refuse, "a port may refuse a client")
{
    seL4_CPtr ep = start_server(1, refuse);
    u4_conn_t *conn;

    make_exec("client", 4);
    CHECK_EQ(u4_connect(&conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_REFUSED);
    CHECK_EQ(u4_connect(&conn, ep, &(u4_conn_config_t){.log2 = 3}), U4_INVALID);
    CHECK_EQ(u4_connect(&conn, ep, &(u4_conn_config_t){.log2 = 13}), U4_INVALID);
}

TEST(ipc, connections, "connections beyond what a notification can tell apart")
{
    enum { CONNS = 70 };
    static call_t calls[CONNS];
    seL4_CPtr ep = start_server(1, NULL);
    u4_exec_t *e = make_exec("client", CONNS);

    for (unsigned i = 0; i < CONNS; i++) {
        calls[i] = (call_t){.label = i, .length = 1, .words = {i}};
        CHECK_EQ(u4_connect(&calls[i].conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
    }
    for (unsigned i = 0; i < CONNS; i += 23) { /* one by one: the others stay quiet */
        spawn(make_call, &calls[i]);
        run_all(e);
        CHECK_EQ(calls[i].words[0], i + 1);
    }
    for (unsigned i = 0; i < CONNS; i++)
        spawn(make_call, &calls[i]);
    run_all(e);
    for (unsigned i = 0; i < CONNS; i++)
        CHECK_EQ(calls[i].status, U4_OK);
}

TEST(ipc, send, "messages without an answer wait for room only")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 4, 0);
    call_t call = {.conn = conn, .label = LABEL_COUNT};
    unsigned sent = 0;

    while (u4_try_send(conn, INFO(LABEL_ADD, 1), (const seL4_Word[]){5}))
        sent++;
    CHECK_EQ(sent, 16);
    call_t sends = {.conn = conn, .repeat = 84};
    spawn(make_sends, &sends);
    run_all(conn->exec);
    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.words[0], 100 * 5);
}

TEST(ipc, bulk, "bulk data by offset and length")
{
    u4_conn_t *conn = connect_to(start_server(1, NULL), 4, 10000);
    call_t call = {.conn = conn, .label = LABEL_BULK, .length = 2, .words = {9000, 1000}};

    CHECK_EQ(conn->data_size, 10000);
    memset(u4_bulk(conn, 9000, 1000), 3, 1000);
    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.answer_label, 0);
    CHECK_EQ(call.words[0], 3000);
    for (unsigned i = 0; i < 3; i++) {
        static const seL4_Word wrong[3][2] = {{9000, 1001}, {10001, 0}, {16, (seL4_Word)-8}};

        call = (call_t){.conn = conn, .label = LABEL_BULK, .length = 2};
        memcpy(call.words, wrong[i], sizeof wrong[i]);
        spawn(make_call, &call);
        run_all(conn->exec);
        CHECK_EQ(call.answer_label, 1);
    }
}

TEST(ipc, disconnect, "the other side's calls end when a side leaves, and others go on")
{
    seL4_CPtr ep = start_server(2, NULL);
    u4_conn_t *conn = connect_to(ep, 4, 0);
    call_t call = {.conn = conn, .label = LABEL_LEAVE}, other = {.conn = NULL};

    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_CLOSED);
    CHECK(!conn->open);
    spawn(make_call, &call);
    run_all(conn->exec);
    CHECK_EQ(call.status, U4_CLOSED);
    CHECK_EQ(u4_connect(&other.conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
    spawn(make_call, &other);
    run_all(conn->exec);
    CHECK_EQ(other.status, U4_OK);
    u4_disconnect(other.conn);
    spawn(make_call, &other);
    run_all(conn->exec);
    CHECK_EQ(other.status, U4_CLOSED);
}

/* ---- a client that dies ---- */

static seL4_CPtr victims_endpoint, victims_bell;
static call_t victims_call;

static void be_victim(u4_thread_t *self)
{
    u4_exec_t *e = make_exec("victim", 4);

    (void)self;
    victims_call = (call_t){.label = LABEL_HELD};
    CHECK_EQ(u4_connect(&victims_call.conn, victims_endpoint, &(u4_conn_config_t){.log2 = 4}),
             U4_OK);
    spawn(make_call, &victims_call);
    (void)u4_exec_run_until_blocked(e);
    seL4_Signal(victims_bell);
    (void)u4_exec_run_until_complete(e, NULL);
}

static seL4_Word say_gone(seL4_CPtr endpoint, seL4_Word badge)
{
    seL4_SetMR(0, badge);
    return seL4_MessageInfo_get_label(seL4_Call(endpoint, INFO(U4_CONNECT_GONE, 1)));
}

TEST(ipc, gone, "a client dies: who is told of it frees what it had, and serves the others")
{
    enum { VICTIM = 5 };
    seL4_CPtr ep = start_server(2, NULL);
    u4_conn_t *conn = connect_to(ep, 4, 0);
    call_t quick = {.conn = conn}, slow = {.conn = conn, .label = LABEL_SLOW},
           next = {.conn = NULL};
    u4_thread_t *victim = thread("victim", ROOT_PRIO - 1, be_victim, NULL);
    unsigned structures;

    victims_endpoint = mint(ep, seL4_AllRights, VICTIM);
    victims_bell = make_notification();
    start(victim);
    seL4_Wait(victims_bell, NULL);
    CHECK_OK(seL4_TCB_Suspend(victim->tcb));
    spawn(make_call, &quick); /* behind it the server has the victim's request in hand */
    run_all(conn->exec);
    CHECK_EQ(quick.status, U4_OK);
    CHECK_EQ(server_conns(true), 2);
    CHECK_EQ(say_gone(victims_endpoint, VICTIM), U4_INVALID); /* not a supervisor's to say */
    CHECK_EQ(server_conns(true), 2);
    CHECK_EQ(say_gone(ep, VICTIM), U4_OK);
    CHECK_EQ(server_conns(true), 1);
    release_server();
    spawn(make_call, &slow); /* and what it answers to the victim meanwhile reaches nobody */
    run_all(conn->exec);
    CHECK_EQ(slow.status, U4_OK);
    CHECK_EQ(victims_call.status, U4_OK); /* not ended: it is dead */
    structures = server_conns(false);
    for (unsigned i = 0; i < structures; i++) {
        CHECK_EQ(u4_connect(&next.conn, ep, &(u4_conn_config_t){.log2 = 4}), U4_OK);
        spawn(make_call, &next);
        run_all(conn->exec);
        CHECK_EQ(next.status, U4_OK);
        u4_disconnect(next.conn);
    }
    CHECK_EQ(server_conns(false), structures);
}
