/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User interrupts across harts: not one signal is lost, whoever moves where, and nothing reaches
 * whoever is not meant. A sender counts before it sends, the receiver compares when it is interrupted:
 * the signals it finds counted since the last time are this one and those that merged with it.
 */
#include "uintr.h"

#if U4_SMP && !U4_MCS

#include <stdio.h>

#include "harts.h"

#ifndef SIGNALS /* that each sender sends; a tenth where each waits for the one before */
#define SIGNALS 2000
#endif

enum { SENDERS = 3, VECTORS = 4 };

typedef struct {
    u4_uintr_t u;
    u4_thread_t *thread;
    seL4_CPtr table;
    seL4_Word index[VECTORS];
    seL4_Word sent[VECTORS], seen[VECTORS], delivered[VECTORS], merged[VECTORS];
    seL4_Word count; /* of signals to send; 0: without end */
    bool handshake;  /* each waits until the one before has arrived */
    volatile seL4_Word total;
    volatile bool ready, done;
} sender_t;

static sender_t senders[SENDERS];
static struct {
    u4_uintr_t u;
    u4_thread_t *thread;
    seL4_CPtr ntfn;
    bool blocks;
    volatile bool ready;
    volatile seL4_Error error;
} receiver;

/* With three harts or more the root thread keeps one for itself. */
static bool apart(void)
{
    return cores() > 2;
}

/* A hart for those who take part. */
static seL4_Word other_core(seL4_Word n)
{
    return apart() ? 1 + n % (cores() - 1) : n % cores();
}

static void begin_storm(void)
{
    if (cores() < 2)
        test_skip("one hart");
    if (!apart())
        CHECK_OK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIO_LOW));
}

/* Others may be on the same hart. */
static void spin(unsigned *i)
{
    if (++*i % 256 == 0)
        seL4_Yield();
}

static void await(const volatile bool *flag, const char *what)
{
    unsigned spins = 0;

    for (seL4_Word i = 0; i < PATIENCE; i++, spin(&spins))
        if (*flag)
            return;
    test_check(false, __FILE__, __LINE__, what);
}

static void on_signal(unsigned vector, void *argument)
{
    sender_t *s = argument;
    unsigned v = vector % VECTORS;
    seL4_Word counted = __atomic_load_n(&s->sent[v], __ATOMIC_ACQUIRE);

    s->delivered[v]++;
    s->merged[v] += counted - s->seen[v] - 1;
    __atomic_store_n(&s->seen[v], counted, __ATOMIC_RELEASE);
}

static void receive(u4_thread_t *self)
{
    receiver.error = u4_uintr_init(&receiver.u, self->tcb, 0);
    for (unsigned i = 0; i < SENDERS * VECTORS; i++)
        u4_uintr_on(&receiver.u, i, on_signal, &senders[i / VECTORS]);
    if (!receiver.error)
        receiver.error = u4_uintr_receive(&receiver.u, receiver.ntfn, 0);
    receiver.ready = true;
    for (unsigned i = 0;;)
        if (receiver.blocks)
            (void)reL4_Wait();
        else
            spin(&i);
}

static void send(u4_thread_t *self)
{
    sender_t *s = self->argument;

    if (u4_uintr_init(&s->u, self->tcb, s->table))
        return;
    s->ready = true;
    for (; !s->count || s->total < s->count; s->total++) {
        unsigned v = s->total % VECTORS;
        __atomic_store_n(&s->sent[v], s->sent[v] + 1, __ATOMIC_RELEASE);
        __asm__ volatile("fence" ::: "memory");
        u4_uipi_send(s->index[v]);
        for (unsigned i = 0;
             s->handshake && __atomic_load_n(&s->seen[v], __ATOMIC_ACQUIRE) != s->sent[v];)
            spin(&i);
    }
    s->done = true;
    seL4_TCB_Suspend(self->tcb);
}

static void start_receiver(bool blocks, seL4_Word core)
{
    memset(&receiver, 0, sizeof receiver);
    receiver.ntfn = make_notification();
    receiver.blocks = blocks;
    receiver.thread = thread("receiver", PRIO_LOW, receive, NULL);
    CHECK_OK(seL4_TCB_SetAffinity(receiver.thread->tcb, core));
    start(receiver.thread);
    await(&receiver.ready, "the receiver is ready");
    CHECK_OK(receiver.error);
}

static void start_sender(unsigned n, seL4_Word count, bool handshake, seL4_Word core)
{
    sender_t *s = &senders[n];

    memset(s, 0, sizeof *s);
    s->count = handshake ? count / 10 : count;
    s->handshake = handshake;
    s->table = make_sender_table();
    for (unsigned v = 0; v < VECTORS; v++)
        s->index[v] = register_in(s->table, vector_cap(receiver.ntfn, n * VECTORS + v));
    s->thread = thread("sender", PRIO_LOW, send, s);
    CHECK_OK(seL4_TCB_SetAffinity(s->thread->tcb, core));
    start(s->thread);
    await(&s->ready, "the sender is ready");
}

