/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system on several harts:
 *
 *   root       runs on hart 0, and stays there
 *   runner     runs on hart 1; next and last are ready there, and never run
 *   listener   belongs to hart 1, and waits to receive
 *   asker      belongs to hart 0, and has called answerer
 *   answerer   belongs to hart 1, has taken the call, and waits for a notification
 *
 * A third hart, if there is one, is idle.
 */
#include "tests/guest/guest.h"

#include "ready.h"

enum { PRIO_ROOT = 100, PRIO_THREADS = 110, PRIO_RUNNER = 90, PRIO_LAST = 50 };
enum { SLOT_A = 1, SLOT_B = 2 };

static volatile seL4_Word rounds, steps;

/* Between two turns it is in user mode for long, so that is where a stop finds it. */
static void run(u4_thread_t *self)
{
    (void)self;
    for (;;)
        rounds++;
}

static void never(u4_thread_t *self)
{
    (void)self;
}

static void listen(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    steps++;
    seL4_Recv(SLOT_A, &badge);
}

static void ask(u4_thread_t *self)
{
    (void)self;
    seL4_Call(SLOT_A, seL4_MessageInfo_new(3, 0, 0, 0));
}

static void answer(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_A, &badge);
    steps++;
    seL4_Wait(SLOT_B, &badge);
}

static void start_on(seL4_Word core, const char *name, seL4_Word priority,
                     void (*entry)(u4_thread_t *), seL4_CPtr cspace)
{
    u4_thread_t *t = new_thread(name, priority, entry, cspace, GUARD(seL4_WordBits - RADIX, 0));

    check(seL4_TCB_SetAffinity(t->tcb, core), "choosing a hart");
    check(seL4_TCB_Resume(t->tcb), "starting a thread");
}

static void wait_until(volatile seL4_Word *word, seL4_Word at_least)
{
    while (*word < at_least)
        seL4_Yield();
}

static void make_pair(void)
{
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    seL4_CPtr of_asker = make_cspace(), of_answerer = make_cspace();

    put(of_answerer, SLOT_A, endpoint, seL4_CanRead, 0);
    put(of_answerer, SLOT_B, make(seL4_NotificationObject, 0), seL4_CanRead, 0);
    put(of_asker, SLOT_A, endpoint, seL4_CapRights_new(1, 0, 0, 1), 0x5);
    start_on(1, "answerer", PRIO_THREADS, answer, of_answerer);
    start_on(0, "asker", PRIO_THREADS, ask, of_asker);
}

int main(void)
{
    enum { STEPS = 2, ROUNDS = 1000 };
    seL4_CPtr of_listener;

    guest_begin(PRIO_ROOT);
    if (seL4_GetBootInfo()->numNodes < 2)
        puts("guest: this needs two harts");
    of_listener = make_cspace();
    put(of_listener, SLOT_A, make(seL4_EndpointObject, 0), seL4_CanRead, 0);
    start_on(1, "listener", PRIO_THREADS, listen, of_listener);
    make_pair();
    wait_until(&steps, STEPS);
    start_on(1, "runner", PRIO_RUNNER, run, make_cspace());
    start_on(1, "next", PRIO_LAST, never, make_cspace());
    start_on(1, "last", PRIO_LAST, never, make_cspace());
    wait_until(&rounds, ROUNDS);
    gdb_test_ready();
}
