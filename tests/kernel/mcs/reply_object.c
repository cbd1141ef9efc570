/* SPDX-License-Identifier: BSD-2-Clause */
/* Reply objects, time lent along calls, and the calls that send and receive. */
#include "../test.h"

#define INFO(length) seL4_MessageInfo_new(0, 0, 0, length)

static seL4_CPtr endpoint;

static void echo(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    (void)seL4_Recv(endpoint, &badge);
    for (;;) {
        log_add('s');
        seL4_SetMR(0, seL4_GetMR(0) + 1);
        (void)seL4_ReplyRecv(endpoint, INFO(1), &badge);
    }
}

/* A server that waits, without time of its own. */
static u4_thread_t *passive_server(void)
{
    u4_thread_t *server = thread("server", PRIO_HIGH, echo, NULL);

    endpoint = make_endpoint();
    start(server);
    CHECK_OK(seL4_SchedContext_Unbind(server->sched_context));
    return server;
}

TEST(reply_object, passive, "a passive server runs on its caller's time")
{
    passive_server();
    for (int i = 0; i < 3; i++) {
        seL4_SetMR(0, 40);
        CHECK_EQ(seL4_MessageInfo_get_length(seL4_Call(endpoint, INFO(1))), 1);
        CHECK_EQ(seL4_GetMR(0), 41);
    }
    CHECK_LOG("sss");
}

TEST(reply_object, send, "a Send does not lend time: a passive receiver has to wait for some")
{
    u4_thread_t *server = passive_server();

    seL4_Send(endpoint, INFO(1));
    CHECK_LOG("");
    CHECK_OK(seL4_SchedContext_Bind(server->sched_context, server->tcb));
    CHECK_LOG("s");
}

static void caller(u4_thread_t *self)
{
    (void)self;
    log_add('c');
    (void)seL4_Call(endpoint, INFO(0));
    log_add('d');
}

TEST(reply_object, in_use, "receiving with a reply object in use cancels the call before")
{
    u4_thread_t *t = thread("caller", PRIO_HIGH, caller, NULL);
    seL4_Word badge;

    endpoint = make_endpoint();
    start(t);
    (void)seL4_Recv(endpoint, NULL);
    (void)seL4_NBRecv(endpoint, &badge);
    seL4_Reply(INFO(0));
    CHECK_LOG("c");
}

TEST(reply_object, unused, "answering over a reply object on which nobody waits does nothing")
{
    seL4_CPtr reply = make(seL4_ReplyObject, 0);

    seL4_Send(reply, INFO(0));
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Call(reply, INFO(0))), seL4_NoError);
}

TEST(reply_object, copies, "copies of a reply capability answer as well")
{
    u4_thread_t *t = thread("caller", PRIO_HIGH, caller, NULL);

    endpoint = make_endpoint();
    start(t);
    (void)seL4_Recv(endpoint, NULL);
    seL4_Send(copy(test_reply(), seL4_AllRights), INFO(0));
    CHECK_LOG("cd");
}

TEST(reply_object, deleted, "deleting a reply object leaves its caller stopped")
{
    u4_thread_t *t = thread("caller", PRIO_HIGH, caller, NULL);
    seL4_CPtr reply = make(seL4_ReplyObject, 0);

    endpoint = make_endpoint();
    start(t);
    (void)(seL4_Recv)(endpoint, NULL, reply);
    CHECK_OK(seL4_CNode_Delete(CNODE, reply, DEPTH));
    CHECK_LOG("c");
}

TEST(reply_object, missing, "receiving without a reply object is a fault, waiting is not")
{
    seL4_CPtr ntfn = make_notification();
    seL4_Word badge = 1;

    endpoint = make_endpoint();
    (void)seL4_NBWait(endpoint, &badge);
    CHECK_EQ(badge, 0);
    seL4_Signal(mint(ntfn, seL4_AllRights, 6));
    (void)(seL4_Recv)(ntfn, &badge, seL4_CapNull);
    CHECK_EQ(badge, 6);
}

static char names[] = "123";

static void by_priority(u4_thread_t *self)
{
    seL4_SetMR(0, *(const char *)self->argument);
    seL4_Send(endpoint, INFO(1));
}

TEST(reply_object, order, "who is more important is served first, whoever came first")
{
    endpoint = make_endpoint();
    start(thread("low", ROOT_PRIO + 1, by_priority, &names[0]));
    start(thread("high", ROOT_PRIO + 3, by_priority, &names[2]));
    start(thread("middle", ROOT_PRIO + 2, by_priority, &names[1]));
    for (char expected = '3'; expected > '0'; expected--) {
        (void)seL4_Recv(endpoint, NULL);
        CHECK_EQ(seL4_GetMR(0), expected);
    }
}

TEST(reply_object, send_receive, "NBSendRecv and NBSendWait send and receive in one call")
{
    seL4_CPtr ntfn = make_notification(), badged = mint(ntfn, seL4_AllRights, 9);
    seL4_Word badge = 0;

    (void)seL4_NBSendWait(badged, INFO(0), ntfn, &badge);
    CHECK_EQ(badge, 9);
    badge = 0;
    (void)seL4_NBSendRecv(badged, INFO(0), ntfn, &badge, test_reply());
    CHECK_EQ(badge, 9);
}

TEST(reply_object, send_phase, "what could end the thread is not invoked before receiving")
{
    u4_thread_t *t = thread("caller", PRIO_HIGH, caller, NULL);
    seL4_CPtr ntfn = make_notification();
    seL4_Word badge;

    endpoint = make_endpoint();
    seL4_Signal(mint(ntfn, seL4_AllRights, 3));
    (void)seL4_NBSendWait(t->tcb, seL4_MessageInfo_new(TCBResume, 0, 0, 0), ntfn, &badge);
    CHECK_EQ(badge, 3);
    CHECK_LOG("");
}

static void waiter(u4_thread_t *self)
{
    seL4_CPtr ntfn = *(const seL4_CPtr *)self->argument;

    for (;;) {
        seL4_Wait(ntfn, NULL);
        log_add('w');
    }
}

TEST(reply_object, lent_by_signal, "a notification's time is lent to a passive thread it wakes")
{
    seL4_CPtr ntfn = make_notification();
    u4_thread_t *t = thread("waiter", PRIO_HIGH, waiter, &ntfn);

    start(t);
    CHECK_OK(seL4_SchedContext_UnbindObject(t->sched_context, t->tcb));
    CHECK_OK(seL4_SchedContext_Bind(t->sched_context, ntfn));
    seL4_Signal(ntfn);
    seL4_Signal(ntfn);
    CHECK_LOG("ww");
}
