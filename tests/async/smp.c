/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings of async system calls that another hart serves, and what may happen meanwhile. */
#include "async.h"

#if U4_SMP

#include <string.h>

#include <rel4/stubs.h>

#include "harts.h"
#include "peer.h"

static volatile seL4_Word counts[8];

/* From hart 1 to before END. */
static void busy_until(seL4_Word end, seL4_Word priority)
{
    for (seL4_Word core = 1; core < end; core++) {
        counts[core] = 0;
        start(thread_on(core, priority, count_for_ever, (void *)&counts[core]));
        await_change(&counts[core], 0);
    }
}

void busy_elsewhere(seL4_Word priority)
{
    busy_until(cores(), priority);
}

enum { LOG2 = 4, LINES = 1 << LOG2 };

static u4_sysring_t ring;

/* A ring for any thread, which the root thread fills by hand. */
static void ring_of(u4_thread_t *t)
{
    seL4_CPtr ntfn = make_notification();
    u4_ring_line_t *lines;

    memset(&ring, 0, sizeof ring);
    ring.rings = make_page(&ring.frame);
    ring.tcb = t->tcb;
    seL4_SetCap(0, ring.frame);
    seL4_SetCap(1, ntfn);
    CHECK_OK(u4_invoke(t->tcb, U4AsyncRegister, 2, 1, (seL4_Word[4]){LOG2}));
    lines = (void *)((char *)ring.rings + U4_RINGS_LINES);
    u4_producer_init(&ring.tx, &ring.rings->request, lines, LOG2);
}

static seL4_Word answered(void)
{
    return u4_shared(ring.rings->response.head);
}

static volatile bool then_now;

/* Wakes the kernel without hurry, once for each step of the word, and goes on. */
static void wake_when_told(u4_thread_t *self)
{
    volatile seL4_Word *step = self->argument;

    for (seL4_Word done = 0;; done++) {
        while (*step == done)
            ;
        (void)u4_sys_value((seL4_Word)u4_SysAsyncWake, 0, 0);
        if (then_now)
            (void)u4_sys_value((seL4_Word)u4_SysAsyncWake, U4_ASYNC_NOW, 0);
    }
}

/* The root thread is on hart 0; one that owns a ring on the last; others serve. */
static u4_thread_t *owner(void)
{
    u4_thread_t *t;

    if (cores() < 3)
        test_skip("nobody else could serve");
    counts[0] = 0;
    then_now = false;
    t = thread_on(last_core(), PRIO_LOW, wake_when_told, (void *)&counts[0]);
    ring_of(t);
    start(t);
    return t;
}

static void submit_some(unsigned count)
{
    static const seL4_CPtr nothing = 0;

    for (unsigned i = 0; i < count; i++)
        submit_delete(&ring, nothing);
}

static void await_answers(seL4_Word count)
{
    for (seL4_Word i = 0; i < PATIENCE && answered() < count; i++)
        ;
    CHECK_EQ(answered(), count);
    u4_shared(ring.rings->response.tail) = count;
}

/* Longest time, in ticks, that a ring of one request waited, in ROUNDS. The harts take turns under
 * -icount: this is no time of the host's. */
static uint64_t longest_wait(void)
{
    enum { ROUNDS = 20 };
    uint64_t longest = 0;

    for (seL4_Word round = 1; round <= ROUNDS; round++) {
        uint64_t since, took;

        submit_some(1);
        since = u4_now();
        counts[0]++;
        await_answers(round);
        took = u4_now() - since;
        longest = took > longest ? took : longest;
    }
    return longest;
}

/* A tick is 2 ms. */
static uint64_t quarter_tick(void)
{
    return u4_ticks_per_second() / 2000;
}

#if U4_MCS

TEST_U4(smp, own, "its thread's own hart serves a ring, at its tick: nobody else has that time")
{
    (void)owner();
    CHECK(longest_wait() > quarter_tick());
    busy_until(last_core(), PRIO_LOW - 1);
    submit_some(1);
    counts[0]++;
    await_answers(21);
}

#else

TEST_U4(smp, idle, "an idle hart serves a ring at once, while its thread goes on")
{
    (void)owner();
    CHECK(longest_wait() < quarter_tick());
}

TEST_U4(smp, lower, "so does a hart that runs something less important")
{
    (void)owner();
    busy_until(last_core(), PRIO_LOW - 1);
    CHECK(longest_wait() < quarter_tick());
}

TEST_U4(smp, important,
        "a hart that runs something more important does not: the ring waits for its own")
{
    (void)owner();
    busy_until(last_core(), PRIO_LOW + 1);
    CHECK(longest_wait() > quarter_tick());
}

#endif

TEST_U4(smp, home, "a thread that a ring makes belongs to the submitter's hart, whoever served it")
{
    seL4_CPtr memory = make_untyped(seL4_TCBBits), slot = make_slot();

    (void)owner();
    submit_by_hand(&ring, seL4_MessageInfo_new(UntypedRetype, 0, 1, 6),
                   (seL4_Word[8]){memory, CNODE, seL4_TCBObject, 0, 0, 0, slot, 1});
    counts[0]++;
    await_answers(1);
    CHECK_EQ(seL4_DebugGetThreadAffinity(slot), last_core());
}

