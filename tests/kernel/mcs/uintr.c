/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose time a receiver of user interrupts uses (docs/uintr.md). */
#include "../uintr.h"

#include "time.h"

static peer_t peer;

/* A peer that waits or receives, without time of its own. */
static void start_passive(peer_mode_t mode)
{
    self_send();
    peer_start(&peer, mode, PRIO_HIGH);
    CHECK_OK(seL4_SchedContext_UnbindObject(peer.thread->sched_context, peer.thread->tcb));
}

/* Binding it to a thread works only while nobody has it. */
static bool time_is_free(seL4_CPtr sc)
{
    seL4_CPtr tcb = make_tcb();

    if (seL4_SchedContext_Bind(sc, tcb))
        return false;
    CHECK_OK(seL4_SchedContext_UnbindObject(sc, tcb));
    return true;
}

TEST_U4(uintr_time, notification, "a passive receiver is woken on its notification's time")
{
    seL4_CPtr sc, vector;

    start_passive(PEER_WAIT);
    sc = peer.thread->sched_context;
    vector = vector_cap(peer.ntfn, 5);
    CHECK_OK(seL4_SchedContext_Bind(sc, peer.ntfn));
    for (unsigned i = 1; i <= 3; i++) {
        CHECK_OK(reL4_Signal(vector));
        CHECK_EQ(peer.rounds, i);
        CHECK(time_is_free(sc)); /* it waits again, and has given it back */
    }
    seL4_Signal(vector_cap(peer.ntfn, 6));
    CHECK_EQ(peer.waited, 3ul << 5);
    CHECK(seL4_SchedContext_Consumed(sc).consumed < 10000);
}

TEST_U4(uintr_time, none, "without time anywhere it is woken, but runs when it is given some")
{
    start_passive(PEER_WAIT);
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 5)));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 7)));
    seL4_Yield();
    CHECK_EQ(peer.rounds, 0);
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, peer.thread->tcb));
    CHECK_EQ(peer.waited | peer.seen, 1ul << 5 | 1ul << 7);
}

TEST_U4(uintr_time, taken, "its notification's time is of no use while somebody else has it")
{
    seL4_CPtr tcb = make_tcb();

    start_passive(PEER_WAIT);
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, tcb));
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, peer.ntfn));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 5)));
    CHECK_EQ(peer.rounds, 0);
    CHECK_OK(seL4_SchedContext_UnbindObject(peer.thread->sched_context, tcb));
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, peer.thread->tcb));
    CHECK_EQ(peer.waited, 1ul << 5);
}

TEST_U4(uintr_time, used_up, "one whose budget is used up is interrupted at its next refill")
{
    self_send();
    peer_start(&peer, PEER_SPIN, ROOT_PRIO);
    CHECK_OK(configure_time(peer.thread->sched_context, 1000, 20000));
    CHECK_OK(seL4_TCB_SetPriority(peer.thread->tcb, seL4_CapInitThreadTCB, PRIO_HIGH));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 5)));
    CHECK_EQ(peer.seen, 0);
    spend(20000);
    CHECK_EQ(peer.seen, 1ul << 5);
    CHECK_OK(seL4_TCB_Suspend(peer.thread->tcb));
}

static void call_peer(u4_thread_t *thread)
{
    (void)thread;
    (void)seL4_Call(peer.endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
}

TEST_U4(uintr_time, lent, "a passive server's handler runs on the time of its next caller")
{
    u4_thread_t *caller = thread("caller", PRIO_HIGH, call_peer, NULL);

    start_passive(PEER_ENDPOINT);
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, peer.ntfn));
    CHECK_OK(reL4_Signal(vector_cap(peer.ntfn, 5)));
    /* It does not wait on the notification, whose time therefore stays where it is. */
    CHECK_EQ(peer.seen, 0);
    CHECK(time_is_free(peer.thread->sched_context));
    start(caller);
    CHECK_EQ(peer.seen, 1ul << 5);
    CHECK_EQ(peer.rounds, 1);
}

TEST_U4(uintr_time, ended, "a passive receiver whose registration ends gets no time from it")
{
    start_passive(PEER_WAIT);
    CHECK_OK(seL4_SchedContext_Bind(peer.thread->sched_context, peer.ntfn));
    CHECK_OK(u4_TCB_UnregisterReceiver(peer.thread->tcb));
    CHECK_EQ(peer.rounds, 0);
    CHECK(time_is_free(peer.thread->sched_context));
}
