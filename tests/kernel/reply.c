/* SPDX-License-Identifier: BSD-2-Clause */
/* Reply capabilities of the classic kernel: made by Call, kept by SaveCaller, used once. */
#include "test.h"

typedef struct {
    seL4_CPtr endpoint;
    char letter;
    seL4_Word answer;
} caller_t;

#define INFO(length) seL4_MessageInfo_new(0, 0, 0, length)

static void call(u4_thread_t *self)
{
    caller_t *c = self->argument;

    (void)seL4_Call(c->endpoint, INFO(0));
    c->answer = seL4_GetMR(0);
    log_add(c->letter);
}

/* Start a caller, take its message and keep the right to answer it in a slot. */
static seL4_CPtr saved_call(caller_t *c, u4_thread_t **t)
{
    seL4_CPtr slot = make_slot();
    u4_thread_t *caller = thread("caller", PRIO_HIGH, call, c);

    start(caller);
    (void)seL4_Recv(c->endpoint, NULL);
    CHECK_OK(seL4_CNode_SaveCaller(CNODE, slot, DEPTH));
    if (t)
        *t = caller;
    return slot;
}

TEST_CLASSIC(reply, saved, "a saved reply capability answers later, once")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    seL4_CPtr slot = saved_call(&c, NULL);

    seL4_Reply(INFO(0));
    CHECK_LOG("");
    seL4_SetMR(0, 321);
    seL4_Send(slot, INFO(1));
    CHECK_LOG("c");
    CHECK_EQ(c.answer, 321);
    CHECK(slot_empty(slot));
}

TEST_CLASSIC(reply, any_order, "callers can be answered in any order")
{
    caller_t a = {.endpoint = make_endpoint(), .letter = 'a'};
    caller_t b = {.endpoint = a.endpoint, .letter = 'b'};
    seL4_CPtr first = saved_call(&a, NULL), second = saved_call(&b, NULL);

    seL4_Send(second, INFO(0));
    seL4_Send(first, INFO(0));
    CHECK_LOG("ba");
}

TEST_CLASSIC(reply, move, "a reply capability can be moved, not copied")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    seL4_CPtr slot = saved_call(&c, NULL), to = make_slot();

    CHECK_ERROR(seL4_CNode_Copy(CNODE, to, DEPTH, CNODE, slot, DEPTH, seL4_AllRights),
                seL4_IllegalOperation);
    CHECK_OK(seL4_CNode_Move(CNODE, to, DEPTH, CNODE, slot, DEPTH));
    seL4_Send(to, INFO(0));
    CHECK_LOG("c");
}

TEST_CLASSIC(reply, none, "Reply without a caller does nothing; ReplyRecv then receives")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    seL4_Word badge;

    seL4_Reply(INFO(0));
    start(thread("caller", PRIO_HIGH, call, &c));
    (void)seL4_ReplyRecv(c.endpoint, INFO(0), &badge);
    seL4_Reply(INFO(0));
    CHECK_LOG("c");
    seL4_Reply(INFO(0));
}

TEST_CLASSIC(reply, dropped, "Recv on an endpoint forgets the caller that was not answered")
{
    caller_t a = {.endpoint = make_endpoint(), .letter = 'a'};
    caller_t b = {.endpoint = a.endpoint, .letter = 'b'};

    start(thread("a", PRIO_HIGH, call, &a));
    start(thread("b", PRIO_HIGH, call, &b));
    (void)seL4_Recv(a.endpoint, NULL);
    (void)seL4_Recv(a.endpoint, NULL);
    seL4_Reply(INFO(0));
    seL4_Reply(INFO(0));
    CHECK_LOG("b");
}

TEST_CLASSIC(reply, caller_deleted, "a reply capability goes with its caller")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    u4_thread_t *t;
    seL4_CPtr slot = saved_call(&c, &t);

    CHECK_OK(seL4_CNode_Delete(CNODE, t->tcb, DEPTH));
    CHECK(slot_empty(slot));
}

TEST_CLASSIC(reply, caller_suspended, "a reply capability goes when its caller is suspended")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    u4_thread_t *t;
    seL4_CPtr slot = saved_call(&c, &t);

    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    CHECK(slot_empty(slot));
    CHECK_OK(seL4_TCB_Resume(t->tcb));
    (void)seL4_Recv(c.endpoint, NULL);
    seL4_Reply(INFO(0));
    CHECK_LOG("c");
}

TEST_CLASSIC(reply, deleted, "deleting a reply capability leaves its caller waiting")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    seL4_CPtr slot = saved_call(&c, NULL);

    CHECK_OK(seL4_CNode_Delete(CNODE, slot, DEPTH));
    let_run(PRIO_LOW);
    CHECK_LOG("");
}

TEST_CLASSIC(reply, nbsend, "NBSend to a reply capability answers too")
{
    caller_t c = {.endpoint = make_endpoint(), .letter = 'c'};
    seL4_CPtr slot = saved_call(&c, NULL);

    seL4_SetMR(0, 7);
    seL4_NBSend(slot, INFO(1));
    CHECK_LOG("c");
    CHECK_EQ(c.answer, 7);
    CHECK(slot_empty(slot));
}