#if !U4_MCS
TEST_U4(smp, gives_way, "between requests other harts come into the kernel; each is made once")
{
    enum { ROUNDS = 40, REQUESTS = 10 };
    unsigned between = 0;

    (void)owner();
    for (seL4_Word round = 0; round < ROUNDS; round++) {
        then_now = round % 2;
        submit_some(REQUESTS);
        counts[0]++;
        for (seL4_Word now = 0; now < REQUESTS; now = answered() - round * REQUESTS) {
            between += now > 0;
            seL4_Yield();
        }
        await_answers((round + 1) * REQUESTS);
    }
    CHECK(between > ROUNDS / 4);
    CHECK_EQ(u4_shared(ring.rings->request.tail), ROUNDS * REQUESTS);
}
#endif

/* ---- a ring, its memory or its thread goes while another hart serves it ---- */

/* Lets the other hart do more of it from round to round. */
static void begin(u4_thread_t **t, unsigned round)
{
    *t = owner();
    submit_some(10);
    counts[0]++;
    for (seL4_Word i = 0; i < PATIENCE && answered() == 0; i++)
        ;
    for (volatile unsigned i = 0; i < round * 40; i++)
        ;
}

enum { TIMES = 12 };

TEST_U4(smp, revoked, "its memory is revoked")
{
    u4_thread_t *t;

    for (unsigned i = 0; i < TIMES; i++) {
        begin(&t, i);
        CHECK_OK(seL4_CNode_Revoke(CNODE, ring.frame, DEPTH));
        CHECK_OK(seL4_CNode_Delete(CNODE, ring.frame, DEPTH));
        u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
    }
}

TEST_U4(smp, unregistered, "it is taken from its thread, and another one put in its place")
{
    u4_thread_t *t;

    for (unsigned i = 0; i < TIMES; i++) {
        seL4_Word was;

        begin(&t, i);
        CHECK_OK(u4_invoke(t->tcb, U4AsyncUnregister, 0, 0, (seL4_Word[4]){0}));
        was = answered();
        ring_of(t);
        submit_some(2);
        counts[0]++;
        await_answers(2);
        CHECK(was <= 10);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
    }
}

TEST_U4(smp, suspended, "its thread is suspended: nothing more is made until it is resumed")
{
    u4_thread_t *t;

    for (unsigned i = 0; i < TIMES; i++) {
        seL4_Word was;

        begin(&t, i);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
        was = answered();
        for (unsigned n = 0; n < 100; n++)
            seL4_Yield();
        CHECK_EQ(answered(), was);
        start(t);
        await_answers(10);
        CHECK_OK(seL4_TCB_Suspend(t->tcb));
    }
}

TEST_U4(smp, deleted, "its thread is deleted")
{
    u4_thread_t *t;

    for (unsigned i = 0; i < TIMES; i++) {
        begin(&t, i);
        CHECK_OK(seL4_CNode_Delete(CNODE, t->tcb, DEPTH));
        u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    }
}

TEST_U4(smp, moved, "its thread moves from hart to hart, to where it is served too")
{
    u4_thread_t *t = owner();

    for (seL4_Word i = 1; i <= TIMES; i++) {
        submit_some(10);
        counts[0]++;
        CHECK_OK(move_to(t, 1 + i % (cores() - 1)));
        await_answers(10 * i);
    }
}

/* ---- the runtime's part ---- */

TEST_U4(smp, looks,
        "an executor that looks before it sleeps, and one that does not, get their answers")
{
    static call_t calls[8];
    u4_conn_t *conn = connect_to(start_server(2, NULL), 5, 0);

    for (unsigned looks = 0; looks <= 300; looks += 100) {
        conn->exec->looks = looks;
        for (unsigned i = 0; i < 8; i++) {
            calls[i] = (call_t){.conn = conn, .label = i, .length = 2, .repeat = 20};
            spawn(make_call, &calls[i]);
        }
        run_all(conn->exec);
        for (unsigned i = 0; i < 8; i++) {
            CHECK_EQ(calls[i].status, U4_OK);
            CHECK_EQ(calls[i].answer_label, i + 1);
        }
    }
}

static void fill_and_empty(void *slot)
{
    for (unsigned i = 0; i < 10; i++) {
        CHECK_OK(
            reL4_CNode_Copy(CNODE, (seL4_CPtr)slot, DEPTH, CNODE, CNODE, DEPTH, seL4_AllRights));
        CHECK_OK(reL4_CNode_Delete(CNODE, (seL4_CPtr)slot, DEPTH));
    }
}

TEST_U4(smp, elsewhere, "calls that another hart makes, while this thread sleeps or looks")
{
    u4_exec_t *e = make_exec("calls", 8);

    memset(&ring, 0, sizeof ring);
    CHECK_EQ(u4_sysring_open(&ring, seL4_CapInitThreadTCB, LOG2), U4_OK);
    ring.mode = U4_CALLS_ASYNC;
    ring.elsewhere = true;
    for (e->looks = 0; e->looks <= 300; e->looks += 100) {
        for (unsigned i = 0; i < 8; i++)
            spawn(fill_and_empty, (void *)make_slot());
        run_all(e);
    }
    CHECK_EQ(ring.async_calls, 4 * 8 * 20);
    u4_sysring_close(&ring);
}

#else

void busy_elsewhere(seL4_Word priority)
{
    (void)priority;
}

#endif
