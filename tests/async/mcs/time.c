/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose time the kernel uses for a ring of system calls (docs/mcs.md). */
#include <string.h>

#include "../async.h"
#include "tests/kernel/mcs/time.h"

enum { LARGE_JOBS = 30 };

/* A thread with a ring: submits, lets the kernel come by, and waits for the completions. */
static struct {
    u4_exec_t exec;
    u4_sysring_t ring;
    u4_thread_t *thread;
    seL4_CPtr memory, frame; /* an Untyped of 2 MiB, and the slot for what is made of it */
    seL4_CPtr victim;        /* or the capability to delete */
    seL4_CPtr told;          /* a notification, if it shall signal that and go on, not wait */
    seL4_CPtr asked;         /* an endpoint, if it shall call that first */
    volatile bool done;
} owner;

/* Each pair zeroes 2 MiB: about a quarter of a millisecond. */
static void submit_large(void)
{
    for (unsigned i = 0; i < LARGE_JOBS; i++) {
        submit_by_hand(
            &owner.ring, seL4_MessageInfo_new(UntypedRetype, 0, 1, 6),
            (seL4_Word[8]){owner.memory, CNODE, seL4_RISCV_Mega_Page, 0, 0, 0, owner.frame, 1});
        submit_by_hand(&owner.ring, INFO(CNodeRevoke, 2),
                       (seL4_Word[3]){CNODE, owner.memory, DEPTH});
    }
}

static void own(u4_thread_t *self)
{
    u4_vspace_t window = {seL4_CapInitThreadVSpace, &test_alloc, test_vspace.next + 0x40000000};
    seL4_Word badge;

    CHECK_EQ(u4_exec_init(&owner.exec, &(u4_exec_config_t){.name = "owner",
                                                           .alloc = &test_alloc,
                                                           .vspace = &window,
                                                           .capacity = 2,
                                                           .stack_pages = 1}),
             U4_OK);
    CHECK_EQ(u4_sysring_open(&owner.ring, self->tcb, 8), U4_OK);
    if (owner.victim)
        submit_delete(&owner.ring, owner.victim);
    else
        submit_large();
    u4_ring_arm(&owner.ring.rings->response.armed);
    (void)u4_sys_value((seL4_Word)u4_SysAsyncWake, 0, 0);
    if (owner.told) {
        seL4_Signal(owner.told);
        for (;;)
            ;
    }
    if (owner.asked)
        (void)seL4_Call(owner.asked, INFO(0, 0));
    do {
        log_add('w');
        seL4_Wait(owner.exec.notification, &badge);
        u4_ring_arm(&owner.ring.rings->response.armed);
    } while (u4_shared(owner.ring.rings->request.tail) != owner.ring.tx.head);
    owner.done = true;
    for (;;)
        seL4_Wait(owner.exec.notification, &badge);
}

static void reset_owner(void)
{
    if (owner.exec.magic)
        u4_exec_fini(&owner.exec);
    memset(&owner, 0, sizeof owner);
}

/* The rest of `owner` is set. */
static void start_at(seL4_Word priority)
{
    if (!owner.victim) {
        owner.memory = make_untyped(21);
        owner.frame = make_slot();
    }
    owner.thread = thread("owner", priority, own, NULL);
    start(owner.thread);
}

static void start_owner(seL4_CPtr victim)
{
    reset_owner();
    owner.victim = victim;
    start_at(PRIO_HIGH);
}

static seL4_Word consumed(seL4_CPtr sc)
{
    seL4_SchedContext_Consumed_t used = seL4_SchedContext_Consumed(sc);

    CHECK_OK(used.error);
    return used.consumed;
}

TEST_U4(ring_time, owner, "its owner pays, not who was interrupted for it")
{
    seL4_Word used, work;

    start_owner(0);
    (void)consumed(owner.thread->sched_context);
    used = consumed(seL4_CapInitThreadSC);
    while (!owner.done)
        spend(10);
    work = consumed(owner.thread->sched_context);
    used = consumed(seL4_CapInitThreadSC);
    CHECK(work > 5000);
    /* The root thread ran until the kernel came by. */
    CHECK(used < 3000);
}

