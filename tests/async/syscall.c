/* SPDX-License-Identifier: BSD-2-Clause */
/* Async system calls: results, order, and what happens when the ring or the thread goes. */
#include <string.h>

#include <rel4/stubs.h>

#include "async.h"

static u4_sysring_t ring;

static u4_exec_t *open_ring(unsigned log2)
{
    u4_exec_t *e = make_exec("calls", 64);

    memset(&ring, 0, sizeof ring);
    CHECK_EQ(u4_sysring_open(&ring, seL4_CapInitThreadTCB, log2), U4_OK);
    ring.mode = U4_CALLS_ASYNC;
    return e;
}

typedef struct {
    seL4_CPtr from, to;
    seL4_Error error;
} copy_t;

static void copy_it(void *argument)
{
    copy_t *c = argument;

    c->error = reL4_CNode_Copy(CNODE, c->to, DEPTH, CNODE, c->from, DEPTH, seL4_AllRights);
}

TEST_U4(syscall, batch, "many calls share one kernel entry")
{
    enum { COPIES = 40 };
    copy_t copies[COPIES];
    seL4_CPtr ep = make_endpoint();
    u4_exec_t *e = open_ring(8);

    for (unsigned i = 0; i < COPIES; i++) {
        copies[i] = (copy_t){ep, make_slot(), seL4_NumErrors};
        spawn(copy_it, &copies[i]);
    }
    run_all(e);
    for (unsigned i = 0; i < COPIES; i++) {
        CHECK_EQ(copies[i].error, seL4_NoError);
        CHECK(!slot_empty(copies[i].to));
    }
    CHECK_EQ(ring.wakes, 1);
    CHECK_EQ(ring.async_calls, COPIES);
    u4_sysring_close(&ring);
}

TEST_U4(syscall, small, "a ring of one page, with more calls than it has lines")
{
    enum { COPIES = 60 };
    copy_t copies[COPIES];
    seL4_CPtr ep = make_endpoint();
    u4_exec_t *e = open_ring(4);

    for (unsigned i = 0; i < COPIES; i++) {
        copies[i] = (copy_t){ep, make_slot(), seL4_NumErrors};
        spawn(copy_it, &copies[i]);
    }
    run_all(e);
    for (unsigned i = 0; i < COPIES; i++)
        CHECK_EQ(copies[i].error, seL4_NoError);
    u4_sysring_close(&ring);
}

static void fail_in_every_way(void *argument)
{
    seL4_CPtr ep = *(seL4_CPtr *)argument;
    seL4_UserContext regs;

    CHECK_ERROR(reL4_CNode_Copy(CNODE, ep, DEPTH, CNODE, ep, DEPTH, seL4_AllRights),
                seL4_DeleteFirst);
    CHECK_ERROR(reL4_CNode_Delete(CNODE, ep, 65), seL4_RangeError);
    CHECK_WORDS(1, 64);
    CHECK_ERROR(reL4_TCB_Suspend(ep), seL4_IllegalOperation); /* a message, not a call */
    CHECK_ERROR(reL4_TCB_Suspend(0x123456789), seL4_FailedLookup);
    CHECK_ERROR(reL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, 0, 0, 2, &regs),
                seL4_IllegalOperation);
#if U4_MCS
    CHECK_ERROR(u4_async_invoke(seL4_CapInitThreadSC, SchedContextYieldTo, 0, 0, (seL4_Word[4]){0}),
                seL4_IllegalOperation); /* by a trap */
#else
    CHECK_ERROR(u4_async_invoke(CNODE, CNodeSaveCaller, 0, 2, (seL4_Word[4]){make_slot(), DEPTH}),
                seL4_NoError); /* by a trap */
#endif
    log_add('.');
}

TEST_U4(syscall, errors, "errors and their details are those of the trapping call")
{
    seL4_CPtr ep = make_endpoint();
    u4_exec_t *e = open_ring(8);

    spawn(fail_in_every_way, &ep);
    run_all(e);
    CHECK_LOG(".");
    CHECK_EQ(ring.sync_calls, 1);
    u4_sysring_close(&ring);
}

