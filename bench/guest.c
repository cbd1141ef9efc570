/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The measured program, a root task: runs each operation some hundred times under -icount, where
 * the instret counter counts every instruction of user and kernel, and prints the fewest that one
 * took as "bench: NAME VALUE". What a figure includes is said at its function; the two counter
 * reads are taken off.
 */
#include <stdio.h>
#include <stdlib.h>

#include <u4/alloc.h>
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/trace.h>
#include <u4/u4.h>

#include "bench.h"

enum { STACK = 8192, THREADS = 8 };

static u4_alloc_t alloc;
static u4_vspace_t vspace;
static u4_thread_env_t env;
static seL4_CPtr endpoint, notification;
static uint64_t overhead;
static volatile uint64_t stamp;
static volatile uint64_t fewest;

void bench_need(bool ok, const char *what)
{
    if (!ok) {
        printf("bench: cannot %s\n", what);
        exit(1);
    }
}

void bench_report(const char *name)
{
    printf("bench: %s %lu\n", name, (unsigned long)fewest);
    fewest = UINT64_MAX;
}

void bench_take(uint64_t start, uint64_t end)
{
    uint64_t n = end - start - overhead;
    if (n < fewest)
        fewest = n;
}

static void start(u4_thread_t *thread, void (*entry)(u4_thread_t *), seL4_Word priority,
                  char *stack)
{
    u4_thread_config_t config = {
        .entry = entry,
        .stack = stack,
        .stack_size = STACK,
        .priority = priority,
        .mcp = priority,
    };
    bench_need(u4_thread_create(thread, &env, &config) == seL4_NoError, "create a thread");
    bench_need(seL4_TCB_Resume(thread->tcb) == seL4_NoError, "start a thread");
}

static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static unsigned stacks_used = 3; /* the first ones are for threads that are named below */

void bench_start(void (*entry)(u4_thread_t *), seL4_Word priority)
{
    static u4_thread_t threads[THREADS];

    bench_need(stacks_used < THREADS, "take another stack");
    start(&threads[stacks_used], entry, priority, stacks[stacks_used]);
    stacks_used++;
}

seL4_CPtr bench_object(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr cap = 0;

    bench_need(u4_alloc_object(&alloc, type, size_bits, &cap) == seL4_NoError, "make an object");
    return cap;
}

#if U4_MCS
static seL4_CPtr reply;
#define OVER_REPLY , reply

/* The server runs on its callers' time. */
static void make_passive(const u4_thread_t *thread)
{
    bench_need(seL4_SchedContext_Unbind(thread->sched_context) == seL4_NoError,
               "take a thread's time");
}
static void prepare(void)
{
    reply = bench_object(seL4_ReplyObject, 0);
}
#else
#define OVER_REPLY

static void make_passive(const u4_thread_t *thread)
{
    (void)thread;
}
static void prepare(void) {}
#endif

static void server(u4_thread_t *self)
{
    (void)self;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL OVER_REPLY);
    for (;;)
        info = seL4_ReplyRecv(endpoint,
                              seL4_MessageInfo_new(0, 0, 0, seL4_MessageInfo_get_length(info)),
                              NULL OVER_REPLY);
}

/* Call to an equally important server and its reply: from before one ecall to after it. */
static void round_trip(const char *name, unsigned length)
{
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, length));
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report(name);
}

/* A system call that does next to nothing: into the kernel, the mark event if it is on, out. */
static void entry_exit(const char *name)
{
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        register seL4_Word number __asm__("a7") = (seL4_Word)u4_SysTraceMark;
        register seL4_Word kind __asm__("a0") = 1;
        register seL4_Word value __asm__("a1") = i;
        __asm__ volatile("ecall" ::"r"(number), "r"(kind), "r"(value) : "memory");
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report(name);
}

/* The same while a trigger is armed that looks for something else. */
static void entry_exit_watched(void)
{
    trace_trigger_t trigger = {
        .state = TRACE_TRIGGER_ARMED,
        .event = TRACE_DEBUG_MARK,
        .conditions = 1,
        .condition = {{TRACE_FIELD_debug_mark_kind, .op = TRACE_OP_EQ, .value = 2}},
    };
    if (u4_trace_cap()) {
        bench_need(!u4_trace_set_trigger(u4_trace_cap(), 0, &trigger), "arm a trigger");
        entry_exit("kernel_entry_exit_watched");
        trigger.state = TRACE_TRIGGER_OFF;
        bench_need(!u4_trace_set_trigger(u4_trace_cap(), 0, &trigger), "disarm a trigger");
    }
}

