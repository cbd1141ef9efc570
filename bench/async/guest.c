/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The measured program of the async runtime, a root task: instructions per operation under
 * -icount, user's and kernel's together, printed as "bench: NAME VALUE". Figures that are shares
 * are in thousandths.
 */
#include <string.h>

#include "async.h"

u4_alloc_t alloc;
u4_vspace_t vspace;
u4_thread_env_t env;
uint64_t overhead;

void need(bool ok, const char *what)
{
    if (!ok) {
        printf("bench: cannot %s\n", what);
        exit(1);
    }
}

static void measure_overhead(void)
{
    overhead = UINT64_MAX;
    for (int i = 0; i < 100; i++) {
        uint64_t a = instructions(), b = instructions();

        if (b - a < overhead)
            overhead = b - a;
    }
}

void start_thread_on(unsigned hart, u4_thread_t *thread, void (*entry)(u4_thread_t *), char *stack,
                     size_t size)
{
    u4_thread_config_t config = {
        .entry = entry, .stack = stack, .stack_size = size, .priority = PRIORITY, .mcp = PRIORITY};

    need(u4_thread_create(thread, &env, &config) == seL4_NoError, "create a thread");
#if U4_SMP
    need(seL4_TCB_SetAffinity(thread->tcb, hart) == seL4_NoError, "choose a thread's hart");
#endif
    (void)hart;
    need(seL4_TCB_Resume(thread->tcb) == seL4_NoError, "start a thread");
}

void start_thread(u4_thread_t *thread, void (*entry)(u4_thread_t *), char *stack, size_t size)
{
    start_thread_on(U4_SMP && harts > 1, thread, entry, stack, size);
}

int main(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();

    u4_alloc_boot(&alloc, info);
    u4_vspace_init(&vspace, &alloc, seL4_CapInitThreadVSpace);
    need(u4_machine_init(&vspace) == seL4_NoError, "use the machine");
    env = (u4_thread_env_t){
        .alloc = &alloc,
        .vspace = &vspace,
        .cspace = seL4_CapInitThreadCNode,
        .cspace_data =
            seL4_CNode_CapData_new(0, seL4_WordBits - info->initThreadCNodeSizeBits).words[0],
        .authority = seL4_CapInitThreadTCB,
    };
    need(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, PRIORITY) ==
             seL4_NoError,
         "set the priority");
#if U4_SMP
    harts_init();
    bench_harts();
#endif
    measure_overhead();
    bench_primitives();
    bench_sync();
    bench_ipc();
    bench_memory();
    printf("bench: done\n");
    return 0;
}