static void read_back(void *argument)
{
    u4_thread_t *t = argument;
    seL4_UserContext in, out = {0};

    for (int i = 0; i < 32; i++)
        (&in.pc)[i] = 0x1000 + (seL4_Word)i;
    CHECK_OK(reL4_TCB_WriteRegisters(t->tcb, 0, 0, 32, &in));
    CHECK_OK(reL4_TCB_ReadRegisters(t->tcb, 0, 0, 32, &out));
    CHECK_EQ(memcmp(&in, &out, sizeof in), 0);
    log_add('.');
}

static void nothing(u4_thread_t *self)
{
    (void)self;
}

TEST_U4(syscall, long_answers, "requests and answers of many words")
{
    u4_exec_t *e = open_ring(8);

    spawn(read_back, thread("target", PRIO_LOW, nothing, NULL));
    run_all(e);
    CHECK_LOG(".");
    u4_sysring_close(&ring);
}

TEST_U4(syscall, choice, "the named calls choose by kind, and say why")
{
    u4_exec_t *e = open_ring(8);
    seL4_CPtr ep = make_endpoint();
    copy_t c[2] = {{ep, make_slot(), 0}, {ep, make_slot(), 0}};
    const char *why;

    ring.mode = U4_CALLS_AUTO;
    CHECK(!u4_calls_async(CNodeCopy, &why));
    CHECK(strstr(why, "not in a coroutine") != NULL);
    spawn(copy_it, &c[0]);
    run_all(e);
    CHECK_EQ(ring.async_calls, 0);
    CHECK_EQ(ring.sync_calls, 1);
    c[0].to = make_slot();
    spawn(copy_it, &c[0]);
    spawn(copy_it, &c[1]);
    run_all(e);
    CHECK_EQ(ring.async_calls, 2);
    ring.mode = U4_CALLS_SYNC;
    CHECK(!u4_calls_async(CNodeCopy, &why));
    u4_sysring_close(&ring);
    CHECK(!u4_calls_async(CNodeCopy, &why));
    CHECK(strstr(why, "no ring") != NULL);
}

static seL4_Word wake(seL4_Word flags)
{
    return u4_sys_value((seL4_Word)u4_SysAsyncWake, flags, 0);
}

TEST_U4(syscall, revoked, "a ring whose memory is revoked ends what waits on it")
{
    u4_exec_t *e = open_ring(8);
    copy_t c = {make_endpoint(), make_slot(), 0};

    spawn(copy_it, &c);
    CHECK_OK(seL4_CNode_Revoke(CNODE, ring.frame, DEPTH));
    run_all(e);
    CHECK_EQ(c.error, U4_ErrorClosed);
    CHECK(!ring.open);
    CHECK_EQ(wake(U4_ASYNC_NOW), U4_ASYNC_NO_RING);
}

TEST_U4(syscall, garbage, "garbage in the ring: the kernel leaves it and says so")
{
    static const uint64_t kinds[] = {0, 2, 77};

    for (unsigned i = 0; i < 5; i++) {
        u4_rings_t *rings;

        (void)open_ring(4);
        rings = ring.rings;
        u4_ring_line_t *line = (void *)((char *)rings + U4_RINGS_LINES);
        if (i < 3)
            *line = (u4_ring_line_t){.first = u4_ring_first(0, kinds[i]), .info = 2};
        else if (i == 3)
            *line = (u4_ring_line_t){.first = u4_ring_first(0, U4_RING_REQUEST),
                                     .info = 120}; /* more than is there */
        u4_shared(rings->request.head) = i == 4 ? 1000 : 1;
        CHECK_EQ(wake(U4_ASYNC_NOW), U4_ASYNC_OK);
        CHECK_EQ(rings->request.closed, U4_RING_CONSUMER_CLOSED);
        CHECK_EQ(wake(U4_ASYNC_NOW), U4_ASYNC_NO_RING);
        u4_sysring_close(&ring);
    }
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
}

#define LOG2(n) ((seL4_Word[4]){n}) /* the answer comes back in it */

