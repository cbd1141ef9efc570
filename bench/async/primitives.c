/* SPDX-License-Identifier: BSD-2-Clause */
#include "async.h"

enum { ROUNDS = 64 };

static uint64_t fewest;
static volatile uint64_t stamp;

static void take(uint64_t start, uint64_t end)
{
    uint64_t n = end - start - overhead;

    if (n < fewest)
        fewest = n;
}

static void report(const char *name)
{
    printf("bench: %s %lu\n", name, (unsigned long)fewest);
    fewest = UINT64_MAX;
}

static u4_context_t here, there;
static char stack[4096] __attribute__((aligned(16)));

/* Where the other side begins, as coroutines do (runtime/async/switch.S). */
__asm__("begin: sd t1, 0(a0)\n\tj other_side");
void begin(void);

__attribute__((used)) static void other_side(void)
{
    for (;;) {
        take(stamp, instructions());
        (void)u4_switch(&there, &here, NULL);
    }
}

/* From before one side's u4_switch() to behind the other's. */
static void bench_switch(void)
{
    there.ra = (seL4_Word)begin;
    there.sp = (seL4_Word)(stack + sizeof stack);
    for (int i = 0; i < ROUNDS; i++) {
        stamp = instructions();
        (void)u4_switch(&here, &there, NULL);
    }
    report("coro_switch");
}

static void yielder(void *argument)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i > 2)
            take(stamp, instructions());
        stamp = instructions();
        u4_coro_yield();
    }
    (void)argument;
}

/* From one coroutine's yield to the other's return from its own: choice and switch. */
static void bench_yield(void)
{
    static u4_exec_t exec;
    const u4_exec_config_t config = {
        .name = "yield", .alloc = &alloc, .vspace = &vspace, .capacity = 2, .stack_pages = 1};

    need(u4_exec_init(&exec, &config) == U4_OK, "make an executor");
    (void)u4_coro_spawn("a", 4, yielder, NULL);
    (void)u4_coro_spawn("b", 4, yielder, NULL);
    need(u4_exec_run_until_complete(&exec, NULL) == U4_OK, "run coroutines");
    report("coro_yield");
    u4_exec_fini(&exec);
}

static u4_ring_control_t control;
static u4_ring_line_t lines[16];
static u4_producer_t producer;
static u4_consumer_t consumer;

/* As the runtime's inline calls do it, with the look for room, and for what is there. */
static inline __attribute__((always_inline)) bool push(u4_producer_t *p, uint64_t first,
                                                       uint64_t info, const seL4_Word *words)
{
    if (p->limit == p->head && !u4_producer_refresh(p))
        return false;
    u4_ring_push_line(p, first, info, words);
    return true;
}

static inline __attribute__((always_inline)) bool pop(u4_consumer_t *c, seL4_Word *words)
{
    bool broken = false;
    uint64_t info, first;

    if (u4_ring_empty(c, &broken))
        return false;
    first = u4_ring_peek(c, &info);
    if (u4_ring_kind(first) != U4_RING_REQUEST)
        return false;
    u4_ring_take_line(c, info, words, U4_RING_FIRST_WORDS);
    return true;
}

static void bench_ring(unsigned length, const char *push_name, const char *pop_name)
{
    seL4_Word words[U4_RING_FIRST_WORDS] = {1, 2, 3, 4, 5, 6};
    uint64_t pushes = UINT64_MAX, pops = UINT64_MAX;

    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < 8; j++) {
            uint64_t a = instructions();
            (void)push(&producer, u4_ring_first(7, U4_RING_REQUEST), length, words);
            take(a, instructions());
        }
        pushes = fewest < pushes ? fewest : pushes;
        fewest = UINT64_MAX;
        for (int j = 0; j < 8; j++) {
            uint64_t a = instructions();
            (void)pop(&consumer, words);
            take(a, instructions());
        }
        pops = fewest < pops ? fewest : pops;
        fewest = UINT64_MAX;
    }
    fewest = pushes;
    report(push_name);
    fewest = pops;
    report(pop_name);
}

void bench_primitives(void)
{
    fewest = UINT64_MAX;
    bench_switch();
    bench_yield();
    u4_producer_init(&producer, &control, lines, 4);
    u4_consumer_init(&consumer, &control, lines, 4);
    bench_ring(0, "ring_push", "ring_pop");
    bench_ring(4, "ring_push_4_words", "ring_pop_4_words");
}
