/* SPDX-License-Identifier: BSD-2-Clause */
/* A memory server's work: pages mapped and unmapped, by traps and by the ring. */
#include <rel4/stubs.h>

#include "async.h"

enum { MAX = 512, ROUNDS = 8, LOG2 = 11 };

static u4_exec_t exec;
static u4_sysring_t ring;
static seL4_CPtr frames[MAX];
static seL4_Word window;

static void map_and_unmap(void *argument)
{
    seL4_Word i = (seL4_Word)argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        need(!reL4_RISCV_Page_Map(frames[i], seL4_CapInitThreadVSpace,
                                  window + (i << seL4_PageBits), seL4_ReadWrite,
                                  seL4_RISCV_ExecuteNever),
             "map a page");
        need(!reL4_RISCV_Page_Unmap(frames[i]), "unmap a page");
    }
}

/* Instructions per pair of calls; *TRAPS: kernel entries per call, in thousandths. */
static uint64_t run(unsigned concurrency, u4_calls_t mode, uint64_t *traps)
{
    uint64_t wakes = ring.wakes + ring.sync_calls, start, end;

    ring.mode = mode;
    for (seL4_Word i = 0; i < concurrency; i++)
        need(u4_coro_spawn("mapper", 4, map_and_unmap, (void *)i) != NULL, "spawn a coroutine");
    start = instructions();
    need(u4_exec_run_until_complete(&exec, NULL) == U4_OK, "run the mappers");
    end = instructions();
    *traps = (ring.wakes + ring.sync_calls - wakes) * 1000 / (2 * ROUNDS * concurrency);
    return (end - start) / (ROUNDS * concurrency);
}

/* Pairs of calls by seL4's own stubs, without coroutines. */
static uint64_t trapping(void)
{
    uint64_t start = instructions();

    for (unsigned i = 0; i < MAX; i++) {
        need(!seL4_RISCV_Page_Map(frames[i], seL4_CapInitThreadVSpace,
                                  window + ((seL4_Word)i << seL4_PageBits), seL4_ReadWrite,
                                  seL4_RISCV_ExecuteNever),
             "map a page");
        need(!seL4_RISCV_Page_Unmap(frames[i]), "unmap a page");
    }
    return (instructions() - start) / MAX;
}

static void make_pages(void)
{
    seL4_CPtr frame;

    window = u4_vspace_window(&vspace, MAX);
    for (unsigned i = 0; i < MAX; i++) { /* with the page tables */
        need(!u4_alloc_object(&alloc, seL4_RISCV_4K_Page, 0, &frame) &&
                 !u4_vspace_map(&vspace, frame, window + ((seL4_Word)i << seL4_PageBits),
                                seL4_ReadWrite, seL4_RISCV_ExecuteNever) &&
                 !seL4_RISCV_Page_Unmap(frame),
             "make a page");
        frames[i] = frame;
    }
}

void bench_memory(void)
{
    const u4_exec_config_t config = {
        .name = "memory", .alloc = &alloc, .vspace = &vspace, .capacity = MAX, .stack_pages = 1};
    uint64_t traps;

    need(u4_exec_init(&exec, &config) == U4_OK, "make an executor");
    need(u4_sysring_open(&ring, seL4_CapInitThreadTCB, LOG2) == U4_OK, "open a ring");
    ring.elsewhere = U4_SMP && harts > 1;
    exec.looks = ring.elsewhere ? LOOKS : 0;
    make_pages();
    printf("bench: map_unmap_sync %lu\n", (unsigned long)trapping());
    (void)run(MAX, U4_CALLS_SYNC, &traps);
    for (unsigned c = 8; c <= MAX; c *= 2) {
        uint64_t each = run(c, U4_CALLS_ASYNC, &traps);

        printf("bench: map_unmap_c%u %lu\n", c, (unsigned long)each);
        printf("bench: traps_c%u %lu\n", c, (unsigned long)traps);
    }
}
