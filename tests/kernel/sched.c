/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling: priorities and their limits, order at equal priority, time slices. */
#include "test.h"

#define SELF seL4_CapInitThreadTCB

/* A thread that logs its letter, COUNT times with a Yield after each. */
typedef struct {
    char letter;
    unsigned count;
} job_t;

static void log_and_yield(u4_thread_t *self)
{
    const job_t *job = self->argument;

    for (unsigned i = 0; i < job->count; i++) {
        log_add(job->letter);
        seL4_Yield();
    }
}

static u4_thread_t *logger(char letter, seL4_Word priority, unsigned count)
{
    static job_t jobs[16];
    job_t *job = &jobs[letter - 'a'];

    *job = (job_t){letter, count};
    return thread("logger", priority, log_and_yield, job);
}

TEST(sched, higher_first, "the most important thread runs first")
{
    u4_thread_t *low = logger('a', PRIO_LOW, 1), *high = logger('c', PRIO_LOW + 2, 1);
    u4_thread_t *middle = logger('b', PRIO_LOW + 1, 1);

    start(low);
    start(middle);
    start(high);
    CHECK_LOG("");
    let_run(PRIO_LOW);
    CHECK_LOG("cba");
}

TEST(sched, resume_preempts, "resuming a more important thread switches to it at once")
{
    start(logger('a', PRIO_HIGH, 1));
    CHECK_LOG("a");
}

TEST(sched, resume_equal, "a resumed thread of equal priority waits until one yields")
{
    start(logger('a', ROOT_PRIO, 1));
    CHECK_LOG("");
    seL4_Yield();
    CHECK_LOG("a");
}

TEST(sched, yield, "Yield takes turns at equal priority, and does not reach lower ones")
{
    start(logger('a', PRIO_LOW, 3));
    start(logger('b', PRIO_LOW, 3));
    start(logger('c', PRIO_LOW - 1, 1));
    let_run(PRIO_LOW - 1);
    CHECK_EQ(log_text()[6], 'c');
    CHECK(log_text()[0] != log_text()[1]);
    CHECK_EQ(log_text()[0], log_text()[2]);
    CHECK_EQ(log_text()[1], log_text()[3]);
    CHECK_EQ(log_text()[0], log_text()[4]);
}

TEST(sched, resume_order, "resumed threads stand at the head of their queue")
{
    start(logger('a', PRIO_LOW, 1));
    start(logger('b', PRIO_LOW, 1));
    start(logger('c', PRIO_LOW, 1));
    let_run(PRIO_LOW);
    CHECK_LOG("cba");
}

/* ---- Priorities ---- */

TEST(sched, raise, "raising a ready thread above the running one switches to it")
{
    u4_thread_t *t = logger('a', PRIO_LOW, 1);

    start(t);
    CHECK_LOG("");
    CHECK_OK(seL4_TCB_SetPriority(t->tcb, SELF, PRIO_HIGH));
    CHECK_LOG("a");
}

TEST(sched, lower_self, "a thread that lowers itself gives way")
{
    start(logger('a', PRIO_LOW, 1));
    CHECK_OK(seL4_TCB_SetPriority(SELF, SELF, PRIO_LOW - 1));
    CHECK_LOG("a");
    CHECK_OK(seL4_TCB_SetPriority(SELF, SELF, ROOT_PRIO));
}

TEST(sched, limits, "priorities are limited by the authority's maximum")
{
    seL4_CPtr tcb = make_tcb(), weak = make_tcb();

    CHECK_OK(seL4_TCB_SetMCPriority(weak, SELF, 10));
    CHECK_OK(seL4_TCB_SetPriority(tcb, weak, 10));
    CHECK_ERROR(seL4_TCB_SetPriority(tcb, weak, 11), seL4_RangeError);
    CHECK_WORDS(0, 10);
    CHECK_ERROR(seL4_TCB_SetMCPriority(tcb, weak, 11), seL4_RangeError);
    CHECK_WORDS(0, 10);
    CHECK_ERROR(seL4_TCB_SetSchedParams(tcb, weak, 11, 1), seL4_RangeError);
    CHECK_WORDS(0, 10);
    CHECK_ERROR(seL4_TCB_SetSchedParams(tcb, weak, 1, 11), seL4_RangeError);
    CHECK_WORDS(0, 10);
    CHECK_OK(seL4_TCB_SetSchedParams(tcb, weak, 1, 10));
    CHECK_ERROR(seL4_TCB_SetPriority(tcb, SELF, 256), seL4_RangeError);
    CHECK_WORDS(0, 255);
}

