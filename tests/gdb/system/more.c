/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system for the commands about coroutines and user interrupts:
 *
 *   root      has an executor "pair" with a coroutine that waits for an event and one that waits
 *             for the other's end, has sent vector 5 to the receiver, takes one itself, and has a
 *             trace ring with events of its own
 *   receiver  takes user interrupts, and waits for some
 *   away      receives them, too, but waits for a message: two vectors are pending for it
 */
#include <u4/coro.h>
#include <u4/trace.h>
#include <u4/uintr.h>

#include "tests/guest/guest.h"

#include "ready.h"

enum { PRIO_ROOT = 100, PRIO_RECEIVER = 110, VECTOR = 5, OTHER_VECTOR = 40, TABLE_BITS = 14 };

U4_EVENT(block_read, "A block was read.", sector, uint, latency, ticks)
U4_COUNTER(free_blocks, "How many blocks are free.")

static u4_exec_t executor;
static u4_coro_t *patient;
static u4_uintr_t of_root, of_receiver, of_away;
static seL4_CPtr ntfn, for_away, nobody;

__attribute__((noinline)) static void wait_for_ever(void)
{
    u4_coro_block(U4_WAIT_EVENT, &executor, U4_NEVER);
    __asm__ volatile(""); /* no tail call: it stays in backtraces */
}

static void wait(void *argument)
{
    (void)argument;
    wait_for_ever();
}

static void join(void *argument)
{
    u4_coro_join(argument, U4_NEVER);
}

static void make_coroutines(void)
{
    const u4_exec_config_t config = {
        .name = "pair", .alloc = &alloc, .vspace = &vspace, .capacity = 4, .stack_pages = 1};

    if (u4_exec_init(&executor, &config) != U4_OK)
        printf("gdb-more: no executor\n");
    patient = u4_coro_spawn("patient", 3, wait, NULL);
    u4_coro_spawn("joiner", 4, join, patient);
    u4_exec_run_until_blocked(&executor);
}

static void arrived(unsigned vector, void *argument)
{
    (void)vector;
    (void)argument;
}

static void receive(u4_thread_t *self)
{
    check(u4_uintr_init(&of_receiver, self->tcb, 0), "the receiver's user interrupts");
    u4_uintr_on(&of_receiver, VECTOR, arrived, NULL);
    check(u4_uintr_receive(&of_receiver, ntfn, 0), "receiving");
    for (;;)
        (void)reL4_Wait();
}

static void stay_away(u4_thread_t *self)
{
    seL4_Word badge;

    check(u4_uintr_init(&of_away, self->tcb, 0), "user interrupts of who is away");
    u4_uintr_on(&of_away, VECTOR, arrived, NULL);
    check(u4_uintr_receive(&of_away, for_away, 0), "receiving by who is away");
    seL4_Recv(nobody, &badge);
}

static void make_receiver(void)
{
    ntfn = make(seL4_NotificationObject, 0);
    check(seL4_TCB_Resume(new_thread("receiver", PRIO_RECEIVER, receive, CNODE, 0)->tcb),
          "starting the receiver");
    for_away = make(seL4_NotificationObject, 0);
    nobody = make(seL4_EndpointObject, 0);
    check(seL4_TCB_Resume(new_thread("away", PRIO_RECEIVER, stay_away, CNODE, 0)->tcb),
          "starting who is away");
}

/* Root has a trace ring, with events that the common table has, and some of its own. */
static void make_events(void)
{
    static const uint64_t all[TRACE_MASK_WORDS] = {~0ull, ~0ull, ~0ull, ~0ull};
    seL4_CPtr trace = u4_trace_cap();
    trace_ring_t *ring;

    check(u4_trace_set_mask(trace, U4_TRACE_USER_RINGS, NULL, all), "turning events on");
    check(u4_trace_new_ring(&vspace, trace, seL4_CapInitThreadTCB, seL4_PageBits, &ring),
          "making a trace ring");
    u4_trace_use(ring);
    U4_TRACE(user_mark, 3, 0x1234, 0);
    U4_EMIT(block_read, 17, 42);
    U4_EMIT(free_blocks, -5);
    u4_trace_use(NULL);
}

/* Interrupts root itself. */
__attribute__((noinline)) static void make_event(seL4_CPtr to_root)
{
    reL4_Signal(to_root);
}

__attribute__((noinline)) static void make_sender(void)
{
    seL4_CPtr table = make(u4_SenderTableObject, TABLE_BITS),
              own = make(seL4_NotificationObject, 0);
    seL4_CPtr vector = mint(ntfn, seL4_CanWrite, VECTOR),
              to_root = mint(own, seL4_CanWrite, VECTOR);

    check(u4_uintr_init(&of_root, seL4_CapInitThreadTCB, table), "root's user interrupts");
    u4_uintr_on(&of_root, VECTOR, arrived, NULL);
    check(u4_uintr_receive(&of_root, own, 0), "root's receiving");
    reL4_Signal(vector);
    reL4_Signal(mint(for_away, seL4_CanWrite, VECTOR));
    reL4_Signal(mint(for_away, seL4_CanWrite, OTHER_VECTOR));
    make_event(to_root);
}

int main(void)
{
    guest_begin(PRIO_ROOT);
    make_events();
    make_coroutines();
    make_receiver();
    make_sender();
    gdb_test_ready();
}