/* Waits for the last signals, and adds everything up. */
static void check_sums(unsigned count)
{
    seL4_Word sent = 0, delivered = 0, merged = 0;
    unsigned spins = 0;

    for (unsigned n = 0; n < count; n++) {
        sender_t *s = &senders[n];
        for (unsigned v = 0; v < VECTORS; v++) {
            for (seL4_Word i = 0; i < PATIENCE; i++, spin(&spins))
                if (__atomic_load_n(&s->seen[v], __ATOMIC_ACQUIRE) == s->sent[v])
                    break;
            CHECK_EQ(s->delivered[v] + s->merged[v], s->sent[v]);
            CHECK(s->delivered[v] > 0 && s->delivered[v] <= s->sent[v]);
            CHECK(!s->handshake || s->merged[v] == 0);
            sent += s->sent[v];
            delivered += s->delivered[v];
            merged += s->merged[v];
        }
        CHECK_EQ(s->total, s->count);
    }
    if (u4_debug_calls())
        u4_sys_plain((seL4_Word)u4_SysCheck, 0, 0);
    printf("# %lu signals sent = %lu delivered + %lu merged\n", sent, delivered, merged);
}

static bool all_done(unsigned count)
{
    for (unsigned n = 0; n < count; n++)
        if (!senders[n].done)
            return false;
    return true;
}

/* All senders to one receiver, with `moves`: whoever takes part moves from hart to hart. */
static void storm(bool blocks, bool handshake, bool moves)
{
    unsigned count = handshake ? 1 : SENDERS, spins = 0;

    begin_storm();
    start_receiver(blocks, other_core(0));
    for (unsigned n = 0; n < count; n++)
        start_sender(n, SIGNALS, handshake, other_core(1 + (apart() ? n % (cores() - 2) : 0)));
    for (seL4_Word turn = 0, last = 0; !all_done(count);) {
        const sender_t *s = &senders[turn % count];
        spin(&spins);
        /* Moving without pause, nobody would come to do anything else. */
        if (!moves || (s->total - last < 5 && !s->done))
            continue;
        CHECK_OK(seL4_TCB_SetAffinity(receiver.thread->tcb, other_core(turn)));
        CHECK_OK(seL4_TCB_SetAffinity(s->thread->tcb, other_core(turn / 2)));
        turn++;
        last = senders[turn % count].total;
    }
    check_sums(count);
}

TEST_U4(smp_uintr, running, "signals of several harts to a receiver that runs")
{
    storm(false, false, false);
}

TEST_U4(smp_uintr, blocked, "signals of several harts to a receiver that waits")
{
    storm(true, false, false);
}

TEST_U4(smp_uintr, one_by_one, "each signal waits for the one before: none merges, none is lost")
{
    storm(false, true, false);
}

TEST_U4(smp_uintr, wakes, "each signal wakes a waiting receiver of another hart")
{
    storm(true, true, false);
}

TEST_U4(smp_uintr, moving, "receiver and senders move while signals are under way")
{
    storm(false, false, true);
}

TEST_U4(smp_uintr, moving_blocked, "a waiting receiver moves while signals are under way")
{
    storm(true, false, true);
}

TEST_U4(smp_uintr, moving_one_by_one, "no signal is lost between two harts, one by one")
{
    storm(true, true, true);
}

/* Lets the sender send some more. */
static void let_send(const sender_t *s)
{
    seL4_Word until = s->total + 50;
    unsigned spins = 0;

    for (seL4_Word i = 0; i < PATIENCE; i++, spin(&spins))
        if (s->total >= until)
            return;
    test_check(false, __FILE__, __LINE__, "the sender goes on");
}

static void tear_down(seL4_CPtr what)
{
    begin_storm();
    start_receiver(false, other_core(0));
    start_sender(0, 0, false, other_core(1));
    let_send(&senders[0]);
    CHECK_OK(seL4_CNode_Delete(CNODE, what ? receiver.thread->tcb : receiver.ntfn, DEPTH));
    CHECK_OK(seL4_CNode_Revoke(CNODE, what ? receiver.ntfn : receiver.thread->tcb, DEPTH));
    /* It may have been preempted in its handler, and would still count what it took there. */
    if (!what)
        CHECK_OK(seL4_TCB_Suspend(receiver.thread->tcb));
    /* Another receiver, perhaps with the same entry, hears nothing of it. */
    seL4_Word delivered = senders[0].delivered[0];
    start_receiver(false, other_core(2));
    let_send(&senders[0]);
    CHECK_EQ(receiver.u.arrived, 0);
    CHECK_EQ(senders[0].delivered[0], delivered);
}

TEST_U4(smp_uintr, end_notification, "the notification is deleted while another hart sends")
{
    tear_down(0);
}

TEST_U4(smp_uintr, end_receiver, "the receiver is deleted while another hart sends")
{
    tear_down(1);
}

#endif