TEST(sched, authority, "the authority must be a TCB, and be given")
{
    seL4_CPtr tcb = make_tcb(), endpoint = make_endpoint();

    CHECK_ERROR(seL4_TCB_SetPriority(tcb, endpoint, 1), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(seL4_TCB_SetMCPriority(tcb, endpoint, 1), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(seL4_TCB_SetSchedParams(tcb, endpoint, 1, 1), seL4_InvalidCapability);
    CHECK_WORDS(1);
    CHECK_ERROR(raw(tcb, TCBSetPriority, 0, 1), seL4_TruncatedMessage);
    seL4_SetCap(0, SELF);
    CHECK_ERROR(raw(tcb, TCBSetPriority, 1, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBSetMCPriority, 0, 1), seL4_TruncatedMessage);
    CHECK_ERROR(raw(tcb, TCBSetSchedParams, 1, 1), seL4_TruncatedMessage);
}

/* ---- IPC and the choice of who runs ---- */

static void wait_and_log(u4_thread_t *self)
{
    const seL4_CPtr *cap = self->argument;

    (void)seL4_Recv(*cap, NULL);
    log_add('w');
}

TEST(sched, signal_equal, "a signal to a thread of equal priority does not switch")
{
    seL4_CPtr ntfn = make_notification();

    start(thread("waiter", ROOT_PRIO, wait_and_log, &ntfn));
    seL4_Yield();
    seL4_Signal(ntfn);
    log_add('s');
    seL4_Yield();
    CHECK_LOG("sw");
}

TEST(sched, signal_lower, "a signal to a less important thread does not switch")
{
    seL4_CPtr ntfn = make_notification();

    start(thread("waiter", PRIO_LOW, wait_and_log, &ntfn));
    let_run(PRIO_LOW);
    seL4_Signal(ntfn);
    log_add('s');
    let_run(PRIO_LOW);
    CHECK_LOG("sw");
}

static void serve_one(u4_thread_t *self)
{
    const seL4_CPtr *cap = self->argument;

    (void)seL4_Recv(*cap, NULL);
    log_add('s');
    (void)seL4_ReplyRecv(*cap, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
}

TEST(sched, call_lower, "a Call to a less important server lets those in between run first")
{
    seL4_CPtr endpoint = make_endpoint();

    start(thread("server", PRIO_LOW, serve_one, &endpoint));
    let_run(PRIO_LOW);
    start(logger('a', PRIO_LOW + 10, 1));
    (void)seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    CHECK_LOG("as");
}

static void call_and_log(u4_thread_t *self)
{
    const seL4_CPtr *cap = self->argument;

    (void)seL4_Call(*cap, seL4_MessageInfo_new(0, 0, 0, 0));
    log_add('c');
}

TEST(sched, reply_lower, "an answer to a less important caller lets those in between run first")
{
    seL4_CPtr endpoint = make_endpoint();

    start(thread("caller", PRIO_LOW, call_and_log, &endpoint));
    (void)seL4_Recv(endpoint, NULL);
    start(logger('a', PRIO_LOW + 10, 1));
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    log_add('r');
    let_run(PRIO_LOW);
    CHECK_LOG("rac");
}

TEST(sched, reply_recv_lower, "the same when the server then waits in ReplyRecv")
{
    seL4_CPtr endpoint = make_endpoint();

    start(thread("server", PRIO_HIGH, serve_one, &endpoint));
    start(thread("caller", PRIO_LOW, call_and_log, &endpoint));
    start(logger('a', PRIO_LOW - 10, 1));
    let_run(PRIO_LOW - 10);
    CHECK_LOG("sca");
}

/* ---- Time ---- */

typedef struct {
    volatile seL4_Word *turn; /* who ran last */
    seL4_Word self;
    volatile seL4_Word switches, spins;
    seL4_Word goal;
} spinner_t;

/* Runs until it has been switched to GOAL times. */
static void spin(u4_thread_t *self)
{
    spinner_t *s = self->argument;

    while (s->switches < s->goal) {
        s->spins++;
        if (*s->turn != s->self) {
            *s->turn = s->self;
            s->switches++;
        }
    }
}

TEST(sched, round_robin, "busy threads of equal priority share the time in slices")
{
    volatile seL4_Word turn = 0;
    spinner_t a = {.turn = &turn, .self = 1, .goal = 4}, b = a;
    seL4_Word more, less;

    b.self = 2;
    start(thread("a", PRIO_LOW, spin, &a));
    start(thread("b", PRIO_LOW, spin, &b));
    let_run(PRIO_LOW);
    CHECK_EQ(a.switches, 4);
    CHECK_EQ(b.switches, 4);
    more = a.spins > b.spins ? a.spins : b.spins;
    less = a.spins > b.spins ? b.spins : a.spins;
    CHECK(more - less <= more / 2);
}

static seL4_Word now(void)
{
    seL4_Word time;

    __asm__ volatile("rdtime %0" : "=r"(time));
    return time;
}

/* Notes how long it ran until another ran. */
static void measure(u4_thread_t *self)
{
    seL4_Word *length = self->argument, last = now(), begin = last;

    for (;;) {
        seL4_Word time = now();

        if (time - last > 20000) { /* 2 ms at 10 MHz: somebody else ran */
            *length = last - begin;
            return;
        }
        last = time;
    }
}

static void busy(u4_thread_t *self)
{
    (void)self;
    for (seL4_Word begin = now(); now() - begin < 500000;)
        ;
}

TEST(sched, slice, "a time slice is five ticks of 2 ms")
{
    seL4_Word length = 0;

    start(thread("busy", PRIO_LOW, busy, NULL));
    start(thread("measure", PRIO_LOW, measure, &length));
    let_run(PRIO_LOW);
    CHECK(length >= 78000 && length <= 102000); /* 10 ms at 10 MHz, the first tick is cut */
}

static void spin_forever(u4_thread_t *self)
{
    volatile seL4_Word *count = self->argument;

    for (;;)
        ++*count;
}

TEST(sched, starve, "a busy thread does not let less important ones run")
{
    volatile seL4_Word count = 0;

    start(thread("starved", PRIO_LOW, spin_forever, (void *)(uintptr_t)&count));
    start(thread("busy", PRIO_LOW + 1, busy, NULL));
    let_run(PRIO_LOW + 1);
    CHECK_EQ(count, 0);
}
