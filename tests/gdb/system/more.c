/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system for the commands about coroutines and user interrupts:
 *
 *   root      has an executor "pair" with a coroutine that waits for an event and one that waits
 *             for the other's end, has sent vector 5 to the receiver, and takes one itself
 *   receiver  takes user interrupts, and waits for some
 */
#include <stdio.h>

#include <u4/coro.h>
#include <u4/thread.h>
#include <u4/u4.h>
#include <u4/uintr.h>

#include "memory.h"

enum { PRIO_ROOT = 100, PRIO_RECEIVER = 110, STACK = 4096, VECTOR = 5, TABLE_BITS = 14 };
#define CNODE seL4_CapInitThreadCNode

void gdb_test_ready(void);

static u4_alloc_t alloc;
static u4_vspace_t vspace;
static u4_exec_t executor;
static u4_coro_t *patient;
static u4_thread_t receiver;
static u4_uintr_t of_root, of_receiver;
static seL4_CPtr ntfn;
static char stack[STACK] __attribute__((aligned(16)));

static void check(seL4_Error error, const char *what)
{
    if (!error)
        return;
    printf("gdb-more: %s: seL4 error %d\n", what, (int)error);
    for (;;)
        seL4_Yield();
}

static seL4_CPtr make(seL4_Word type, seL4_Word bits)
{
    seL4_CPtr cap = 0;

    check(u4_alloc_object(&alloc, type, bits, &cap), "making an object");
    return cap;
}

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

static void make_receiver(void)
{
    const u4_thread_env_t env = {
        .alloc = &alloc, .vspace = &vspace, .cspace = CNODE, .authority = seL4_CapInitThreadTCB};
    const u4_thread_config_t config = {.name = "receiver",
                                       .entry = receive,
                                       .stack = stack,
                                       .stack_size = STACK,
                                       .priority = PRIO_RECEIVER,
                                       .mcp = PRIO_RECEIVER};

    ntfn = make(seL4_NotificationObject, 0);
    check(u4_thread_create(&receiver, &env, &config), "making the receiver");
    check(seL4_TCB_Resume(receiver.tcb), "starting the receiver");
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
    seL4_CPtr vector = u4_alloc_slots(&alloc, 2), to_root = vector + 1;

    check(u4_uintr_init(&of_root, seL4_CapInitThreadTCB, table), "root's user interrupts");
    check(seL4_CNode_Mint(CNODE, vector, seL4_WordBits, CNODE, ntfn, seL4_WordBits, seL4_CanWrite,
                          VECTOR),
          "minting a vector");
    check(seL4_CNode_Mint(CNODE, to_root, seL4_WordBits, CNODE, own, seL4_WordBits, seL4_CanWrite,
                          VECTOR),
          "minting root's vector");
    u4_uintr_on(&of_root, VECTOR, arrived, NULL);
    check(u4_uintr_receive(&of_root, own, 0), "root's receiving");
    reL4_Signal(vector);
    make_event(to_root);
}

__attribute__((noinline)) void gdb_test_ready(void)
{
    for (;;)
        __asm__ volatile("" ::: "memory");
}

int main(void)
{
    seL4_CPtr tcb = seL4_CapInitThreadTCB;

    use_largest_untyped(&alloc);
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    u4_name_thread(tcb, "root");
    check(seL4_TCB_SetPriority(tcb, tcb, PRIO_ROOT), "setting root's priority");
    make_coroutines();
    make_receiver();
    make_sender();
    gdb_test_ready();
}
