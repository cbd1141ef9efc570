/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "async.h"

static void *letter(char c)
{
    static char all[128];

    all[(int)c] = c;
    return &all[(int)c];
}

static void say(void *letter)
{
    log_add(*(const char *)letter);
    u4_coro_yield();
    log_add(*(const char *)letter);
}

TEST(coro, order, "coroutines of one priority take turns")
{
    u4_exec_t *e = make_exec("turns", 4);

    spawn(say, letter('a'));
    spawn(say, letter('b'));
    spawn(say, letter('c'));
    run_all(e);
    CHECK_LOG("abcabc");
}

TEST(coro, priority, "the most important one goes first")
{
    u4_exec_t *e = make_exec("prio", 8);

    for (unsigned i = 0; i < 8; i++)
        CHECK(u4_coro_spawn("p", i, say, letter((char)('0' + i))) != NULL);
    CHECK(u4_coro_spawn("none", 7, say, letter('x')) == NULL);
    run_all(e);
    CHECK_LOG("7766554433221100");
    CHECK(u4_coro_spawn("none", 8, say, letter('x')) == NULL);
}

static void joiner(void *other)
{
    log_add('j');
    CHECK_EQ(u4_coro_join(other, U4_NEVER), U4_OK);
    log_add('J');
}

TEST(coro, join, "join waits for the end, and not for what has ended")
{
    u4_exec_t *e = make_exec("join", 4);
    u4_coro_t *c = spawn(say, letter('a'));

    spawn(joiner, c);
    spawn(joiner, c);
    run_all(e);
    CHECK_LOG("ajjaJJ");
    spawn(joiner, c);
    run_all(e);
    CHECK_LOG("ajjaJJjJ");
}

static void blocker(void *result)
{
    *(u4_status_t *)result = u4_coro_block(U4_WAIT_EVENT, NULL, U4_NEVER);
}

TEST(coro, wake, "wake ends a wait; a run until blocked leaves the others waiting")
{
    u4_exec_t *e = make_exec("wake", 4);
    u4_status_t results[2] = {U4_INVALID, U4_INVALID};
    u4_coro_t *first = spawn(blocker, &results[0]), *second = spawn(blocker, &results[1]);

    CHECK_EQ(u4_exec_run_until_blocked(e), U4_STUCK);
    CHECK_EQ(first->state, U4_CORO_BLOCKED);
    CHECK_EQ(first->wait, U4_WAIT_EVENT);
    u4_coro_wake(second);
    CHECK_EQ(u4_exec_run_until_complete(e, second), U4_OK);
    CHECK_EQ(results[1], U4_OK);
    CHECK_EQ(results[0], U4_INVALID);
    CHECK_EQ(u4_exec_run_until_complete(e, NULL), U4_STUCK);
    u4_coro_cancel(first);
    run_all(e);
    CHECK_EQ(results[0], U4_CANCELLED);
}

TEST(coro, cancel_early, "a cancellation that comes first ends the next wait")
{
    u4_exec_t *e = make_exec("cancel", 2);
    u4_status_t result = U4_INVALID;

    u4_coro_cancel(spawn(blocker, &result));
    run_all(e);
    CHECK_EQ(result, U4_CANCELLED);
}

typedef struct {
    uint64_t after, woke;
} nap_t;

static void nap(void *argument)
{
    nap_t *n = argument;

    u4_sleep_until(n->after);
    n->woke = u4_now();
}

TEST(coro, sleep, "sleepers wake in the order of their times, and not early")
{
    u4_exec_t *e = make_exec("sleep", 64);
    uint64_t start = u4_now(), ms = u4_ticks_per_second() / 1000;
    nap_t naps[50];

    for (unsigned i = 0; i < 50; i++) {
        naps[i].after = start + (i * 37 % 50) * ms;
        spawn(nap, &naps[i]);
    }
    run_all(e);
    for (unsigned i = 0; i < 50; i++) {
        CHECK(naps[i].woke >= naps[i].after);
        CHECK(naps[i].woke < naps[i].after + 20 * ms);
    }
    CHECK(e->sleeps > 5); /* in the kernel, and not by turning around */
    CHECK(e->sleeps < 60);
}

static void wait_some(void *result)
{
    uint64_t ms = u4_ticks_per_second() / 1000;

    *(u4_status_t *)result = u4_coro_block(U4_WAIT_EVENT, NULL, u4_now() + 5 * ms);
}