TEST_U4(ring_time, budget, "no more is done per period than the owner has budget for")
{
    seL4_Word from, to, work;

    start_owner(0);
    CHECK_OK(configure_time(owner.thread->sched_context, 1000, 10000));
    (void)consumed(owner.thread->sched_context);
    from = u4_now();
    while (!owner.done)
        spend(10);
    to = u4_now();
    work = consumed(owner.thread->sched_context);
    CHECK(work > 5000);
    CHECK(work <= (to - from) / 10 / 10 + 2000);
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
}

TEST_U4(ring_time, loan, "a passive owner's ring is served on its notification's time")
{
    seL4_CPtr victim = copy(make_endpoint(), seL4_AllRights), tcb = make_tcb(), sc;

    start_owner(victim);
    sc = owner.thread->sched_context;
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, owner.thread->tcb));
    CHECK_OK(seL4_SchedContext_Bind(sc, owner.exec.notification));
    CHECK(!slot_empty(victim));
    spend(5000);
    CHECK(slot_empty(victim));
    CHECK(owner.done);
    CHECK_OK(seL4_SchedContext_Bind(sc, tcb)); /* it waits again, and has given it back */
}

TEST_U4(ring_time, none, "without time anywhere a ring waits")
{
    seL4_CPtr victim = copy(make_endpoint(), seL4_AllRights);

    start_owner(victim);
    CHECK_OK(seL4_SchedContext_Unbind(owner.thread->sched_context));
    spend(5000);
    CHECK(!slot_empty(victim));
    CHECK_OK(seL4_SchedContext_Bind(owner.thread->sched_context, owner.thread->tcb));
    spend(5000);
    CHECK(slot_empty(victim));
    CHECK(owner.done);
}

/* Leaves the hart to whoever has time, for three ticks of the kernel. */
static void sleep_on(seL4_CPtr ntfn)
{
    (void)u4_signal_wait(ntfn, NULL, 0, u4_now() + u4_ticks_per_second() / 160, 0);
}

TEST_U4(ring_time, runnable,
        "an owner that does not wait borrows no time: its ring waits as it does")
{
    seL4_CPtr victim = copy(make_endpoint(), seL4_AllRights), told = make_notification(), sc;

    reset_owner();
    owner.victim = victim;
    owner.told = told;
    start_at(PRIO_LOW);
    seL4_Wait(told, NULL);
    sc = owner.thread->sched_context;
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, owner.thread->tcb));
    CHECK_OK(seL4_SchedContext_Bind(sc, owner.exec.notification));
    sleep_on(told);
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    CHECK(!slot_empty(victim));
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, owner.exec.notification));
    CHECK_OK(seL4_SchedContext_Bind(sc, owner.thread->tcb));
    sleep_on(told);
    CHECK(slot_empty(victim));
    CHECK_OK(seL4_TCB_Suspend(owner.thread->tcb));
}

TEST_U4(ring_time, answered,
        "an owner whose call is answered when its budget is used up goes on later")
{
    reset_owner();
    owner.asked = make_endpoint();
    start_at(PRIO_HIGH);
    (void)seL4_Recv(owner.asked, NULL);
    CHECK_OK(configure_time(owner.thread->sched_context, 1000, 20000));
    spend(5000);
    CHECK(u4_shared(owner.ring.rings->request.tail) != owner.ring.tx.head);
    seL4_Reply(INFO(0, 0));
    u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    while (!owner.done)
        spend(10);
    CHECK_OK(seL4_TCB_Suspend(owner.thread->tcb));
}

TEST_U4(ring_time, yield_to, "YieldTo cannot be made by a ring")
{
    uint64_t info;

    (void)make_exec("yield", 4);
    reset_owner();
    CHECK_EQ(u4_sysring_open(&owner.ring, seL4_CapInitThreadTCB, 4), U4_OK);
    submit_by_hand(&owner.ring, INFO(SchedContextYieldTo, 0),
                   &thread("t", PRIO_LOW, own, NULL)->sched_context);
    (void)u4_sys_value((seL4_Word)u4_SysAsyncWake, U4_ASYNC_NOW, 0);
    (void)u4_ring_peek(&owner.ring.rx, &info);
    CHECK_EQ(u4_shared(owner.ring.rings->response.head), 1);
    CHECK_EQ(seL4_MessageInfo_get_label((seL4_MessageInfo_t){{info}}), seL4_IllegalOperation);
    u4_sysring_close(&owner.ring);
}
