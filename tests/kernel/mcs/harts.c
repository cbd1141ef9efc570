/* SPDX-License-Identifier: BSD-2-Clause */
/* Time of another hart: a thread runs where its scheduling context's time is. */
#include "time.h"

enum { OTHER = 1 };

static seL4_CPtr control(seL4_Word hart)
{
    seL4_SlotRegion controls = seL4_GetBootInfo()->schedcontrol;

    if (controls.start + hart >= controls.end)
        test_skip("one hart only");
    return controls.start + hart;
}

static seL4_Error move(seL4_CPtr sc, seL4_Word hart, seL4_Time budget, seL4_Time period)
{
    return seL4_SchedControl_ConfigureFlags(control(hart), sc, budget, period, 0, 0, 0);
}

static void count(u4_thread_t *self)
{
    volatile seL4_Word *counter = self->argument;

    for (;;)
        ++*counter;
}

/* Lets the clock go on until the counter does, too. */
static bool counts(volatile seL4_Word *counter)
{
    seL4_Word before = *counter;

    for (int i = 0; i < 1000 && *counter == before; i++)
        spend(100);
    return *counter != before;
}

TEST(harts, parallel, "a less important thread goes on beside us on another hart's time")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_LOW, count, (void *)&counter);

    (void)control(OTHER);
    start(t);
    spend(1000);
    CHECK_EQ(counter, 0);
    CHECK_OK(move(t->sched_context, OTHER, 10000, 10000));
    CHECK(counts(&counter));
    CHECK_OK(move(t->sched_context, 0, 10000, 10000)); /* while it runs there */
    counter = 0;
    spend(1000);
    CHECK_EQ(counter, 0);
    CHECK_OK(move(t->sched_context, OTHER, 10000, 10000));
    CHECK(counts(&counter));
    CHECK_OK(seL4_SchedContext_Unbind(t->sched_context)); /* likewise */
    counter = 0;
    spend(1000);
    CHECK_EQ(counter, 0);
    CHECK_OK(seL4_SchedContext_Bind(t->sched_context, t->tcb));
    CHECK(counts(&counter));
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
}

TEST(harts, budget, "budgets are kept on every hart")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_HIGH, count, (void *)&counter);
    seL4_Word used;

    CHECK_OK(move(t->sched_context, OTHER, 2000, 20000));
    start(t);
    CHECK(counts(&counter));
    spend(100000);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
    used = seL4_SchedContext_Consumed(t->sched_context).consumed;
    CHECK(used >= 4000);
    CHECK(used <= 18000);
}

static void serve(u4_thread_t *self)
{
    seL4_CPtr endpoint = *(const seL4_CPtr *)self->argument;

    (void)seL4_Recv(endpoint, NULL);
    for (;;) {
        seL4_SetMR(0, seL4_GetMR(0) + 1);
        (void)seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), NULL);
    }
}

TEST(harts, donation, "a passive server comes to its caller's hart, and back to the other's")
{
    seL4_CPtr endpoint = make_endpoint();
    u4_thread_t *server = thread("server", PRIO_HIGH, serve, &endpoint);

    (void)control(OTHER);
    start(server);
    CHECK_OK(seL4_SchedContext_Unbind(server->sched_context));
    for (seL4_Word i = 0; i < 20; i++) {
        /* We wander ourselves. */
        CHECK_OK(move(seL4_CapInitThreadSC, i % 2, 5000, 5000));
        seL4_SetMR(0, i);
        (void)seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 1));
        CHECK_EQ(seL4_GetMR(0), i + 1);
    }
    CHECK_OK(move(seL4_CapInitThreadSC, 0, 5000, 5000));
}

TEST(harts, yield_to, "YieldTo to a thread of another hart does not wait")
{
    volatile seL4_Word counter = 0;
    u4_thread_t *t = thread("count", PRIO_HIGH, count, (void *)&counter);
    seL4_SchedContext_YieldTo_t result;

    CHECK_OK(move(t->sched_context, OTHER, 10000, 10000));
    start(t);
    CHECK(counts(&counter));
    result = seL4_SchedContext_YieldTo(t->sched_context);
    CHECK_EQ(result.error, seL4_NoError);
    CHECK_OK(seL4_TCB_Suspend(t->tcb));
}