static void wake_it(void *other)
{
    u4_coro_wake(other);
}

TEST(coro, timeout, "a wait ends by its time or by a wake, whichever comes first")
{
    u4_exec_t *e = make_exec("timeout", 4);
    u4_status_t results[2] = {U4_INVALID, U4_INVALID};

    spawn(wait_some, &results[0]);
    spawn(wake_it, spawn(wait_some, &results[1]));
    run_all(e);
    CHECK_EQ(results[0], U4_TIMEOUT);
    CHECK_EQ(results[1], U4_OK);
    CHECK_EQ(e->timer_count, 0);
}

static void count(void *counter)
{
    for (int i = 0; i < 3; i++) {
        ++*(unsigned *)counter;
        u4_coro_yield();
    }
}

TEST(coro, many, "thousands of coroutines in one thread")
{
    enum { MANY = 3000 };
    static u4_exec_t e;
    u4_vspace_t big = {seL4_CapInitThreadVSpace, &boot_alloc, U4_WINDOW_BASE + 0x800000000ull};
    unsigned counter = 0;

    CHECK_EQ(u4_exec_init(&e, &(u4_exec_config_t){.name = "many",
                                                  .alloc = &boot_alloc,
                                                  .vspace = &big,
                                                  .capacity = MANY,
                                                  .stack_pages = 1}),
             U4_OK);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY; i++)
            spawn(count, &counter);
        CHECK(u4_coro_spawn("none", 0, count, &counter) == NULL);
        run_all(&e);
    }
    CHECK_EQ(counter, 2 * 3 * MANY);
    u4_exec_fini(&e);
}

static void use_floats(void *result)
{
    double sum = 0, step = *(double *)result;

    for (int i = 0; i < 100; i++) {
        sum += step;
        u4_coro_yield();
    }
    *(double *)result = sum;
}

TEST(coro, fpu, "floating point survives switches where it was asked for")
{
    static u4_exec_t e;
    double values[3] = {0.5, 3.0, 1024.25};

    CHECK_EQ(u4_exec_init(&e, &(u4_exec_config_t){.name = "fpu",
                                                  .alloc = &test_alloc,
                                                  .vspace = &test_vspace,
                                                  .capacity = 3,
                                                  .stack_pages = 1,
                                                  .fpu = true}),
             U4_OK);
    for (int i = 0; i < 3; i++)
        spawn(use_floats, &values[i]);
    run_all(&e);
    CHECK(values[0] == 50.0 && values[1] == 300.0 && values[2] == 102425.0);
    u4_exec_fini(&e);
}

static void overflow(void *depth)
{
    volatile char frame[256];

    frame[0] = (char)*(int *)depth;
    if (++*(int *)depth < 1000)
        overflow(depth);
    frame[1] = frame[0];
}

static void overflowing(u4_thread_t *self)
{
    u4_exec_t *e = make_exec("over", 3);

    *(u4_exec_t **)self->argument = e;
    spawn(say, letter('a'));
    (void)u4_coro_spawn("deep", 4, overflow, &(int){0});
    (void)u4_exec_run_until_complete(e, NULL);
    log_add('!');
}

TEST(coro, overflow, "a stack's overflow faults, and the coroutine is found by the address")
{
    seL4_CPtr ep = make_endpoint();
    seL4_Word badge;
    u4_exec_t *e = NULL;

    while (u4_exec_all) /* of earlier tests, whose addresses are used again */
        u4_exec_fini(u4_exec_all);

    start(thread_faulting("over", PRIO_LOW, overflowing, &e, ep));
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(ep, &badge)), seL4_Fault_VMFault);
    char report[200];
    u4_coro_t *c = u4_coro_overflowed(seL4_GetMR(seL4_VMFault_Addr));
    CHECK(c != NULL);
    CHECK(strcmp(c->name, "deep") == 0);
    CHECK(e->current == c);
    CHECK(u4_coro_explain(seL4_GetMR(seL4_VMFault_Addr), report, sizeof report));
    CHECK(strstr(report, "coroutine 1 \"deep\" of executor \"over\"") != NULL);
    CHECK(strstr(report, "stack") != NULL);
    CHECK(!u4_coro_explain((seL4_Word)report, report, sizeof report));
    CHECK_LOG("a");
}
