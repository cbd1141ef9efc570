/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runtime leaves in a thread's trace ring. */
#include <string.h>

#include <rel4/stubs.h>
#include <u4/trace.h>

#include "peer.h"

trace_ring_t *new_ring(seL4_TCB tcb)
{
    trace_ring_t *ring = NULL;

    if (!u4_trace_cap())
        test_skip("a kernel without tracing");
    CHECK_OK(u4_trace_new_ring(&test_vspace, u4_trace_cap(), tcb, seL4_LargePageBits, &ring));
    for (unsigned i = 0; i < TRACE_MASK_WORDS; i++)
        ring->mask[i] = ~(uint64_t)0;
    return ring;
}

const trace_record_t *record(const trace_ring_t *ring, unsigned event, unsigned count)
{
    for (const trace_record_t *r = (void *)ring->base; (uint64_t)r < ring->next; r++)
        if (r->event == event && count-- == 0)
            return r;
    return NULL;
}

const trace_record_t *need(const trace_ring_t *ring, unsigned event, unsigned count)
{
    const trace_record_t *r = record(ring, event, count);

    CHECK(r != NULL);
    return r;
}

TEST_U4(trace, call, "a call's events on both sides name the same request")
{
    trace_ring_t *mine = new_ring(seL4_CapInitThreadTCB), *theirs;
    seL4_CPtr ep = make_server(1, NULL);
    call_t call = {.label = 7, .length = 2};

    theirs = new_ring(server_tcb());
    trace_server(theirs);
    start_server_thread();
    u4_trace_use(mine);
    call.conn = connect_to(ep, 5, 0);
    u4_coro_t *c = spawn(make_call, &call);
    uint32_t id = c->sequence << 16 | c->index;
    run_all(call.conn->exec);
    u4_trace_use(NULL);
    CHECK_EQ(call.status, U4_OK);

    const trace_record_t *made = need(mine, TRACE_ASYNC_CONNECT, 0);
    const trace_record_t *asked = need(mine, TRACE_ASYNC_REQUEST, 0);
    const trace_record_t *taken = need(theirs, TRACE_ASYNC_TAKE, 0);
    const trace_record_t *answered = need(theirs, TRACE_ASYNC_REPLY, 0);
    const trace_record_t *got = need(mine, TRACE_ASYNC_ANSWER, 0);
    CHECK_EQ(need(theirs, TRACE_ASYNC_CONNECT, 0)->a, made->a);
    CHECK(asked->a == made->a && taken->a == made->a && answered->a == made->a);
    CHECK(taken->b == asked->b && answered->b == asked->b && got->b == asked->b);
    CHECK(asked->c == 7 && got->c == 8);
    CHECK(asked->time <= taken->time && taken->time <= answered->time &&
          answered->time <= got->time);
    CHECK_EQ(asked->d, 1);
    CHECK_EQ(need(mine, TRACE_ASYNC_NOTIFY, 0)->b, 1);

    CHECK_EQ(need(mine, TRACE_CORO_SPAWN, 0)->a, id);
    CHECK_EQ(need(mine, TRACE_CORO_RUN, 0)->a, id);
    const trace_record_t *blocked = need(mine, TRACE_CORO_BLOCK, 0);
    CHECK(blocked->a == id && blocked->b == made->a && blocked->c == asked->b);
    CHECK_EQ(blocked->h, TRACE_CORO_WAIT_CALL);
    CHECK_EQ(need(mine, TRACE_CORO_RUN, 1)->a, 0);
    CHECK_EQ(need(mine, TRACE_CORO_WAKE, 0)->a, id);
    CHECK_EQ(need(mine, TRACE_CORO_END, 0)->a, id);
}

static void copy_one(void *error)
{
    *(seL4_Error *)error =
        reL4_CNode_Copy(CNODE, make_slot(), DEPTH, CNODE, make_endpoint(), DEPTH, seL4_AllRights);
}

TEST_U4(trace, syscall, "an async system call's events, from submission to its answer")
{
    static u4_sysring_t ring;
    trace_ring_t *mine = new_ring(seL4_CapInitThreadTCB);
    seL4_Error error = seL4_NumErrors;

    u4_trace_use(mine);
    u4_exec_t *e = make_exec("calls", 4);
    memset(&ring, 0, sizeof ring);
    CHECK_EQ(u4_sysring_open(&ring, seL4_CapInitThreadTCB, 4), U4_OK);
    ring.mode = U4_CALLS_ASYNC;
    spawn(copy_one, &error);
    run_all(e);
    u4_trace_use(NULL);
    CHECK_EQ(error, seL4_NoError);
    const trace_record_t *submitted = need(mine, TRACE_ASYNC_SUBMIT, 0);
    CHECK_EQ(submitted->b, CNodeCopy);
    CHECK_EQ(submitted->h, 2); /* lines */
    CHECK_EQ(need(mine, TRACE_ASYNC_FETCH, 0)->a, submitted->a);
    CHECK_EQ(need(mine, TRACE_CORO_BLOCK, 0)->c, submitted->a);
    u4_sysring_close(&ring);
}

TEST_U4(trace, late, "a thread may get its ring, and lose it, at any time")
{
    trace_ring_t *mine = new_ring(seL4_CapInitThreadTCB);
    u4_conn_t *conn = connect_to(start_server(1, NULL), 5, 0);
    call_t call = {.conn = conn, .repeat = 3};

    for (int round = 0; round < 3; round++) {
        u4_trace_use(round == 1 ? mine : NULL);
        spawn(make_call, &call);
        run_all(conn->exec);
        CHECK_EQ(call.status, U4_OK);
    }
    need(mine, TRACE_ASYNC_ANSWER, 2);
    CHECK(!record(mine, TRACE_ASYNC_ANSWER, 3));
    CHECK(!record(mine, TRACE_ASYNC_REQUEST, 3));
}
