/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system with what only MCS kernels have:
 *
 *   client       has called front, front has called back: both are passive, back runs on client's
 *                time, and waits for a notification that nobody signals
 *   limited      has used its 1 ms of 10 s up, and waits in the release queue
 *   limited-too  the same, with 1 ms of 20 s, so behind it
 *   late         the same, but its timeout handler has been told, and does not answer
 *   starved      is ready, but has no scheduling context
 *   caller-b     waits to call front
 *   notified     is passive; its notification has a scheduling context for it
 */
#include "tests/guest/guest.h"

#include "ready.h"

enum { PRIO_ROOT = 100, PRIO_SERVER = 120, PRIO_THREADS = 110 };
enum { SLOT_A = 1, SLOT_B = 2, SLOT_REPLY = 3 };
enum { MS = 1000, BUDGET = MS, PERIOD = 10000 * MS, BADGE_LATE = 77, SC_BITS = 8, REFILLS = 3 };

static seL4_Word pending; /* of those that use their budgets up: how many still have to */

static void serve_for_ever(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_A, &badge, SLOT_REPLY);
    seL4_Call(SLOT_B, seL4_MessageInfo_new(2, 0, 0, 0));
}

static void serve_and_wait(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_A, &badge, SLOT_REPLY);
    seL4_Wait(SLOT_B, &badge);
}

static void call(u4_thread_t *self)
{
    (void)self;
    seL4_Call(SLOT_A, seL4_MessageInfo_new(1, 0, 0, 0));
}

static void wait(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Wait(SLOT_A, &badge);
}

static void use_up(u4_thread_t *self)
{
    (void)self;
    pending--;
    for (;;)
        __asm__ volatile("" ::: "memory");
}

static void configure(seL4_CPtr sc, seL4_Word period, seL4_Word badge)
{
    check(
        seL4_SchedControl_ConfigureFlags(u4_boot_sched_control(), sc, BUDGET, period, 0, badge, 0),
        "configuring a scheduling context");
}

/* Starts a server, which then waits without time of its own. */
static void start_passive(const char *name, void (*entry)(u4_thread_t *), seL4_CPtr cspace)
{
    u4_thread_t *t = start(name, PRIO_SERVER, entry, cspace);

    check(seL4_SchedContext_Unbind(t->sched_context), "taking a server's time");
}

static void make_calls(void)
{
    seL4_CPtr to_front = make(seL4_EndpointObject, 0), to_back = make(seL4_EndpointObject, 0);
    seL4_CPtr of_front = make_cspace(), of_back = make_cspace(), of_client = make_cspace();

    put(of_front, SLOT_A, to_front, seL4_CanRead, 0);
    put(of_front, SLOT_B, to_back, seL4_CapRights_new(1, 0, 0, 1), 0xf0);
    put(of_front, SLOT_REPLY, make(seL4_ReplyObject, 0), seL4_AllRights, 0);
    put(of_back, SLOT_A, to_back, seL4_CanRead, 0);
    put(of_back, SLOT_B, make(seL4_NotificationObject, 0), seL4_CanRead, 0);
    put(of_back, SLOT_REPLY, make(seL4_ReplyObject, 0), seL4_AllRights, 0);
    put(of_client, SLOT_A, to_front, seL4_CapRights_new(1, 0, 0, 1), 0xc1);
    start_passive("back", serve_and_wait, of_back);
    start_passive("front", serve_for_ever, of_front);
    start("client", PRIO_THREADS, call, of_client);
    start("caller-b", PRIO_THREADS, call, of_client);
}

static u4_thread_t *with_budget(const char *name, seL4_Word period, seL4_Word badge)
{
    u4_thread_t *t =
        new_thread(name, PRIO_THREADS, use_up, make_cspace(), GUARD(seL4_WordBits - RADIX, 0));

    configure(t->sched_context, period, badge);
    pending++;
    return t;
}

static void make_timed(void)
{
    u4_thread_t *late = with_budget("late", 3 * PERIOD, BADGE_LATE);
    seL4_CPtr handler = make(seL4_EndpointObject, 0);

    check(seL4_TCB_SetTimeoutEndpoint(late->tcb,
                                      mint(handler, seL4_CapRights_new(0, 1, 0, 1), BADGE_LATE)),
          "setting a timeout handler");
    check(seL4_TCB_Resume(with_budget("limited-too", 2 * PERIOD, 0)->tcb), "starting limited-too");
    check(seL4_TCB_Resume(with_budget("limited", PERIOD, 0)->tcb), "starting limited");
    check(seL4_TCB_Resume(late->tcb), "starting late");
}

static void make_timeless(void)
{
    seL4_CPtr ntfn = make(seL4_NotificationObject, 0), sc = make(seL4_SchedContextObject, SC_BITS);
    seL4_CPtr of_notified = make_cspace();
    u4_thread_t *starved;

    put(of_notified, SLOT_A, ntfn, seL4_CanRead, 0);
    start_passive("notified", wait, of_notified);
    check(seL4_SchedControl_ConfigureFlags(u4_boot_sched_control(), sc, BUDGET, PERIOD, REFILLS, 5,
                                           0),
          "configuring a notification's time");
    check(seL4_SchedContext_Bind(sc, ntfn), "binding time to a notification");
    starved = new_thread("starved", PRIO_THREADS, use_up, make_cspace(), 0);
    check(seL4_SchedContext_Unbind(starved->sched_context), "taking a thread's time");
    check(seL4_TCB_Resume(starved->tcb), "starting a thread without time");
}

int main(void)
{
    guest_begin(PRIO_ROOT);
    make_calls();
    make_timed();
    make_timeless();
    if (pending)
        puts("guest: there are threads that have not run");
    gdb_test_ready();
}
