/* SPDX-License-Identifier: BSD-2-Clause */
/* Three threads with trace rings signal each other by user interrupts: one is preempted by its
 * signals, one waits for them. What was sent and handled is printed. */
#include <stdio.h>
#include <stdlib.h>

#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/trace.h>
#include <u4/u4.h>
#include <u4/uintr.h>

enum { SIGNALS = 500, VECTORS = 4, PRIORITY = 100 };

typedef struct {
    u4_thread_t thread;
    u4_uintr_t u;
    seL4_CPtr ntfn, to[VECTORS];
    trace_ring_t *ring;
    volatile bool ready;
    volatile unsigned handled;
    bool waits;
} receiver_t;

static u4_alloc_t alloc;
static u4_vspace_t vspace;
static receiver_t spinner, waiter = {.waits = true};

static void need(bool ok, const char *what)
{
    if (!ok) {
        printf("cannot %s\n", what);
        exit(1);
    }
}

static seL4_CPtr object(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr cap;

    need(!u4_alloc_object(&alloc, type, size_bits, &cap), "make an object");
    return cap;
}

static void on_vector(unsigned vector, void *argument)
{
    ((receiver_t *)argument)->handled++;
    (void)vector;
}

static void receive(u4_thread_t *thread)
{
    receiver_t *r = thread->argument;

    u4_trace_use(r->ring);
    need(!u4_uintr_init(&r->u, thread->tcb, 0), "begin");
    for (unsigned v = 0; v < VECTORS; v++)
        u4_uintr_on(&r->u, v, on_vector, r);
    need(!u4_uintr_receive(&r->u, r->ntfn, 0), "receive");
    for (r->ready = true;;)
        if (r->waits)
            (void)reL4_Wait();
}

static void start(receiver_t *r, const char *name, char *stack, size_t size)
{
    const u4_thread_env_t env = {.alloc = &alloc,
                                 .vspace = &vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB};
    const u4_thread_config_t config = {.name = name,
                                       .entry = receive,
                                       .argument = r,
                                       .stack = stack,
                                       .stack_size = size,
                                       .priority = PRIORITY};
    seL4_CPtr cnode = seL4_CapInitThreadCNode;

    r->ntfn = object(seL4_NotificationObject, 0);
    for (unsigned v = 0; v < VECTORS; v++) {
        r->to[v] = u4_alloc_slots(&alloc, 1);
        need(!seL4_CNode_Mint(cnode, r->to[v], seL4_WordBits, cnode, r->ntfn, seL4_WordBits,
                              seL4_CanWrite, v),
             "make a vector");
    }
    need(!u4_thread_create(&r->thread, &env, &config), "make a thread");
    need(!u4_trace_new_ring(&vspace, u4_trace_cap(), r->thread.tcb, seL4_LargePageBits, &r->ring),
         "give it a ring");
    need(!seL4_TCB_Resume(r->thread.tcb), "start it");
    while (!r->ready)
        seL4_Yield();
}

int main(void)
{
    static char stacks[2][8192] __attribute__((aligned(16)));
    static u4_uintr_t self;
    trace_ring_t *ring;

    u4_alloc_boot(&alloc, seL4_GetBootInfo());
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    need(!u4_machine_init(&vspace), "use the machine");
    need(!seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY), "yield");
    need(!u4_trace_new_ring(&vspace, u4_trace_cap(), seL4_CapInitThreadTCB, seL4_LargePageBits,
                            &ring),
         "get a ring");
    u4_trace_use(ring);
    need(!u4_uintr_init(&self, seL4_CapInitThreadTCB,
                        object(u4_SenderTableObject, u4_MinSenderTableBits)),
         "send");
    start(&spinner, "spinner", stacks[0], sizeof stacks[0]);
    start(&waiter, "waiter", stacks[1], sizeof stacks[1]);
    for (unsigned i = 0; i < SIGNALS; i++) {
        need(!reL4_Signal(spinner.to[i % VECTORS]) && !reL4_Signal(waiter.to[i % VECTORS]),
             "signal");
        if (i % 3 == 0)
            seL4_Yield();
    }
    seL4_Yield();
    printf("sent %d handled %u\n", 2 * SIGNALS, spinner.handled + waiter.handled);
    return 0;
}
