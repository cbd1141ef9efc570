/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two harts that write their trace rings as fast as they can: on each a client calls its server,
 * whose messages tell a number and its complement, and leaves the same in a ring of its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include <u4/alloc.h>
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/trace.h>
#include <u4/u4.h>

#ifndef CALLS /* of each client */
#define CALLS 20000
#endif

U4_EVENT(called, "A call has come back.", number, uint, complement, uint)

enum { HARTS = 2, PRIORITY = 100 };

static u4_alloc_t alloc;
static u4_vspace_t vspace;
static struct pair {
    u4_thread_t client, server;
    char stacks[2][8192] __attribute__((aligned(16)));
    seL4_CPtr endpoint;
    trace_ring_t *ring;
} pairs[HARTS];

static void need(bool ok, const char *what)
{
    if (!ok) {
        printf("cannot %s\n", what);
        exit(1);
    }
}

static void serve(u4_thread_t *self)
{
    const struct pair *p = self->argument;
    seL4_MessageInfo_t info = seL4_Recv(p->endpoint, NULL);
    for (;;)
        info = seL4_ReplyRecv(p->endpoint, info, NULL);
}

static void call(u4_thread_t *self)
{
    const struct pair *p = self->argument;
    u4_trace_use(p->ring);
    for (seL4_Word i = 0; i < CALLS; i++) {
        seL4_SetMR(0, i);
        seL4_SetMR(1, ~i);
        seL4_Call(p->endpoint, seL4_MessageInfo_new(0, 0, 0, 2));
        U4_EMIT(called, i, ~i);
    }
}

static void start(u4_thread_t *thread, struct pair *p, void (*entry)(u4_thread_t *), char *stack)
{
    const u4_thread_env_t env = {.alloc = &alloc,
                                 .vspace = &vspace,
                                 .cspace = seL4_CapInitThreadCNode,
                                 .authority = seL4_CapInitThreadTCB};
    const u4_thread_config_t config = {.name = entry == call ? "client" : "server",
                                       .entry = entry,
                                       .argument = p,
                                       .stack = stack,
                                       .stack_size = sizeof p->stacks[0],
                                       .priority = PRIORITY};

    need(!u4_thread_create(thread, &env, &config), "make a thread");
    need(!seL4_TCB_SetAffinity(thread->tcb, (seL4_Word)(p - pairs)), "give it a hart");
    if (entry == call)
        need(!u4_trace_new_ring(&vspace, u4_trace_cap(), thread->tcb, seL4_PageBits, &p->ring),
             "give it a ring");
    need(!seL4_TCB_Resume(thread->tcb), "start it");
}

int main(void)
{
    u4_alloc_boot(&alloc, seL4_GetBootInfo());
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    need(!u4_machine_init(&vspace), "use the machine");
    need(seL4_GetBootInfo()->numNodes >= HARTS, "run on two harts");
    need(!seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY), "yield");
    for (struct pair *p = pairs; p < pairs + HARTS; p++) {
        need(!u4_alloc_object(&alloc, seL4_EndpointObject, 0, &p->endpoint), "make an endpoint");
        start(&p->server, p, serve, p->stacks[0]);
    }
    for (struct pair *p = pairs; p < pairs + HARTS; p++)
        start(&p->client, p, call, p->stacks[1]);
    for (struct pair *p = pairs; p < pairs + HARTS; p++) {
        while (!p->client.done)
            seL4_Yield();
        need(!u4_trace_end_ring(u4_trace_cap(), p->client.tcb), "end a ring");
    }
    printf("race: %d calls each\n", CALLS);
    return 0;
}
