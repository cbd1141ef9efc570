/* SPDX-License-Identifier: BSD-2-Clause */
/* The example of docs/tracing.md: a program with events of its own, in two threads. */
#include <stdio.h>
#include <stdlib.h>

#include <u4/alloc.h>
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/trace.h>
#include <u4/u4.h>

U4_EVENT(block_read, "A block was read.", sector, uint, took, ticks)
U4_EVENT(retry, "The disk was asked again.", sector, uint, attempt, uint, error, hex)
U4_COUNTER(queue_depth, "Requests that wait.")

static u4_alloc_t alloc;
static u4_vspace_t vspace;

static void need(bool ok, const char *what)
{
    if (!ok) {
        printf("cannot %s\n", what);
        exit(1);
    }
}

/* Some work that is worth seeing. */
static void serve(unsigned requests)
{
    for (unsigned i = 0; i < requests; i++) {
        uint64_t begun = trace_time();
        U4_EMIT(queue_depth, requests - i);
        if (i % 10 == 3)
            U4_EMIT(retry, 100 + i, 1, 0xe10);
        seL4_Yield();
        U4_EMIT(block_read, 100 + i, trace_time() - begun);
    }
}

static void worker(u4_thread_t *self)
{
    u4_trace_use(self->argument);
    serve(25);
}

static void start_worker(const u4_thread_env_t *env)
{
    static u4_thread_t thread;
    static char stack[8192] __attribute__((aligned(16)));
    u4_thread_config_t config = {.name = "disk",
                                 .entry = worker,
                                 .stack = stack,
                                 .stack_size = sizeof stack,
                                 .priority = 100};
    trace_ring_t *ring;

    need(!u4_thread_create(&thread, env, &config), "make a thread");
    need(!u4_trace_new_ring(&vspace, u4_trace_cap(), thread.tcb, seL4_PageBits, &ring),
         "give it a ring");
    thread.argument = ring;
    need(!seL4_TCB_Resume(thread.tcb), "start it");
    while (!thread.done)
        seL4_Yield();
    need(!u4_trace_end_ring(u4_trace_cap(), thread.tcb), "end its ring");
}

int main(void)
{
    u4_alloc_boot(&alloc, seL4_GetBootInfo());
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    need(!u4_machine_init(&vspace), "use the machine");
    u4_thread_env_t env = {.alloc = &alloc,
                           .vspace = &vspace,
                           .cspace = seL4_CapInitThreadCNode,
                           .authority = seL4_CapInitThreadTCB};
    trace_ring_t *ring;

    need(!seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 100), "yield");
    need(!u4_trace_new_ring(&vspace, u4_trace_cap(), seL4_CapInitThreadTCB, seL4_LargePageBits,
                            &ring),
         "get a ring");
    need(u4_trace_use(ring), "say what its events are");
    start_worker(&env);
    serve(1000);
    printf("all blocks read\n");
    return 0;
}