static void signal_nobody(void)
{
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        seL4_Signal(notification);
        uint64_t b = bench_now();
        bench_take(a, b);
        seL4_Poll(notification, NULL);
    }
    bench_report("signal_nobody_waits");
}

static void waiter(u4_thread_t *self)
{
    (void)self;
    for (;;) {
        seL4_Wait(notification, NULL);
        uint64_t b = bench_now();
        bench_take(stamp, b);
    }
}

/* From before the signal to the more important waiter's first instruction. */
static void signal_waiter(void)
{
    static u4_thread_t thread;
    start(&thread, waiter, BENCH_PRIORITY + 20, stacks[1]);
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        stamp = bench_now();
        seL4_Signal(notification);
    }
    bench_report("signal_to_waiter");
    bench_need(seL4_TCB_Suspend(thread.tcb) == seL4_NoError, "stop a thread");
}

static void yielder(u4_thread_t *self)
{
    (void)self;
    for (;;) {
        stamp = bench_now();
        seL4_Yield();
    }
}

/* From one thread's yield to the other's next instruction. */
static void yield(void)
{
    static u4_thread_t thread;
    start(&thread, yielder, BENCH_PRIORITY, stacks[2]);
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        seL4_Yield();
        uint64_t b = bench_now();
        if (i)
            bench_take(stamp, b);
    }
    bench_report("yield");
    bench_need(seL4_TCB_Suspend(thread.tcb) == seL4_NoError, "stop a thread");
}

static void capabilities(void)
{
    seL4_CPtr slot = u4_alloc_slots(&alloc, 1);
    seL4_CNode cnode = seL4_CapInitThreadCNode;
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        seL4_CNode_Mint(cnode, slot, seL4_WordBits, cnode, endpoint, seL4_WordBits, seL4_AllRights,
                        7);
        uint64_t b = bench_now();
        bench_take(a, b);
        seL4_CNode_Delete(cnode, slot, seL4_WordBits);
    }
    bench_report("cnode_mint");
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        seL4_CNode_Mint(cnode, slot, seL4_WordBits, cnode, endpoint, seL4_WordBits, seL4_AllRights,
                        7);
        uint64_t a = bench_now();
        seL4_CNode_Delete(cnode, slot, seL4_WordBits);
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    bench_report("cnode_delete");
}

int main(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    u4_alloc_boot(&alloc, info);
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    bench_need(u4_machine_init(&vspace) == seL4_NoError, "use the machine");
    env = (u4_thread_env_t){
        .alloc = &alloc,
        .vspace = &vspace,
        .cspace = seL4_CapInitThreadCNode,
        .cspace_data =
            seL4_CNode_CapData_new(0, seL4_WordBits - info->initThreadCNodeSizeBits).words[0],
        .authority = seL4_CapInitThreadTCB,
        .sched_control = u4_boot_sched_control(),
    };
    prepare();
    bench_need(u4_alloc_object(&alloc, seL4_EndpointObject, 0, &endpoint) == seL4_NoError,
               "make an endpoint");
    bench_need(u4_alloc_object(&alloc, seL4_NotificationObject, 0, &notification) == seL4_NoError,
               "make a notification");
    bench_need(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, BENCH_PRIORITY) ==
                   seL4_NoError,
               "set the priority");
    fewest = UINT64_MAX;
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t a = bench_now();
        uint64_t b = bench_now();
        bench_take(a, b);
    }
    overhead = fewest;
    bench_report("counter_overhead");

    static u4_thread_t thread;
    start(&thread, server, BENCH_PRIORITY, stacks[0]);
    seL4_Yield();
    make_passive(&thread);
    round_trip("round_trip", 0);
    round_trip("round_trip_4_words", 4);
    round_trip("round_trip_10_words", 10);
    entry_exit("kernel_entry_exit");
    entry_exit_watched();
    signal_nobody();
    signal_waiter();
    yield();
    capabilities();
    bench_uintr();
    printf("bench: done\n");
    return 0;
}