TEST_U4(syscall, rights, "what registering a ring checks")
{
    seL4_CPtr ntfn = make_notification(), frame = make_frame();
    seL4_CPtr tcb = seL4_CapInitThreadTCB, read_frame = copy(frame, seL4_CanRead);
    seL4_CPtr read_ntfn = copy(ntfn, seL4_CanRead);

    seL4_SetCap(0, read_frame);
    seL4_SetCap(1, ntfn);
    CHECK_ERROR(u4_invoke(tcb, U4AsyncRegister, 2, 1, LOG2(4)), seL4_InvalidCapability);
    seL4_SetCap(0, frame);
    CHECK_ERROR(u4_invoke(tcb, U4AsyncRegister, 2, 1, LOG2(5)), seL4_InvalidArgument);
    CHECK_ERROR(u4_invoke(tcb, U4AsyncRegister, 2, 1, LOG2(13)), seL4_InvalidArgument);
    seL4_SetCap(1, read_ntfn);
    CHECK_ERROR(u4_invoke(tcb, U4AsyncRegister, 2, 1, LOG2(4)), seL4_InvalidCapability);
    CHECK_ERROR(u4_invoke(tcb, U4AsyncRegister, 1, 1, LOG2(4)), seL4_TruncatedMessage);
    seL4_SetCap(1, ntfn);
    CHECK_OK(u4_invoke(tcb, U4AsyncRegister, 2, 1, LOG2(4)));
    CHECK_OK(u4_invoke(tcb, U4AsyncUnregister, 0, 0, LOG2(4)));
    CHECK_EQ(wake(0), U4_ASYNC_NO_RING);
}

/* Makes one request without hurry; returns whether it was still waiting after the call. A tick may
 * come at any time and serve it: many rounds say more than one. */
static bool waits_for_tick(seL4_Word round)
{
    seL4_CPtr slot = copy(make_endpoint(), seL4_AllRights);
    uint64_t end = u4_now() + 60 * u4_ticks_per_second();
    bool waiting;

    submit_delete(&ring, slot);
    CHECK_EQ(wake(0), U4_ASYNC_OK);
    waiting = u4_shared(ring.rings->response.head) == round;
    while (u4_shared(ring.rings->response.head) == round)
        CHECK(u4_now() < end);
    CHECK(slot_empty(slot));
    return waiting;
}

TEST_U4(syscall, tick, "without hurry the kernel comes by at its tick while the thread goes on")
{
    enum { ROUNDS = 10 };
    unsigned waited = 0;

    busy_elsewhere(PRIO_HIGH);
    (void)open_ring(8);
    for (seL4_Word round = 0; round < ROUNDS; round++)
        waited += waits_for_tick(round);
    CHECK(waited > 0);
    u4_sysring_close(&ring);
}

/* Runs for ten ticks; notes whether the request was still waiting when it began. */
static void spin_until(u4_thread_t *self)
{
    uint64_t end = u4_now() + u4_ticks_per_second() / 50;
    bool *waits = self->argument;

    *waits = u4_shared(ring.rings->response.head) == 0;
    while (u4_now() < end)
        if (*waits && u4_shared(ring.rings->response.head))
            log_add('!');
    log_add('s');
}

/* Returns whether no tick had served the request before the important thread began. */
static bool waits_behind_important(void)
{
    seL4_CPtr slot = copy(make_endpoint(), seL4_AllRights);
    bool waits = false;
    u4_thread_t *important = thread("important", PRIO_HIGH, spin_until, &waits);
    seL4_Word badge;

    log_reset();
    (void)open_ring(8);
    u4_ring_arm(&ring.rings->response.armed);
    submit_delete(&ring, slot);
    CHECK_EQ(wake(0), U4_ASYNC_OK);
    start(important);
    CHECK_LOG("s");
    seL4_Wait(ring.exec->notification, &badge);
    CHECK(slot_empty(slot));
    CHECK_EQ(u4_shared(ring.rings->response.armed), 0);
    u4_sysring_close(&ring);
    return waits;
}

TEST_U4(syscall, priority, "never ahead of a more important thread, and then when the hart is idle")
{
    unsigned rounds = 0;

    busy_elsewhere(PRIO_HIGH);
    while (!waits_behind_important())
        CHECK(++rounds < 20);
}

