/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system with everything that the GDB commands show, in a state that is the same each time:
 *
 *   ping, pong   wait for each other: ping for pong's reply, pong to send to ping
 *   waiter       waits on a notification that the clock's interrupt signals with badge 4
 *   sender-a/-b  queue at an endpoint that nobody serves, badges 0xa1 and 0xa2
 *   server       waits to receive
 *   reader       has read 0xdead000, its fault waits for a handler
 *   lost         has called cptr 0x33, which its guard does not allow
 *   deep         has a CSpace of two levels, and waits like the server by cptr 0x5120...07
 *   idle-a/-b    are ready, of one priority, and never run
 *
 * With MANY also a CNode with that many copies of an endpoint capability. When all is set up the
 * root task stays in gdb_test_ready().
 */
#include <u4/machine.h>

#include "tests/guest/guest.h"

#include "ready.h"

enum { MANY_RADIX = 14 };
enum { PRIO_ROOT = 100, PRIO_THREADS = 110, PRIO_IDLE = 50 };
enum { SLOT_A = 1, SLOT_B = 2, SLOT_FAULT = 3 };

static void ping(u4_thread_t *self)
{
    (void)self;
    seL4_SetMR(0, 0x1111);
    seL4_Call(SLOT_A, seL4_MessageInfo_new(7, 0, 0, 1));
}

static void pong(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_A, &badge);
    seL4_Call(SLOT_B, seL4_MessageInfo_new(8, 0, 0, 0));
}

static void receive(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv(SLOT_A, &badge);
}

static void send(u4_thread_t *self)
{
    (void)self;
    seL4_Send(SLOT_A, seL4_MessageInfo_new(9, 0, 0, 0));
}

static void read_nothing(u4_thread_t *self)
{
    (void)self;
    (void)*(volatile seL4_Word *)0xdead000;
}

static void call_nothing(u4_thread_t *self)
{
    (void)self;
    seL4_Call(0x33, seL4_MessageInfo_new(0, 0, 0, 0));
}

static void receive_deep(u4_thread_t *self)
{
    seL4_Word badge;

    (void)self;
    seL4_Recv((seL4_Word)0x512 << 52 | 7, &badge);
}

static void never(u4_thread_t *self)
{
    (void)self;
}

static void make_pair(void)
{
    seL4_CPtr first = make(seL4_EndpointObject, 0), second = make(seL4_EndpointObject, 0);
    seL4_CPtr of_ping = make_cspace(), of_pong = make_cspace();

    put(of_pong, SLOT_A, first, seL4_CanRead, 0);
    put(of_pong, SLOT_B, second, seL4_CapRights_new(1, 0, 0, 1), 0x22);
    put(of_ping, SLOT_A, first, seL4_CapRights_new(1, 0, 0, 1), 0x11);
    put(of_ping, SLOT_B, second, seL4_CanRead, 0);
    start("pong", PRIO_THREADS, pong, of_pong);
    start("ping", PRIO_THREADS, ping, of_ping);
}

static void make_waiter(void)
{
    seL4_CPtr ntfn = make(seL4_NotificationObject, 0), of_waiter = make_cspace();
    seL4_CPtr irq = u4_alloc_slots(&alloc, 1);

    check(seL4_IRQControl_Get(seL4_CapIRQControl, U4_RTC_IRQ, CNODE, irq, seL4_WordBits), "irq");
    check(seL4_IRQHandler_SetNotification(irq, mint(ntfn, seL4_CanWrite, 4)),
          "binding the interrupt");
    put(of_waiter, SLOT_A, ntfn, seL4_CanRead, 0);
    start("waiter", PRIO_THREADS, receive, of_waiter);
}

static void make_senders(void)
{
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    seL4_CPtr a = make_cspace(), b = make_cspace();

    put(a, SLOT_A, endpoint, seL4_CanWrite, 0xa1);
    put(b, SLOT_A, endpoint, seL4_CanWrite, 0xa2);
    start("sender-a", PRIO_THREADS, send, a);
    start("sender-b", PRIO_THREADS, send, b);
}

static void make_faulty(void)
{
    seL4_CPtr handler = make(seL4_EndpointObject, 0);
    seL4_CPtr of_reader = make_cspace(), of_lost = make_cspace();

    put(of_reader, SLOT_FAULT, handler, seL4_CapRights_new(0, 1, 0, 1), 0xf1);
    put(of_lost, SLOT_FAULT, handler, seL4_CapRights_new(0, 1, 0, 1), 0xf2);
    start("reader", PRIO_THREADS, read_nothing, of_reader);
    start("lost", PRIO_THREADS, call_nothing, of_lost);
}

/* Guard 0x51 of 8 bits, 16 slots; in slot 2 a CNode whose guard takes all but the last 6 bits. */
static void make_deep(seL4_CPtr endpoint)
{
    enum { INNER = 6, OUTER_BITS = 8 + RADIX };
    seL4_CPtr outer = make_cspace(), inner = make(seL4_CapTableObject, INNER);
    u4_thread_t *t;

    check(seL4_CNode_Copy(inner, 7, INNER, CNODE, endpoint, seL4_WordBits, seL4_CanRead),
          "filling the inner CNode");
    put(outer, 2, inner, seL4_AllRights, GUARD(seL4_WordBits - OUTER_BITS - INNER, 0));
    t = new_thread("deep", PRIO_THREADS, receive_deep, outer, GUARD(8, 0x51));
    check(seL4_TCB_Resume(t->tcb), "starting deep");
}

static void make_many(void)
{
#ifdef MANY
    seL4_CPtr cnode = make(seL4_CapTableObject, MANY_RADIX),
              endpoint = make(seL4_EndpointObject, 0);

    for (seL4_Word i = 0; i < MANY; i++)
        check(seL4_CNode_Mint(cnode, i, MANY_RADIX, CNODE, endpoint, seL4_WordBits, seL4_AllRights,
                              i + 1),
              "minting many");
#endif
}

int main(void)
{
    seL4_CPtr endpoint, of_server;

    guest_begin(PRIO_ROOT);
    fault_ep = SLOT_FAULT;
    make_pair();
    make_waiter();
    make_senders();
    endpoint = make(seL4_EndpointObject, 0);
    of_server = make_cspace();
    put(of_server, SLOT_A, endpoint, seL4_CanRead, 0);
    start("server", PRIO_THREADS, receive, of_server);
    make_faulty();
    make_deep(endpoint);
    start("idle-a", PRIO_IDLE, never, make_cspace());
    start("idle-b", PRIO_IDLE, never, make_cspace());
    make_many();
    gdb_test_ready();
}