/* ---- what a batch does to the thread that it interrupted ---- */

static void run_for_ever(u4_thread_t *self)
{
    for (volatile seL4_Word turns = 0;; turns++)
        ;
    (void)self;
}

static void say_so(u4_thread_t *self)
{
    seL4_Signal(*(seL4_CPtr *)self->argument);
}

static u4_thread_t *victim(void)
{
    return thread("victim", PRIO_LOW, run_for_ever, NULL);
}

/* T, a victim, is interrupted by the tick at which the request is made. Then comes one of less
 * importance, which it would never let run. */
static void interrupt_with(u4_thread_t *t, seL4_MessageInfo_t info, const seL4_Word *words)
{
    seL4_CPtr bell = make_notification();
    u4_thread_t *lesser = thread("lesser", PRIO_LOW - 1, say_so, &bell);
    seL4_Word badge;

    (void)open_ring(8);
    u4_ring_arm(&ring.rings->response.armed);
    start(t);
    start(lesser);
    submit_by_hand(&ring, info, words);
    CHECK_EQ(wake(0), U4_ASYNC_OK);
    seL4_Wait(ring.exec->notification, &badge);
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    CHECK_EQ(u4_shared(ring.rings->response.head), 1);
    seL4_Wait(bell, &badge);
    u4_sysring_close(&ring);
}

TEST_U4(syscall, interrupted, "a thread that a batch interrupts is stopped, lowered, deleted by it")
{
    u4_thread_t *t = victim();

    busy_elsewhere(PRIO_HIGH);
    interrupt_with(t, INFO(TCBSuspend, 0), (seL4_Word[1]){t->tcb});
    t = victim();
    interrupt_with(t, seL4_MessageInfo_new(TCBSetPriority, 0, 1, 1),
                   (seL4_Word[3]){t->tcb, seL4_CapInitThreadTCB, PRIO_LOW - 2});
    t = victim();
    interrupt_with(t, INFO(CNodeDelete, 2), (seL4_Word[3]){CNODE, t->tcb, DEPTH});
}

TEST_U4(syscall, stopped_again, "a thread is resumed and stopped by requests of one batch")
{
    u4_thread_t *t = thread("target", PRIO_LOW, nothing, NULL);

    (void)open_ring(8);
    submit_by_hand(&ring, INFO(TCBResume, 0), (seL4_Word[1]){t->tcb});
    submit_by_hand(&ring, INFO(TCBSuspend, 0), (seL4_Word[1]){t->tcb});
    CHECK_EQ(wake(U4_ASYNC_NOW), U4_ASYNC_OK);
    CHECK_EQ(u4_shared(ring.rings->response.head), 2);
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    u4_sysring_close(&ring);
}

static void submit_and_die(u4_thread_t *self)
{
    static u4_exec_t e;
    u4_vspace_t window = {seL4_CapInitThreadVSpace, &test_alloc, test_vspace.next + 0x40000000};

    CHECK_EQ(u4_exec_init(&e, &(u4_exec_config_t){.name = "dies",
                                                  .alloc = &test_alloc,
                                                  .vspace = &window,
                                                  .capacity = 2,
                                                  .stack_pages = 1}),
             U4_OK);
    memset(&ring, 0, sizeof ring);
    CHECK_EQ(u4_sysring_open(&ring, self->tcb, 8), U4_OK);
    submit_delete(&ring, self->tcb); /* its own TCB's only capability */
    submit_delete(&ring, *(seL4_CPtr *)self->argument);
    (void)wake(U4_ASYNC_NOW);
    log_add('?');
}

TEST_U4(syscall, suicide, "a thread deletes itself by its ring: the rest of it is dropped")
{
    seL4_CPtr slot = copy(make_endpoint(), seL4_AllRights);
    u4_thread_t *t = thread("dies", PRIO_HIGH, submit_and_die, &slot);

    start(t);
    CHECK(slot_empty(t->tcb));
    CHECK(!slot_empty(slot));
    CHECK_LOG("");
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
}
